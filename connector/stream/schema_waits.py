"""Keep a source partition's records in order behind one whose schema is not known yet.

Only that partition waits: a registry that is away delays nobody else. The records stay open in
the ledger, so that nothing is committed past them.
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from connector.domain.record import Record, TopicPartition
from connector.planning.ledger import Entry
from connector.stream.facts import SchemaWait
from connector.stream.reading_on import ReadingOn

WAITING_BYTES = 64 * 1024 * 1024
"""Keys and values that wait, over all partitions; each may hold its share, and then is not read
further. What one poll had fetched already comes on top."""

AT_ONCE = 200
"""Records taken between two turns of the loop: a long queue must not stop opt-outs elsewhere."""


@dataclass(slots=True)
class _Queue:
    """The records of a partition that wait; the first is the one that wants `schema_id`."""

    since: float
    schema_id: int
    records: deque[tuple[Record, Entry]] = field(default_factory=deque)
    bytes: int = 0


class SchemaWaits:
    """The waiting records of one tenure, of *partitions* source partitions."""

    __slots__ = ("_clock", "_intake", "_learnt", "_queues", "_reading", "_schemas", "_share")

    def __init__(self, reading: ReadingOn, partitions: int, clock: Callable[[], float]) -> None:
        self._reading = reading
        reading.forget = self._forget
        self._intake = reading.intake
        self._schemas = reading.intake.schemas
        self._share = WAITING_BYTES // max(1, partitions)
        self._clock = clock
        self._queues: dict[TopicPartition, _Queue] = {}
        self._learnt = self._schemas.learnt

    def take(self, record: Record, entry: Entry) -> None:
        """Take a record in, or let it wait where one before it does."""
        queue = self._queues.get(entry.place)
        if queue is None:
            wanted = self._reading.take(record, entry)
            if wanted is None:
                return
            queue = self._queues[entry.place] = _Queue(self._clock(), wanted)
        else:
            # Asked for now, so that it is known when its turn comes.
            wanted = self._intake.wants(record)
        if wanted is not None:
            self._schemas.want(wanted)
        queue.records.append((record, entry))
        queue.bytes += _size(record)

    def go_on(self) -> None:
        """Take in what need not wait any more, some of it. Call it now and then."""
        if not self._queues or self._schemas.learnt == self._learnt:
            return
        left = AT_ONCE
        for place in tuple(self._queues):
            left = self._take_from(place, left)
            if not left:
                if place in self._queues:
                    self._queues[place] = self._queues.pop(place)  # the others first, next time
                return
        self._learnt = self._schemas.learnt

    def _take_from(self, place: TopicPartition, most: int) -> int:
        """Take in up to *most* records of a partition; return how many more there may be."""
        queue = self._queues[place]
        while queue.records and most:
            record, entry = queue.records[0]
            wanted = self._reading.take(record, entry)
            if wanted is not None:
                if wanted != queue.schema_id:
                    queue.since, queue.schema_id = self._clock(), wanted
                self._schemas.want(wanted)
                return most
            queue.records.popleft()
            queue.bytes -= _size(record)
            most -= 1
        if not queue.records:
            del self._queues[place]
        return most

    def full(self, place: TopicPartition) -> bool:
        """Say whether a partition must not be read further."""
        queue = self._queues.get(place)
        return queue is not None and queue.bytes >= self._share

    def waiting(self) -> Iterator[SchemaWait]:
        """Yield what waits, by partition."""
        for place, queue in self._queues.items():
            source = self._intake.source(place.topic)
            yield SchemaWait(source, place, len(queue.records), queue.schema_id, queue.since)

    def oldest(self) -> tuple[TopicPartition, int] | None:
        """Return the partition whose first waiting record is oldest, and when that was appended.

        In ms since 1970; one that tells no time is counted from when it began to wait.
        """
        waits = []
        for place, queue in self._queues.items():
            appended = queue.records[0][0].timestamp
            waits.append((appended if appended >= 0 else round(queue.since * 1000), place))
        if not waits:
            return None
        since, place = min(waits)
        return place, since

    def _forget(self, place: TopicPartition) -> None:
        self._queues.pop(place, None)

    def close(self) -> None:
        """Forget what waits: it is read again from the committed offset."""
        self._queues.clear()
        self._schemas.give_up()


def _size(record: Record) -> int:
    return len(record.key or b"") + len(record.value or b"")
