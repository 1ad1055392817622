"""Carry what is known of a lead's opt-outs over to another application (docs/decisions/0012).

Its source records come again there, under other topic ids and offsets. So a mark that moved makes
no record a repeat: its topic id is one that no topic has. It still says who told of the opt-out,
and when. A lift covers records that come again by the name of their topic and their commit time.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from connector.domain.belief import Belief, LiftBelief, Mark, OptOutBelief
from connector.domain.change import LeadOptOut, NumbersOptOut
from connector.domain.origin import PERSON
from connector.domain.revision import Revision
from connector.planning.order import is_followed, unfollowed

NameOf = Callable[[str], str | None]
"""Kafka's id of a topic → its name, None where no topic has the id."""

_MOVED = "/moved/"
_LIFTED = "/lifted/"
"""Before the old topic id, or the topic's name; `/` is in no id and no name."""
_NOBODY = "#moved"
"""The source of a mark that has no time: no consent can be newer than it."""
_NO_PLACE = -1


def moved(belief: Belief, name_of: NameOf) -> Belief:
    """Return what another application holds of the opt-outs in *belief*, and nothing else."""
    opt_out, lift = belief.opt_out, belief.lift
    if opt_out is not None:
        opt_out = replace(opt_out, marks=_in_order(map(_moved, opt_out.marks)))
    if lift is not None:
        marks = (_moved(each) for each in lift.covers if not _is_named(each))
        lift = replace(lift, covers=_in_order((*marks, *_named(lift.covers, name_of))))
    return Belief(opt_out=opt_out, lift=lift)


def joined(known: Belief, brought: Belief) -> Belief:
    """Return *known* with what was *brought*: no opt-out, no number and no lift is lost.

    A lift ends what it ended where it comes from. What *known* has beside that stays in force.
    """
    opt_out, lift = known.opt_out, known.lift
    if brought.opt_out is not None:
        opt_out = brought.opt_out if opt_out is None else _both(opt_out, brought.opt_out, lift)
    if brought.lift is not None:
        lift = brought.lift if lift is None else _lifts(lift, brought.lift)
    return replace(known, opt_out=opt_out, lift=lift)


def lifted_before(change: LeadOptOut | NumbersOptOut, lift: LiftBelief | None) -> bool:
    """Say whether a lift that moved covers the record that comes again as *change*."""
    at = change.revision.commit_time
    if lift is None or at is None:
        return False
    key = _lifted_id(change.origin.topic, change.origin.topic_id)
    until = [each.revision.commit_time for each in lift.covers if each.topic_id == key]
    return any(each is not None and at <= each for each in until)


def by_name(lift: LiftBelief | None) -> tuple[Mark, ...]:
    """Return what a lift that moved covers by name: a later lift covers it too."""
    return () if lift is None else tuple(each for each in lift.covers if _is_named(each))


def _both(known: OptOutBelief, brought: OptOutBelief, lift: LiftBelief | None) -> OptOutBelief:
    """Return two opt-outs as one: the older says since when.

    Behind a lift numbers may be off their DNC list by now: those that were brought do not count.
    """
    first = brought if brought.since < known.since else known
    blocked = known.blocked if lift is not None else known.blocked | brought.blocked
    marks = _in_order((*known.marks, *brought.marks))
    return OptOutBelief(first.since, first.by, marks, blocked)


def _lifts(known: LiftBelief, brought: LiftBelief) -> LiftBelief:
    covers = _in_order((*known.covers, *brought.covers))
    return replace(known, at=max(known.at, brought.at), covers=covers)


def _moved(mark: Mark) -> Mark:
    """Return a mark as it moves; its log position would make what comes again a repeat."""
    revision = Revision(None, mark.revision.commit_time, mark.revision.named)
    timed = revision.commit_time is not None or revision.named is not None
    source = mark.source if timed or mark.source == PERSON else _NOBODY
    topic_id = mark.topic_id if mark.topic_id.startswith(_MOVED) else _MOVED + mark.topic_id
    return replace(mark, topic_id=topic_id, revision=revision, source=source)


def _named(covers: Iterable[Mark], name_of: NameOf) -> Iterable[Mark]:
    """Give what a lift covers by topic name; what has no commit time cannot be told by it."""
    for each in covers:
        if _is_named(each):
            yield each
            continue
        name, at = name_of(unfollowed(each.topic_id)), each.revision.commit_time
        if name is not None and at is not None:
            key = _lifted_id(name, each.topic_id)
            yield Mark(key, _NO_PLACE, _NO_PLACE, Revision(None, at), each.source)


def _is_named(mark: Mark) -> bool:
    return mark.topic_id.startswith(_LIFTED)


def _lifted_id(name: str, topic_id: str) -> str:
    return f"{_LIFTED}{name}{'/followed' if is_followed(topic_id) else ''}"


def _in_order(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """Return *marks* in a fixed order, of each place the furthest alone."""
    best: dict[tuple[str, int], Mark] = {}
    for each in marks:
        place = (each.topic_id, each.partition)
        if place not in best or _reach(each) > _reach(best[place]):
            best[place] = each
    return tuple(best[place] for place in sorted(best))


def _reach(mark: Mark) -> tuple[int, int]:
    return mark.offset, mark.revision.commit_time or _NO_PLACE
