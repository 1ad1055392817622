"""Decide what to ask of the platform for one lead now, and which waiting changes are done.

The decision table of design.md section 4. One total function; the lane compares what is wanted
with what was asked, and so withdraws, coalesces, looks up, reads, repeats and verifies by one
mechanism.

Rules that each cost a violation when they were left out (architecture.md sections 4 and 6):
conclude nothing on a list while a command of the lead is in the air there; after an unknown answer
nothing is `unchanged`; a group is `unchanged` only if every member equals the belief; a contact
found under our own chosen id that the state does not know is written again; a change with an
accepted effect is done before any other row of its lead is written.
"""

from dataclasses import dataclass, field

from connector.domain.change import (
    LeadChange,
    LeadDelete,
    LeadOptOut,
    LeadQuarantine,
    LeadUpsert,
    NumbersOptOut,
    OptOutLift,
    is_opt_out,
)
from connector.domain.ids import ListId
from connector.domain.reason import Reason, Verdict
from connector.planning.alone import decide_alone
from connector.planning.deferral import deferred_lists
from connector.planning.moved import lifted_before
from connector.planning.opted_out import is_repeat, is_same
from connector.planning.order import Marks, Order, at_or_below, order, raised
from connector.planning.pending import Door, Pending
from connector.planning.plan import Case, Done, Plan
from connector.planning.protection import protect
from connector.planning.pursuit import pursue


@dataclass(slots=True)
class _Ranked:
    """The waiting changes by what the order rules say of them.

    `held` are changes that wait for an earlier one: to settle them first would raise the mark
    over it, and it would be called a repeat when it comes again. Behind a held one all are.
    `lifting` says that a lift waits for the opt-outs before it, and what is behind for the lift.
    `caught` are the marks of deferred changes among themselves.
    """

    done: list[Done] = field(default_factory=list)
    opt_outs: list[Pending] = field(default_factory=list)
    live: list[Pending] = field(default_factory=list)
    held: list[Pending] = field(default_factory=list)
    lifting: bool = False
    full: bool = False
    caught: Marks = ()


WINDOW = 128
"""So many waiting changes share their writes at most. A lead that a job of the CRM edits thousands
of times must not cost each of them a look at all others: the worker would stand still.
"""


def decide(case: Case) -> Plan:
    """Return the plan for *case*: either changes that are done, or commands that are wanted."""
    return decide_alone(case) or decide_whole(case)


def decide_whole(case: Case) -> Plan:
    """Return the plan for *case* by the whole of the table."""
    opted_out = case.opted_out is not None
    ranked = _rank(case, WINDOW if not opted_out else len(case.waiting))
    if ranked.done:
        return Plan(done=ranked.done)
    if ranked.opt_outs or opted_out:
        return protect(case, ranked.opt_outs, ranked.live)
    plan = pursue(case, ranked.live)
    plan.full = ranked.full
    return plan


def _rank(case: Case, window: int) -> _Ranked:
    """Apply the order rules and the fences, to *window* changes that are good; to all waiting ones
    where an opt-out is among them.

    What only a *waiting* change makes a repeat or older waits for that one: were it rejected, it
    would raise no mark.
    """
    ranked = _Ranked()
    marks = case.belief.marks
    waiting_marks: Marks = marks
    newest = case.waiting[-1] if case.waiting else None
    for pending in case.waiting:
        change = pending.change
        if len(ranked.live) >= window and not ranked.opt_outs:
            ranked.full = True
            break
        if is_opt_out(change):
            if pending.door is Door.APPLY:
                if not _passes(pending, case) or (
                    ranked.lifting and isinstance(change, OptOutLift)
                ):
                    break
                ranked.done.append(Done(pending, None))
            else:
                _rank_opt_out(pending, case, ranked)
            continue
        if pending.only is not None:
            _rank_deferred(pending, pending.only, case, ranked)
            continue
        verdict = _settled_before(change, case)
        if verdict is not None and (
            not (ranked.live or ranked.held) or at_or_below(change.origin, marks)
        ):
            ranked.done.append(Done(pending, *verdict))
        elif (
            verdict is None
            and not ranked.held
            and (
                waiting_marks is marks
                or order(change.origin, change.revision, waiting_marks) is Order.NEWER
            )
        ):
            ranked.live.append(pending)
            if pending is not newest:
                waiting_marks = raised(waiting_marks, change.origin, change.revision, newer=True)
        else:
            ranked.held.append(pending)
    return ranked


