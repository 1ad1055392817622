"""A topic in memory that is read through the same port as Kafka."""

import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from connector.stream.reading import Misplaced, Reading, Take, ignore


@dataclass(frozen=True, slots=True)
class FakeRecord:
    """A record of the topic in memory."""

    at: int
    name: bytes | None
    body: bytes | None

    def key(self) -> bytes | None:
        """Return the key."""
        return self.name

    def value(self) -> bytes | None:
        """Return the value."""
        return self.body

    def offset(self) -> int:
        """Return the offset."""
        return self.at


class FakeLog:
    """One topic's partitions; offsets can be markers or compacted away, as in Kafka.

    Batches are of two records, so that halts and partial loads have a place to fall between.
    """

    def __init__(self) -> None:
        self._records: defaultdict[int, list[FakeRecord]] = defaultdict(list)
        self._low: defaultdict[int, int] = defaultdict(int)
        self._end: defaultdict[int, int] = defaultdict(int)
        self.given = 0
        self.halt_after: int | None = None

    def append(self, partition: int, key: bytes, value: bytes | None) -> int:
        """Write a record and return its offset."""
        offset = self._end[partition]
        self._records[partition].append(FakeRecord(offset, key, value))
        self._end[partition] = offset + 1
        return offset

    def mark(self, partition: int) -> None:
        """Write a transaction's marker: an offset that no reader is given."""
        self._end[partition] += 1

    def compact(self, partition: int) -> None:
        """Keep the last record of each key."""
        last = {each.name: each for each in self._records[partition]}
        self._records[partition] = [
            each for each in self._records[partition] if last[each.name] is each
        ]

    def trim(self, partition: int, low: int) -> None:
        """Delete what lies before *low*."""
        self._low[partition] = low
        self._records[partition] = [each for each in self._records[partition] if each.at >= low]

    def remake(self, partition: int) -> None:
        """Delete the topic and make it anew."""
        self._records[partition] = []
        self._low[partition] = self._end[partition] = 0

    def rows(self, partition: int, before: int | None = None) -> dict[bytes, bytes]:
        """Return what a reader of all records (or those before an offset) knows by key."""
        rows: dict[bytes, bytes | None] = {}
        for each in self._records[partition]:
            if before is None or each.at < before:
                rows[each.name or b""] = each.body
        return {key: value for key, value in rows.items() if value is not None}

    def read_to_end(
        self,
        topic: str,
        positions: Mapping[int, int | None],
        take: Take,
        halt: threading.Event,
        misplaced: Misplaced = ignore,
    ) -> Reading:
        """Read each partition from its position to the end."""
        del topic
        taken = 0
        for partition, position in positions.items():
            start = position
            if start is not None and not self._low[partition] <= start <= self._end[partition]:
                misplaced(partition)
                start = None
            span = range(self._low[partition] if start is None else start, self._end[partition])
            reading = self._read(partition, span, take, halt)
            taken += reading.records
            if not reading.complete:
                return Reading(taken, complete=False)
        return Reading(taken, complete=True)

    def read_range(
        self, topic: str, partition: int, span: range, take: Take, halt: threading.Event
    ) -> Reading:
        """Read the offsets of *span* that are there."""
        del topic
        stop = min(span.stop, self._end[partition])
        return self._read(
            partition, range(max(span.start, self._low[partition]), stop), take, halt
        )

    def _read(self, partition: int, span: range, take: Take, halt: threading.Event) -> Reading:
        within = [each for each in self._records[partition] if each.at in span]
        taken = 0
        for first in range(0, len(within), 2):
            if halt.is_set():
                return Reading(taken, complete=False)
            batch = within[first : first + 2]
            take(partition, batch, batch[-1].at + 1)
            taken += len(batch)
            self.given += len(batch)
            if self.halt_after is not None and self.given >= self.halt_after:
                halt.set()
        if halt.is_set():
            return Reading(taken, complete=False)
        take(partition, [], span.stop)
        return Reading(taken, complete=True)
