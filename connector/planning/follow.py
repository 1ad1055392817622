"""Let an opt-out follow a lead to the id that the CRM gave it next."""

from connector.domain.change import LeadOptOut, Row
from connector.domain.ids import LeadId, PhoneNumber
from connector.planning.order import followed
from connector.planning.pending import Pending
from connector.planning.plan import Case


def follow(
    lead: LeadId, moved_to: LeadId | None, pending: Pending, case: Case
) -> tuple[LeadOptOut, ...]:
    """Return the opt-out of *moved_to* that *pending* brings about, if the lead moved.

    It has the coordinates of the record that caused it and the next part of its outcome id; chains
    are followed link by link, since the next id's lane does the same.
    """
    if moved_to is None or moved_to == lead:
        return ()
    change = pending.change
    numbers: frozenset[PhoneNumber] = frozenset(number for _, number in case.sight.blocked)
    if isinstance(change, LeadOptOut):
        numbers |= change.numbers
    cause = change.origin.outcome_id
    return (
        LeadOptOut(
            moved_to,
            followed(change.origin),
            change.revision,
            Row({}, whole=False),
            numbers,
            cause=cause,
        ),
    )
