"""Plan for a lead that is opted out: block, find, quarantine, read back.

An opt-out never trusts *unknown*: it also reads the chosen id on every list, for a killed
predecessor's insert is not in the state and the search lags. A newer change of an opted-out lead
looks again, for another loader may have inserted it.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from connector.domain.belief import OptOutBelief
from connector.domain.change import (
    LeadDelete,
    LeadOptOut,
    LeadQuarantine,
    LeadUpsert,
    NumbersOptOut,
    OptOutLift,
)
from connector.domain.command import (
    BlockNumber,
    Command,
    FetchContact,
    FindContacts,
    QuarantineContact,
    Urgency,
    Write,
)
from connector.domain.contact import Contact
from connector.domain.ids import ContactId, PhoneNumber
from connector.domain.origin import PERSON
from connector.domain.reason import Reason, Verdict
from connector.planning.coalesce import group
from connector.planning.contact_id import chosen_id
from connector.planning.contact_row import full_row, numbers_of, numbers_seen
from connector.planning.endings import brought, finished
from connector.planning.follow import follow
from connector.planning.opted_out import in_force, is_blocked, is_late, suppression
from connector.planning.order import raised
from connector.planning.outlook import Outlook
from connector.planning.pending import Pending
from connector.planning.plan import Case, Done, Plan
from connector.planning.policy import ListPolicy
from connector.planning.sight import FRESH_SECONDS, Sighting

READ_BACK_SECONDS = 30.0
"""How long the outcome of an opt-out waits for its read-back (design.md section 8)."""

REOPENED_PAUSES = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds between a quarantine and the next, where the read-back found the contact callable again.
Together `READ_BACK_SECONDS`: who undoes every one of them would else have all requests for ever.
"""


def protect(case: Case, opt_outs: Sequence[Pending], others: Sequence[Pending]) -> Plan:
    """Return the plan that honours *opt_outs* and suppresses *others*.

    A tombstone behind a delete is judged once that is settled: it says nothing more then.
    """
    plan = Plan()
    if not opt_outs and not others:
        return plan
    members = group(others)
    carried = max((at for at, each in enumerate(members, 1) if each.in_effect), default=0)
    if carried and not case.busy:
        # What took effect before the opt-out came is told before it.
        plan.done.extend(finished(members[:carried], case, Outlook(case)))
        return plan
    # What is in the air may still turn out to have come before the opt-out, and is then told
    # without its effects: those are the opt-out's.
    cause = opt_outs[0] if opt_outs and case.busy else None
    for pending, owner in (*((p, p) for p in opt_outs), *((p, cause or p) for p in others)):
        for number in _numbers(pending, case):
            _block(number, owner, case, plan)
    lookers = [p for p in (*opt_outs, *others) if _looks(p, case)]
    for each in case.policy.lists.values():
        if any(looker.only is None or each.id in looker.only for looker in lookers):
            _protect_on(each, lookers[0], case, plan)
    if plan.resting:
        plan.done.extend(_conclude(case, opt_outs, members))
    elif members and not plan.waits and (lists := case.deferral.put_off(plan.wanted)):
        # An opt-out waits for its quarantine; those that it suppresses need not.
        ends = _conclude(case, opt_outs, members)[len(opt_outs) :]
        plan.done.extend(replace(each, deferred=lists, caught_up=frozenset()) for each in ends)
    return plan


def _looks(pending: Pending, case: Case) -> bool:
    """Say whether the lead's contacts are looked at; not where a person says nothing new."""
    change = pending.change
    known = in_force(case.belief)
    if isinstance(change, LeadOptOut) and change.origin.source == PERSON and known is not None:
        policy = case.policy
        return not all(
            is_blocked(number, dnc, known, policy.digests)
            for number in change.numbers
            for dnc in policy.dnc_lists
        )
    return isinstance(change, LeadOptOut | LeadUpsert | LeadQuarantine)


def _numbers(pending: Pending, case: Case) -> frozenset[PhoneNumber]:
    match pending.change:
        case LeadOptOut(numbers=numbers) | NumbersOptOut(numbers=numbers):
            return numbers
        case LeadUpsert(row=row, origin=origin) | LeadQuarantine(row=row, origin=origin):
            return numbers_of(row, case.policy.sources[case.policy.source_of(origin)])
        case LeadDelete() | OptOutLift():
            return frozenset()


def _block(number: PhoneNumber, pending: Pending, case: Case, plan: Plan) -> None:
    known = in_force(case.belief)
    for dnc in case.policy.dnc_lists:
        done = (dnc, number) in case.sight.blocked
        if not done and not is_blocked(number, dnc, known, case.policy.digests):
            _want(BlockNumber(case.lead, dnc, number), pending, case, plan)


def _want(command: Command, owner: Pending, case: Case, plan: Plan) -> None:
    """Ask for *command*, unless the platform refused it for good: what else there is goes on."""
    if command not in case.sight.refused:
        block = isinstance(command, BlockNumber)
        plan.want(command, owner, Urgency.BLOCK if block else Urgency.COMPLIANCE)


def _protect_on(each: ListPolicy, owner: Pending, case: Case, plan: Plan) -> None:
    """Find every contact of the lead on one list and see to it that none is callable."""
    if each.id in case.busy:
        plan.wait()
        return
    looked = case.sight.looked.get(each.id, -math.inf)
    if each.adopt and looked < min(owner.progress.arrived, case.now - FRESH_SECONDS):
        _want(FindContacts(case.lead, each.id), owner, case, plan)
    known = case.belief.lists.get(each.id)
    ids = [contact.id for contact in known.contacts] if known is not None else []
    own = chosen_id(case.lead)
    if own not in ids:
        ids.append(own)
    for contact in ids:
        _protect_contact(each, contact, owner, case, plan)


