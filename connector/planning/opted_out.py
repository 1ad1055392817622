"""Say whether a lead is opted out, and what a newer change of it means."""

from connector.domain.belief import Belief, LiftBelief, OptOutBelief
from connector.domain.change import LeadOptOut, LeadQuarantine, LeadUpsert, NumbersOptOut
from connector.domain.ids import DncListId, PhoneNumber
from connector.domain.reason import Reason
from connector.planning.digest import Digests
from connector.planning.moved import lifted_before
from connector.planning.order import (
    Order,
    at_or_below,
    of_their_causes,
    order,
    same_change,
)
from connector.planning.policy import Policy


def in_force(belief: Belief) -> OptOutBelief | None:
    """Return the lead's opt-out if it counts: set, and not covered by a lift."""
    return uncovered(belief.opt_out, belief.lift)


def uncovered(opt_out: OptOutBelief | None, lift: LiftBelief | None) -> OptOutBelief | None:
    """Return *opt_out* unless *lift* covers all of it."""
    if opt_out is None or lift is None:
        return opt_out
    covered = all(
        any(
            cover.topic_id == mark.topic_id
            and cover.partition == mark.partition
            and mark.offset <= cover.offset
            for cover in lift.covers
        )
        for mark in opt_out.marks
    )
    return None if covered else opt_out


def is_repeat(change: LeadOptOut | NumbersOptOut, belief: Belief) -> bool:
    """Say whether an opt-out was settled before (rule 6: its own marks alone), or lifted before it
    came here.
    """
    marks = belief.opt_out.marks if belief.opt_out is not None else ()
    return (
        at_or_below(change.origin, marks)
        or (not follows(change) and same_change(change.revision, marks))
        or lifted_before(change, belief.lift)
    )


def is_same(one: LeadOptOut | NumbersOptOut, other: LeadOptOut | NumbersOptOut) -> bool:
    """Say whether two opt-outs are copies of one record, or of one change (rule 6)."""
    if one.origin.outcome_id == other.origin.outcome_id:
        return True
    return (
        one.revision.position is not None
        and one.revision.position == other.revision.position
        and one.revision.commit_time == other.revision.commit_time
        and not (follows(one) or follows(other))
    )


def follows(change: LeadOptOut | NumbersOptOut) -> bool:
    """Say whether an opt-out came over a changed key: its revision is that of another lead."""
    return isinstance(change, LeadOptOut) and change.cause is not None


def is_late(change: LeadOptOut, belief: Belief) -> bool:
    """Say whether the lead's own marks call an opt-out older: honoured all the same."""
    return order(change.origin, change.revision, belief.marks) is Order.OLDER


def is_blocked(
    number: PhoneNumber, dnc_list: DncListId, opt_out: OptOutBelief | None, digests: Digests
) -> bool:
    """Say whether the state knows *number* on *dnc_list*."""
    if opt_out is None:
        return False
    if (dnc_list, digests.number(dnc_list, number)) in opt_out.blocked:
        return True
    former = digests.former_number(dnc_list, number)
    return former is not None and (dnc_list, former) in opt_out.blocked


def suppression(
    change: LeadUpsert | LeadQuarantine, opt_out: OptOutBelief, policy: Policy
) -> Reason:
    """Return why a change of an opted-out lead does nothing.

    A person looks at it only if the source that told of every opt-out itself says, later, that the
    lead may be called: nothing else is consent (design.md section 4).
    """
    flags = policy.sources[policy.source_of(change.origin)].opt_out
    # A flag that is named without a value was hidden from who told of it, not taken back.
    speaks = change.row.whole or any(change.row.fields.get(name) for name in flags)
    if (
        isinstance(change, LeadUpsert)
        and speaks
        and not change.revision.snapshot
        and opt_out.marks
        and all(mark.source == change.origin.source for mark in opt_out.marks)
        and order(change.origin, change.revision, of_their_causes(opt_out.marks)) is Order.NEWER
    ):
        return Reason.RECONSENT_NEEDS_REVIEW
    return Reason.OPTED_OUT
