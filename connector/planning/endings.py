"""Say how waiting changes end, now that nothing is left to do for them."""

from collections.abc import Sequence

from connector.domain.belief import QuarantinedBy
from connector.domain.change import LeadDelete
from connector.domain.ids import ListId
from connector.domain.reason import Reason, Verdict
from connector.planning.age import expired
from connector.planning.coalesce import row_change
from connector.planning.contact_row import has_no_number
from connector.planning.outlook import Outlook
from connector.planning.pending import Pending
from connector.planning.plan import Case, Done
from connector.planning.targets import NO_CONTACTS, Held
from connector.planning.time_zones import zone_reason


def finished(members: Sequence[Pending], case: Case, outlook: Outlook) -> list[Done]:
    """Return how each of *members* ends, the newest for what all of them came to."""
    return [_ended(members, at, case, outlook) for at in range(len(members))]


def _ended(members: Sequence[Pending], at: int, case: Case, outlook: Outlook) -> Done:
    pending, so_far = members[at], members[: at + 1]
    if pending.rejected:
        return Done(pending, Verdict.REJECTED, next(iter(pending.rejected.values())).reason)
    if pending.wrote():
        reason = _applied_reason(so_far, case, outlook)
        return _done(Verdict.APPLIED, reason, so_far, outlook)
    if at < len(members) - 1:
        return Done(pending, Verdict.STALE, Reason.SUPERSEDED)
    if expired(so_far, case, outlook):
        return _done(Verdict.SUPPRESSED, Reason.EXPIRED, so_far, outlook)
    return _done(Verdict.UNCHANGED, _unchanged_reason(so_far, case, outlook), so_far, outlook)


def _done(
    verdict: Verdict, reason: Reason | None, members: Sequence[Pending], outlook: Outlook
) -> Done:
    if outlook.change(members) is members[-1].change:
        return Done(members[-1], verdict, reason)
    return Done(members[-1], verdict, reason, stands=outlook.standing(members))


def _applied_reason(members: Sequence[Pending], case: Case, outlook: Outlook) -> Reason | None:
    change = row_change(members[-1])
    if isinstance(change, LeadDelete):
        return None
    wanted = outlook.wanted(members)
    for list_id, target in wanted.items():
        known = case.belief.lists.get(list_id, NO_CONTACTS)
        if isinstance(target, Held) and any(
            contact.by is QuarantinedBy.KEPT for contact in known.contacts
        ):
            return Reason.KEPT_QUARANTINED
    return Reason.PHONE_DROPPED if change.row.dropped else zone_reason(wanted, case.policy)


def _unchanged_reason(members: Sequence[Pending], case: Case, outlook: Outlook) -> Reason:
    """Return the first reason that fits, over all lists (design.md section 4, Routes)."""
    change, stands = outlook.change(members), outlook.standing(members)
    if isinstance(change, LeadDelete) or stands is None:
        return Reason.SAME_ROW if _knows_any(case) else Reason.NO_CONTACT
    if not stands.here:
        return Reason.NO_LIST
    if not stands.disqualified and has_no_number(
        change.row, case.policy.sources[case.policy.source_of(change.origin)]
    ):
        return Reason.NO_PHONE
    if any(_contacts_on(list_id, case) for list_id in stands.here):
        return Reason.SAME_ROW
    return Reason.NO_CONTACT


def _knows_any(case: Case) -> bool:
    return any(_contacts_on(list_id, case) for list_id in case.belief.lists)


def _contacts_on(list_id: ListId, case: Case) -> bool:
    return bool(case.belief.lists.get(list_id, NO_CONTACTS).contacts)
