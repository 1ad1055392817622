"""Say how waiting changes end, now that nothing is left to do for them."""

from collections.abc import Sequence
from dataclasses import replace

from connector.domain.belief import QuarantinedBy
from connector.domain.change import LeadDelete
from connector.domain.ids import ListId
from connector.domain.reason import Reason, Verdict
from connector.planning.age import expired
from connector.planning.coalesce import row_change
from connector.planning.contact_row import has_no_number
from connector.planning.deferral import deferred_lists
from connector.planning.filling import is_partial
from connector.planning.outlook import Outlook
from connector.planning.pending import Pending
from connector.planning.plan import Case, Done
from connector.planning.targets import NO_CONTACTS, Held
from connector.planning.time_zones import zone_reason


def finished(
    members: Sequence[Pending],
    case: Case,
    outlook: Outlook,
    deferred: frozenset[ListId] = frozenset(),
) -> list[Done]:
    """Return how each of *members* ends, the newest for what all of them came to.

    What the lists in *deferred* lack of them is brought there later.
    """
    ends = [_ended(members, at, case, outlook, deferred) for at in range(len(members))]
    caught_up = _caught_up(members, case, outlook) - deferred
    ends[-1] = replace(ends[-1], caught_up=caught_up)
    return [replace(each, deferred=deferred) for each in ends] if deferred else ends


def _caught_up(members: Sequence[Pending], case: Case, outlook: Outlook) -> frozenset[ListId]:
    """Return the lists that hold all that was deferred there, by changes that say all.

    A partial change leaves the rest to be caught up. A list that refused one lacks it, but is not
    asked for the same again and again.
    """
    lacking = deferred_lists(case.belief)
    if members[-1].only is not None:
        return brought(members[-1], case)
    if not lacking or is_partial(outlook.change(members)):
        return frozenset()
    return frozenset([each for each in lacking if each not in members[-1].rejected])


def brought(pending: Pending, case: Case) -> frozenset[ListId]:
    """Return the lists that have all that was deferred there once *pending* ends: none before the
    last of those that were brought there with it.
    """
    together = [each for each in case.waiting if each.only is not None]
    if pending.only is None or together[-1] is not pending:
        return frozenset()
    return pending.only


def _ended(
    members: Sequence[Pending],
    at: int,
    case: Case,
    outlook: Outlook,
    deferred: frozenset[ListId],
) -> Done:
    pending, so_far = members[at], members[: at + 1]
    if pending.rejected:
        return Done(pending, Verdict.REJECTED, next(iter(pending.rejected.values())).reason)
    if pending.wrote():
        reason = _applied_reason(so_far, case, outlook, deferred)
        return _done(Verdict.APPLIED, reason, so_far, outlook)
    if at < len(members) - 1:
        return Done(pending, Verdict.STALE, Reason.SUPERSEDED)
    if expired(so_far, case, outlook, deferred):
        return _done(Verdict.SUPPRESSED, Reason.EXPIRED, so_far, outlook)
    if deferred:
        return _done(Verdict.UNCHANGED, Reason.LIST_DEFERRED, so_far, outlook)
    return _done(Verdict.UNCHANGED, _unchanged_reason(so_far, case, outlook), so_far, outlook)


def _done(
    verdict: Verdict, reason: Reason | None, members: Sequence[Pending], outlook: Outlook
) -> Done:
    if outlook.change(members) is members[-1].change:
        return Done(members[-1], verdict, reason)
    return Done(members[-1], verdict, reason, stands=outlook.standing(members))


def _applied_reason(
    members: Sequence[Pending], case: Case, outlook: Outlook, deferred: frozenset[ListId]
) -> Reason | None:
    change = row_change(members[-1])
    put_off = Reason.LIST_DEFERRED if deferred else None
    if isinstance(change, LeadDelete):
        return put_off
    wanted = outlook.wanted(members)
    for list_id, target in wanted.items():
        known = case.belief.lists.get(list_id, NO_CONTACTS)
        if isinstance(target, Held) and any(
            contact.by is QuarantinedBy.KEPT for contact in known.contacts
        ):
            return Reason.KEPT_QUARANTINED
    if put_off is not None:
        return put_off
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
