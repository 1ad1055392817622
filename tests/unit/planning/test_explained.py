"""What a row may hold while changes of its lead still wait with effects of theirs."""

from dataclasses import replace

from connector.domain.belief import NOTHING_KNOWN, ContactBelief, ListBelief
from connector.domain.ids import ContactId, Digest
from connector.planning.explained import explained
from tests.support.lane_world import ALL, SOUTH

OLD = ContactBelief(ContactId("L1"), Digest("old"), callable=True)
NEW = replace(OLD, digest=Digest("new"), callable=False)


def test_a_list_that_was_left_stays_so_while_its_quarantine_is_untold() -> None:
    """The change that left is told; that the contact is closed is told with one that waits. Else
    a successor takes the lead for one of the list, and opens it again.
    """
    told = NOTHING_KNOWN.with_lists({ALL: ListBelief((OLD,), routed=True)})
    belief = NOTHING_KNOWN.with_lists({ALL: ListBelief((NEW,), routed=False)})
    assert explained(belief, told, {ALL}).lists == {ALL: ListBelief((OLD,), routed=False)}


def test_a_list_that_was_joined_is_so_before_its_contact_is_told() -> None:
    """No contact is claimed there, nor a list named that nothing is known of."""
    belief = NOTHING_KNOWN.with_lists(
        {ALL: ListBelief((NEW,), looked=True, routed=True), SOUTH: ListBelief((NEW,))}
    )
    assert explained(belief, NOTHING_KNOWN, {ALL, SOUTH}).lists == {ALL: ListBelief(routed=True)}
    assert explained(belief, NOTHING_KNOWN, set()) == belief
