"""Order changes of one lead: repeat, older or newer than what was settled (design.md section 4).

Rule 1, Kafka's offset, comes first. A log position is no guard by itself: a snapshot row can carry
a higher one than the change that follows it (docs/decisions/0003).
"""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from enum import Enum
from typing import TypeVar

from connector.domain.belief import Mark
from connector.domain.origin import Origin
from connector.domain.revision import NO_REVISION, Position, Revision
from connector.planning.instants import instant_of, number_of

Marks = tuple[Mark, ...]
_Comparable = TypeVar("_Comparable", str, Decimal)


class Order(Enum):
    """Where a change stands against the marks."""

    NEWER = "newer"
    REPEAT = "repeat"
    OLDER = "older"


def order(origin: Origin, revision: Revision, marks: Marks) -> Order:
    """Say where the change of *origin* and *revision* stands against *marks* (rules 1 to 5)."""
    if not marks:
        return Order.NEWER
    if at_or_below(origin, marks):
        return Order.REPEAT
    if revision.named is not None:
        return _worst(
            _by_named(revision.named, mark.revision.named, same=_same_source(origin, mark))
            for mark in marks
            if mark.revision.named is not None
        )
    return _worst(
        _by_log(revision, mark.revision)
        if _same_place(origin, mark)
        else _by_time(revision, mark.revision)
        for mark in marks
    )


def at_or_below(origin: Origin, marks: Marks) -> bool:
    """Say whether rule 1 knows the record: its offset is at or below the mark of its partition."""
    return any(_same_place(origin, mark) and origin.offset <= mark.offset for mark in marks)


def followed(origin: Origin) -> Origin:
    """Return the origin of the opt-out of a lead's next id that the change of *origin* causes.

    Its marks stand apart from those of the next id's own records: their offsets have no order
    with it, though they may lie in the same partition. Its part is that of no other outcome of the
    record: each of its changes may be followed over a chain of keys.
    """
    topic_id = unfollowed(origin.topic_id) + _FOLLOWED
    return replace(origin, part=origin.part + origin.parts, topic_id=topic_id)


def is_followed(topic_id: str) -> bool:
    """Say whether a mark's *topic_id* is that of an opt-out which followed a changed key."""
    return topic_id.endswith(_FOLLOWED)


def unfollowed(topic_id: str) -> str:
    """Return the topic id of the record that caused what followed a changed key."""
    return topic_id.removesuffix(_FOLLOWED)


def of_their_causes(marks: Marks) -> Marks:
    """Return *marks* with those of what followed a key at the places of the causing records."""
    return tuple(replace(mark, topic_id=unfollowed(mark.topic_id)) for mark in marks)


_FOLLOWED = "/followed"
"""Behind the topic id of an opt-out that follows a changed key; `/` is in no id and no name."""


def same_change(revision: Revision, marks: Marks) -> bool:
    """Say whether a mark has the same position and commit time (rule 6, repeats of opt-outs).

    What followed a changed key has those of another lead's record: it makes nothing a repeat.
    """
    return (
        revision.position is not None
        and revision.commit_time is not None
        and any(
            mark.revision.position == revision.position
            and mark.revision.commit_time == revision.commit_time
            for mark in marks
            if not is_followed(mark.topic_id)
        )
    )


def raised(marks: Marks, origin: Origin, revision: Revision, *, newer: bool) -> Marks:
    """Return *marks* with the settled change in them.

    The offset only rises. The revision is taken from changes that were *newer* and have one.
    """
    rest, old = marks, None
    for mark in marks:
        if _same_place(origin, mark):
            rest, old = tuple([each for each in marks if each is not mark]), mark
    kept = old.revision if old is not None else NO_REVISION
    offset = origin.offset if old is None else max(old.offset, origin.offset)
    tells = revision.position is not None or revision.commit_time is not None
    if newer and (tells or revision.named is not None):
        kept = revision if revision.named is not None or kept.named is None else kept
    return (*rest, Mark(origin.topic_id, origin.partition, offset, kept, origin.source))


def _same_place(origin: Origin, mark: Mark) -> bool:
    return mark.partition == origin.partition and mark.topic_id == origin.topic_id


def _same_source(origin: Origin, mark: Mark) -> bool:
    """Say whether a mark is of the same source; one that was renamed still reads its topic."""
    return mark.source == origin.source or mark.topic_id == origin.topic_id


def _worst(orders: Iterable[Order]) -> Order:
    found = set(orders)
    for each in (Order.OLDER, Order.REPEAT):
        if each in found:
            return each
    return Order.NEWER


def _by_log(new: Revision, old: Revision) -> Order:
    """Apply rule 2: not newer by position *and* not newer by commit time is a repeat or older."""
    if new.position is None or old.position is None or new.position.kind != old.position.kind:
        return Order.NEWER
    if new.position.at > old.position.at:
        return Order.NEWER
    if new.commit_time is not None and old.commit_time is not None:
        if new.commit_time > old.commit_time:
            return Order.NEWER
        if new.commit_time < old.commit_time:
            return Order.OLDER
    return Order.REPEAT if new.position.at == old.position.at else Order.OLDER


def _by_time(new: Revision, old: Revision) -> Order:
    """Apply rule 4: commit time, then position of one kind, then arrival."""
    if new.commit_time is None or old.commit_time is None:
        return Order.NEWER
    if new.commit_time != old.commit_time:
        return Order.NEWER if new.commit_time > old.commit_time else Order.OLDER
    return _by_position(new.position, old.position)


def _by_position(new: Position | None, old: Position | None) -> Order:
    if new is None or old is None or new.kind != old.kind:
        return Order.NEWER
    if new.at == old.at:
        return Order.REPEAT
    return Order.NEWER if new.at > old.at else Order.OLDER


def _by_named(new: str, old: str, *, same: bool) -> Order:
    """Apply rule 5; numbers are compared as numbers, times as times, all else as text.

    Texts of unlike kinds have no order. Of two sources only times have one: numbers count the
    edits of different tables.
    """
    kind, at = _measure(new)
    known_kind, known_at = _measure(old)
    if kind is not known_kind or not (same or kind is _Kind.INSTANT):
        return Order.NEWER
    if kind is _Kind.TEXT:
        return _compared(new, old)
    return _compared(at, known_at)


def _compared(new: _Comparable, old: _Comparable) -> Order:
    if new == old:
        return Order.REPEAT
    return Order.NEWER if new > old else Order.OLDER


class _Kind(Enum):
    """What a named revision is."""

    NUMBER = "number"
    INSTANT = "instant"
    TEXT = "text"


def _measure(text: str) -> tuple[_Kind, Decimal]:
    """Return what *text* is, and its place among those of its kind; that of a text is itself."""
    number = number_of(text)
    if number is not None:
        return _Kind.NUMBER, number
    instant = instant_of(text)
    return (_Kind.TEXT, Decimal()) if instant is None else (_Kind.INSTANT, instant)