def _protect_contact(
    each: ListPolicy, contact: ContactId, owner: Pending, case: Case, plan: Plan
) -> None:
    place, begun = (each.id, contact), owner.progress.arrived
    sight = case.sight
    closed = sight.quarantined.get(place)
    since = -math.inf if closed is None else closed.at
    seen = sight.since(place, begun, case.now)
    if closed is not None and since >= begun and (seen is None or seen.at < since):
        _block_seen(closed, owner, case, plan)
        last = closed.times > len(REOPENED_PAUSES)
        if case.policy.verify and not last and case.now - since < READ_BACK_SECONDS:
            _want(FetchContact(case.lead, *place), owner, case, plan)
            plan.wait(since + READ_BACK_SECONDS)
        return
    if seen is None:
        _want(FetchContact(case.lead, *place), owner, case, plan)
        return
    if seen.contact is None:
        return
    _block_seen(seen, owner, case, plan)
    if seen.contact.callable:
        if closed is not None and since >= begun:
            again = since + REOPENED_PAUSES[min(closed.times, len(REOPENED_PAUSES)) - 1]
            if case.now < again:
                plan.wait(again)
                return
        command = quarantine_as_read(each, seen.contact, case)
        if command in sight.refused or sight.fresh(place, case.now) is not None:
            _want(command, owner, case, plan)
        else:
            _want(FetchContact(case.lead, *place), owner, case, plan)


def _block_seen(seen: Sighting, owner: Pending, case: Case, plan: Plan) -> None:
    """Ask that the numbers of a contact be blocked, those of one that was quarantined too: the
    row is closed at once, and its number can wait for a DNC list that is parked.
    """
    if seen.contact is not None:
        for number in numbers_seen(seen.contact, case.policy):
            _block(number, owner, case, plan)


def quarantine_as_read(each: ListPolicy, seen: Contact, case: Case) -> QuarantineContact:
    """Return the command that makes a contact uncallable and changes nothing else of it."""
    write = Write(full_row(each, {}, seen), callable=False, kept=seen.kept)
    return QuarantineContact(case.lead, each.id, seen.id, None, write)


def _conclude(case: Case, opt_outs: Sequence[Pending], others: Sequence[Pending]) -> list[Done]:
    known = in_force(case.belief)
    done = [
        _honoured(pending, case, first=known is None and at == 0)
        for at, pending in enumerate(opt_outs)
    ]
    opt_out = case.opted_out
    for pending in opt_outs:
        origin = pending.change.origin
        opt_out = opt_out or OptOutBelief(origin.timestamp, origin.outcome_id)
        marks = raised(opt_out.marks, origin, pending.change.revision, newer=True)
        opt_out = replace(opt_out, marks=marks)
    if opt_out is None:
        raise ValueError("nothing says that this lead is opted out")
    return [*done, *(_suppressed(pending, case, opt_out) for pending in others)]


def _honoured(pending: Pending, case: Case, *, first: bool) -> Done:
    change = pending.change
    if not isinstance(change, LeadOptOut | NumbersOptOut):
        raise TypeError(f"a {type(change).__name__} is not honoured")
    follows = follow(change.lead, case.belief.moved_to, pending, case)
    if change.flaw is not None:
        return Done(pending, Verdict.REJECTED, change.flaw.reason, follows=follows)
    if pending.rejected:
        refused = next(iter(pending.rejected.values()))
        return Done(pending, Verdict.REJECTED, refused.reason, follows=follows)
    if not first and not pending.effects:
        return Done(pending, Verdict.UNCHANGED, Reason.OPTED_OUT, follows=follows)
    reason: Reason | None = None
    if isinstance(change, LeadOptOut) and is_late(change, case.belief):
        reason = Reason.LATE_OPT_OUT
    elif not _any_number(pending, case):
        reason = Reason.NO_NUMBER
    return Done(pending, Verdict.APPLIED, reason, follows=follows)


def _any_number(pending: Pending, case: Case) -> bool:
    """Say whether any number of the lead is known, in this change, others or its contacts."""
    known = in_force(case.belief)
    if (known is not None and known.blocked) or case.sight.blocked:
        return True
    return bool(_numbers(pending, case))


def _suppressed(pending: Pending, case: Case, opt_out: OptOutBelief) -> Done:
    change = pending.change
    if isinstance(change, LeadDelete) and pending.only is not None:
        return Done(
            pending,
            Verdict.UNCHANGED,
            Reason.OPTED_OUT,
            opt_out=opt_out.by,
            caught_up=brought(pending, case),
        )
    if isinstance(change, LeadDelete):
        follows = follow(change.lead, change.moved_to, pending, case)
        return Done(
            pending, Verdict.UNCHANGED, Reason.OPTED_OUT, opt_out=opt_out.by, follows=follows
        )
    if not isinstance(change, LeadUpsert | LeadQuarantine):
        raise TypeError(f"a {type(change).__name__} is not suppressed")
    if pending.rejected:
        reason = next(iter(pending.rejected.values())).reason
        return Done(pending, Verdict.REJECTED, reason, opt_out=opt_out.by)
    reason = suppression(change, opt_out, case.policy)
    # What was deferred before may name a number that no contact shows: it is still to be brought.
    caught_up = brought(pending, case)
    return Done(pending, Verdict.SUPPRESSED, reason, opt_out=opt_out.by, caught_up=caught_up)
