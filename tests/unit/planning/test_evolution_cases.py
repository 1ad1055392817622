"""What is believed of a contact after an answer, where a law of the lanes is slow to meet it."""

from connector.domain.belief import NOTHING_KNOWN, ContactBelief, ListBelief, QuarantinedBy
from connector.domain.command import QuarantineContact, Write
from connector.domain.ids import ContactId, Digest, LeadId
from connector.domain.result import Accepted
from connector.planning.evolution import evolve
from connector.planning.sight import Sight
from tests.support.lane_world import ALL


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
