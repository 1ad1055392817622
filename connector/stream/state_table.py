"""Hold state rows by partition, as the changelog has them: the port, and what its kinds share.

A row is visible at once when it is put, durable when its delivery report came, and gone with the
next restore if that never happened: the state of a tenure is what the changelog says, no more.
"""

import asyncio
import threading
from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Protocol

from connector.stream.reading import LogReader, RawRecord


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore came to; `complete` is False if it was halted on the way.

    `wiped` are the partitions whose position the changelog did not have: it was made anew or
    trimmed, and they were read from its beginning.
    """

    records: int
    complete: bool
    wiped: frozenset[int] = frozenset()


class StateTable(Protocol):
    """State rows of the partitions that this worker owns.

    All but `restore` are called on the event loop. A partition that is not owned raises KeyError:
    better than a stale row.
    """

    def get(self, partition: int, key: bytes) -> bytes | None:
        """Return the newest row, put ones included, None if there is none."""

    def put(self, partition: int, key: bytes, value: bytes) -> None:
        """Show *value* from now on; it is not durable yet."""

    def delivered(self, partition: int, key: bytes, value: bytes, offset: int) -> None:
        """Take note that the changelog has the row at *offset*: its delivery report came.

        Called in the order of the offsets, and only for sends of the present tenure.
        """

    def keep(self, partitions: Collection[int]) -> None:
        """Drop every other partition's rows. Ends a restore that still runs."""

    def restore(self, partitions: Collection[int], halt: threading.Event) -> Restored:
        """Make these partitions what the changelog is at this moment. Runs in a thread.

        Each is read from its own position, so that one that was kept costs an empty fetch and is
        right even if another worker wrote to it meanwhile. Raises `ReadFailedError`.
        """

    async def mend(self, halt: threading.Event) -> int:
        """Read what others wrote between our own rows; return how many records that were.

        A worker that was paused and replaced can write late. Call it now and then: until it was
        called the position on disk stands before the first foreign record.
        """

    def close(self) -> None:
        """Drop all partitions; what is on disk stays."""


class PartitionRows(Protocol):
    """Rows of one partition of the changelog."""

    @property
    def position(self) -> int | None:
        """Return the offset to read on from; None: nothing was read yet."""

    @property
    def gap(self) -> range | None:
        """Return the offsets that others wrote before a row of ours, None if there are none."""

    def get(self, key: bytes) -> bytes | None:
        """Return the newest row."""

    def put(self, key: bytes, value: bytes) -> None:
        """Show a row that is not durable yet."""

    def delivered(self, key: bytes, value: bytes, offset: int) -> None:
        """Take note that the changelog has the row at *offset*."""

    def forget_undelivered(self) -> None:
        """Drop the rows that were put and not delivered, and what lies behind a gap."""

    def load(self, records: Collection[RawRecord], position: int) -> None:
        """Take over records of the changelog up to *position*, under rows that were put."""

    def wipe(self) -> None:
        """Forget all: nothing was read yet."""

    def close(self) -> None:
        """Let go of files."""


class ChangelogTable(ABC):
    """A state table that is restored from a changelog; its kinds say where the rows lie."""

    def __init__(self, reader: LogReader, topic: str) -> None:
        """Restore by *reader* from the changelog *topic*."""
        self._reader = reader
        self._topic = topic
        self._owned: dict[int, PartitionRows] = {}
        self._restoring = threading.Lock()
        self._halt = threading.Event()

    @abstractmethod
    def _open(self, partition: int) -> PartitionRows:
        """Return the rows that are there of a partition before it is restored."""

    def get(self, partition: int, key: bytes) -> bytes | None:
        """Return the newest row, put ones included, None if there is none."""
        return self._owned[partition].get(key)

    def put(self, partition: int, key: bytes, value: bytes) -> None:
        """Show *value* from now on; it is not durable yet."""
        self._owned[partition].put(key, value)

    def delivered(self, partition: int, key: bytes, value: bytes, offset: int) -> None:
        """Take note that the changelog has the row at *offset*."""
        self._owned[partition].delivered(key, value, offset)

    def keep(self, partitions: Collection[int]) -> None:
        """Drop every other partition's rows. Ends a restore that still runs.

        The event loop waits for that: a tenth of a second at most, or one batch.
        """
        self._halt.set()
        with self._restoring:
            for partition in self._owned.keys() - set(partitions):
                self._owned.pop(partition).close()

    def close(self) -> None:
        """Drop all partitions; what is on disk stays."""
        self.keep(())

    def restore(self, partitions: Collection[int], halt: threading.Event) -> Restored:
        """Make these partitions what the changelog is at this moment. Runs in a thread."""
        wiped = set()
        with self._restoring:
            self._halt = halt
            if halt.is_set():
                return Restored(0, complete=False)
            for partition in partitions:
                if partition not in self._owned:
                    self._owned[partition] = self._open(partition)
                self._owned[partition].forget_undelivered()

            def wipe(partition: int) -> None:
                wiped.add(partition)
                self._owned[partition].wipe()

            reading = self._reader.read_to_end(
                self._topic,
                {partition: self._owned[partition].position for partition in partitions},
                lambda partition, records, end: self._owned[partition].load(records, end),
                halt,
                wipe,
            )
        return Restored(reading.records, reading.complete, frozenset(wiped))

    async def mend(self, halt: threading.Event) -> int:
        """Read what others wrote between our own rows; return how many records that were."""
        mended = 0
        for partition, rows in tuple(self._owned.items()):
            gap = rows.gap
            if gap is not None:
                found = Foreign()
                await asyncio.to_thread(
                    self._reader.read_range, self._topic, partition, gap, found.take, halt
                )
                if found.position == gap.stop and self._fill(partition, rows, gap, found):
                    mended += len(found.records)
        return mended

    def _fill(self, partition: int, rows: PartitionRows, gap: range, found: "Foreign") -> bool:
        """Take over what was found, unless the partition was restored or lost meanwhile."""
        if not self._restoring.acquire(blocking=False):
            return False
        try:
            if self._owned.get(partition) is not rows or rows.position != gap.start:
                return False
            rows.load(found.records, gap.stop)
            return True
        finally:
            self._restoring.release()


@dataclass(slots=True)
class Foreign:
    """Records that others wrote into a gap, collected until the event loop takes them over."""

    records: list[RawRecord] = field(default_factory=list)
    position: int | None = None

    def take(self, _partition: int, records: Collection[RawRecord], position: int) -> None:
        """Collect *records*; all before *position* is now here."""
        self.records.extend(records)
        self.position = position
