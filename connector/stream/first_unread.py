"""Know since when the oldest record lies that nobody has read: it may be an opt-out.

What lies there was not read, so its time is asked of the broker: one record for each partition
that is behind, whenever the ends are looked at. Between two looks the last record that was read
stands for it, for the one behind it is not older. Markers of transactions are no records.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from connector.domain.record import Record, TopicPartition


@dataclass(frozen=True, slots=True)
class _Found:
    """The first unread record of a partition as of the last look, and the end at that time."""

    offset: int
    since: int
    end: int


class FirstUnread:
    """The unread records of one tenure. *starts* are the offsets at which reading begins.

    Times are in ms since 1970. Synchronous, no clock.
    """

    __slots__ = ("_found", "_next", "_since")

    def __init__(self, starts: Mapping[TopicPartition, int]) -> None:
        self._next = dict(starts)
        self._since: dict[TopicPartition, int] = {}
        self._found: dict[TopicPartition, _Found] = {}

    def read(self, place: TopicPartition, record: Record) -> None:
        """Take note of a record that was read; partitions that are not watched do not count, nor
        does what is read again: its opt-outs were sent on at the first time.
        """
        if record.offset >= self._next.get(place, math.inf):
            self._next[place] = record.offset + 1
            self._since[place] = record.timestamp

    def behind(self, ends: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        """Return which partitions are not read to their end, and where reading goes on there."""
        return {
            place: at for place, at in self._next.items() if place in ends and ends[place] > at
        }

    def looked(
        self,
        ends: Mapping[TopicPartition, int],
        found: Mapping[TopicPartition, Record],
        now_ms: int,
    ) -> None:
        """Take the first unread record of each partition that has one.

        One without a time is counted from the look that saw it first.
        """
        before = self._found
        self._found = {}
        for place, record in found.items():
            known = before.get(place)
            if known is not None and known.offset == record.offset:
                since = known.since
            else:
                since = record.timestamp if record.timestamp >= 0 else now_ms
            self._found[place] = _Found(record.offset, since, ends[place])

    def oldest(self) -> tuple[TopicPartition, int] | None:
        """Return the partition whose first unread record is oldest, and its time."""
        waits: list[tuple[int, TopicPartition]] = []
        for place, found in self._found.items():
            at = self._next[place]
            if at <= found.offset:
                waits.append((found.since, place))
            elif at < found.end:
                waits.append((max(self._since[place], found.since), place))
        if not waits:
            return None
        since, place = min(waits)
        return place, since
