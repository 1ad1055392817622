"""Decide the commonest case at once: one upsert of a lead of which nothing is known.

Nine of ten records of a first load are no more than that. `decide` says the same of them, at three
times the price; a property test holds that wherever this has a plan, the two are equal.
"""

from connector.domain.belief import ListBelief
from connector.domain.change import LeadUpsert
from connector.domain.command import UpsertContact, Urgency, Write
from connector.domain.ids import LeadId
from connector.domain.reason import Reason, Verdict
from connector.planning.age import too_old
from connector.planning.coalesce import wanted_alone
from connector.planning.contact_id import chosen_id
from connector.planning.contact_row import full_row
from connector.planning.pending import Door, Pending
from connector.planning.plan import Case, Done, Plan
from connector.planning.policy import ListPolicy
from connector.planning.targets import Held, Wanted, completed
from connector.planning.time_zones import zone_reason


def decide_alone(case: Case) -> Plan | None:
    """Return the plan for *case* where it is that simple, None where `decide` must look closer.

    Either nothing of the lead is known and each list that takes it gets the row, or that was done
    and accepted everywhere, and the change is done.
    """
    if len(case.waiting) != 1 or case.busy or case.deferral.gates:
        return None
    (pending,) = case.waiting
    if not _is_plain(pending) or not _is_untold(case):
        return None
    wanted = wanted_alone(pending, case.policy)
    if case.belief.lists:
        return _accepted(case, pending, wanted)
    return _new(case, pending, wanted)


def _is_plain(pending: Pending) -> bool:
    change = pending.change
    return (
        type(change) is LeadUpsert
        and change.row.whole
        and pending.door is Door.APPLY
        and not pending.rejected
    )


def _is_untold(case: Case) -> bool:
    """Say whether no change of the lead was settled yet and nothing is in doubt."""
    belief = case.belief
    return (
        not belief.marks
        and belief.opt_out is None
        and case.accepted is None
        and not case.sight.doubted
    )


def _new(case: Case, pending: Pending, wanted: Wanted) -> Plan | None:
    """Insert everywhere; a list whose contacts others load too is looked at first."""
    if too_old(case.waiting, case):
        return None
    plan = Plan()
    for each in case.policy.lists.values():
        target = wanted[each.id]
        if target is None:
            continue
        if type(target) is not Held or each.adopt:
            return None
        held = completed(target, {}, each, case.policy)
        plan.want(insertion(case.lead, each, held), pending, Urgency.WRITE)
    return plan if plan.wanted else None


def insertion(lead: LeadId, each: ListPolicy, target: Held) -> UpsertContact:
    """Return the command that puts a lead that nobody knows on a list; *target* lacks nothing."""
    return UpsertContact(
        lead,
        each.id,
        chosen_id(lead),
        target.sealed,
        callable=True,
        write=Write(full_row(each, target.cells, None), callable=True),
        new=True,
        priority=target.priority,
    )


def _accepted(case: Case, pending: Pending, wanted: Wanted) -> Plan | None:
    """End the change if every list holds just what it should, by this change alone."""
    if not pending.wrote():
        return None
    for each in case.policy.lists.values():
        target, known = wanted[each.id], case.belief.lists.get(each.id)
        if target is None and known is None:
            continue
        if type(target) is not Held or known is None:
            return None
        if not _holds(known, completed(target, {}, each, case.policy), each):
            return None
    change = pending.change
    dropped = isinstance(change, LeadUpsert) and change.row.dropped
    reason = Reason.PHONE_DROPPED if dropped else zone_reason(wanted, case.policy)
    return Plan(done=[Done(pending, Verdict.APPLIED, reason)])


def _holds(known: ListBelief, target: Held, each: ListPolicy) -> bool:
    if len(known.contacts) != 1 or (each.adopt and not known.looked):
        return False
    (contact,) = known.contacts
    return contact.callable is True and contact.by is None and contact.digest == target.digest
