"""What is believed of a contact after an answer, where a law of the lanes is slow to meet it."""

from connector.domain.belief import NOTHING_KNOWN, ContactBelief, ListBelief, QuarantinedBy
from connector.domain.command import QuarantineContact, Write
from connector.domain.ids import ContactId, Digest, LeadId
from connector.domain.result import Accepted
from connector.planning.evolution import evolve, never_left, ours_ahead
from connector.planning.sight import Sight
from tests.support.lane_world import ALL, SOUTH


def test_a_contact_closed_as_it_was_read_holds_no_row_that_is_known() -> None:
    """A killed predecessor may have written it: an older row that comes again must be sent."""
    known = ContactBelief(ContactId("L1"), Digest("before the kill"), callable=True)
    belief = NOTHING_KNOWN.with_lists({ALL: ListBelief((known,))})
    write = Write({"Name": "read"}, callable=False)
    command = QuarantineContact(LeadId("L1"), ALL, ContactId("L1"), None, write)
    (contact,) = evolve(belief, command, Accepted(), 7, Sight()).lists[ALL].contacts
    assert contact == ContactBelief(
        ContactId("L1"), None, callable=False, by=QuarantinedBy.OURS, since=7
    )


def test_a_quarantine_that_is_put_off_before_it_left_claims_nothing() -> None:
    """Whoever closes the contact meanwhile is somebody else; where the answer was lost, it may
    have been us.
    """
    sight, doubted = Sight(), (ALL, ContactId("L2"))
    for place in ((ALL, ContactId("L1")), doubted, (SOUTH, ContactId("L1"))):
        sight.begin_ahead(place)
    sight.doubted.add(doubted)
    assert sight.put_off({ALL}) == [(ALL, ContactId("L1"))]
    assert sight.ahead.keys() == {(SOUTH, ContactId("L1"))}
    known = ContactBelief(ContactId("L1"), Digest("row"), callable=True)
    belief = ours_ahead(NOTHING_KNOWN.with_lists({ALL: ListBelief((known,))}), ALL, known.id, 7)
    (contact,) = never_left(belief, ALL, known.id).lists[ALL].contacts
    assert (contact.by, contact.since) == (None, None)