def _rank_deferred(pending: Pending, only: frozenset[ListId], case: Case, ranked: _Ranked) -> None:
    """Rank a change that was settled and is now brought to the lists in *only*.

    The marks know it: it is measured by those that come with it. Where a newer change brought
    them up to date meanwhile, nothing is left of it.
    """
    change = pending.change
    verdict: tuple[Verdict, Reason | None] | None = None
    if only.isdisjoint(deferred_lists(case.belief)):
        verdict = Verdict.STALE, Reason.SUPERSEDED
    else:
        match order(change.origin, change.revision, ranked.caught):
            case Order.REPEAT:
                verdict = Verdict.DUPLICATE, None
            case Order.OLDER:
                verdict = Verdict.STALE, Reason.OLDER
            case Order.NEWER:
                ranked.caught = raised(ranked.caught, change.origin, change.revision, newer=True)
    if verdict is None:
        ranked.live.append(pending)
    else:
        ranked.done.append(Done(pending, *verdict))


def _settled_before(change: LeadChange, case: Case) -> tuple[Verdict, Reason | None] | None:
    match order(change.origin, change.revision, case.belief.marks):
        case Order.REPEAT:
            return Verdict.DUPLICATE, None
        case Order.OLDER:
            return Verdict.STALE, Reason.OLDER
        case Order.NEWER:
            again = isinstance(change, LeadDelete) and change.tombstone and case.belief.deleted
            return (Verdict.UNCHANGED, Reason.NOT_A_LEAD_CHANGE) if again else None


def _rank_opt_out(pending: Pending, case: Case, ranked: _Ranked) -> None:
    """Rank what comply brought: a second copy waits for the first and is a repeat behind it.

    A repeat above the mark waits for the opt-outs before it, which its mark would pass over.
    """
    change = pending.change
    if ranked.lifting:
        return
    if isinstance(change, OptOutLift):
        if ranked.opt_outs:
            ranked.lifting = True
            return
        covers = case.belief.lift.covers if case.belief.lift is not None else ()
        repeat = at_or_below(change.origin, covers)
        verdict = (Verdict.DUPLICATE, None) if repeat else (Verdict.APPLIED, Reason.LIFTED)
        ranked.done.append(Done(pending, *verdict))
        return
    if not isinstance(change, LeadOptOut | NumbersOptOut):
        raise TypeError(f"comply brought a {type(change).__name__}")
    marks = case.belief.opt_out.marks if case.belief.opt_out is not None else ()
    if is_repeat(change, case.belief):
        if not ranked.opt_outs or at_or_below(change.origin, marks):
            ranked.done.append(Done(pending, Verdict.DUPLICATE))
    elif not any(_is_copy(change, other.change) for other in ranked.opt_outs):
        ranked.opt_outs.append(pending)


def _is_copy(change: LeadOptOut | NumbersOptOut, other: LeadChange) -> bool:
    return isinstance(other, LeadOptOut | NumbersOptOut) and is_same(change, other)


def _passes(fence: Pending, case: Case) -> bool:
    """Say whether comply has the opt-out of a fence: in the lane, or settled."""
    change = fence.change
    belief = case.belief
    settled: Marks = ()
    match change:
        case LeadOptOut() | NumbersOptOut():
            settled = belief.opt_out.marks if belief.opt_out is not None else ()
        case OptOutLift():
            settled = belief.lift.covers if belief.lift is not None else ()
        case LeadUpsert() | LeadQuarantine() | LeadDelete():
            raise TypeError(f"a {type(change).__name__} is no fence")
    lifted = isinstance(change, LeadOptOut) and lifted_before(change, belief.lift)
    if lifted or at_or_below(change.origin, settled):
        return True
    same = change.origin.outcome_id
    return any(
        other.door is Door.COMPLY and other.change.origin.outcome_id == same
        for other in case.waiting
    )
