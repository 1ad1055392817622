"""Find in `lead-changes` what was deferred, some leads at a time, and bring it to their lanes.

A pass reads from the first offset to the end of the moment and keeps what belongs to the first so
many leads that lack something; the next pass begins where the first lead stands that it left out.
Once a pass has its leads, the rest goes by in the thread that reads, and only theirs is kept.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from connector.domain.change import is_opt_out
from connector.domain.ids import LeadId, ListId
from connector.domain.record import TopicPartition
from connector.planning.ledger import Ledger
from connector.planning.order import at_or_below
from connector.planning.pending import Door, Pending, Progress
from connector.stream import lead_changes
from connector.stream.deferred import DeferredFrom
from connector.stream.lanes import Lanes
from connector.stream.reading import LogReader, RawRecord

CHUNK = 20_000
"""Offsets that are read at once."""

CHANGES = 10_000
"""Changes of those leads after which a pass takes no more leads."""

_SLICE = 500
"""Records that are looked at before others have their turn on the loop."""


@dataclass(slots=True)
class Found:
    """What a pass found: offset and value of each lead's records by their key, and the first
    offset that it left. `most` are the leads that it takes, `touched` those that changed while it
    read.
    """

    most: int
    leads: dict[bytes, list[tuple[int, bytes]]] = field(default_factory=dict)
    changes: int = 0
    left: int | None = None
    asked: dict[bytes, bool] = field(default_factory=dict)
    touched: set[LeadId] = field(default_factory=set)

    @property
    def full(self) -> bool:
        """Say whether no other lead is taken."""
        return len(self.leads) >= self.most or self.changes >= CHANGES

    def take(self, record: RawRecord, lacks: Callable[[LeadId], bool]) -> None:
        """Keep *record* if its lead lacks something and there is room."""
        key, offset = record.key() or b"", record.offset() or 0
        known = self.leads.get(key)
        if known is None:
            if self.full and self.left is not None:
                return  # the next pass begins before it
            if key not in self.asked:
                self.asked[key] = lacks(LeadId(key.decode("utf-8")))
            if not self.asked[key]:
                return
            if self.full:
                self.leave(offset)
                return
            known = self.leads[key] = []
        known.append((offset, record.value() or b""))
        self.changes += 1

    def leave(self, offset: int) -> None:
        """Take note of a record that the next pass must see again."""
        self.left = offset if self.left is None else min(self.left, offset)


class CatchUp:
    """Reads one tenure's partitions of `lead-changes` again. `lanes` are the tenure's, `read_to`
    gives the offset behind the last record that a partition's lanes were given.
    """

    __slots__ = ("_clock", "_halt", "_lanes", "_log", "_read_to", "_topic")

    def __init__(
        self,
        log: LogReader,
        topic: str,
        lanes: Lanes,
        read_to: Callable[[int], int],
        clock: Callable[[], float],
    ) -> None:
        self._log = log
        self._topic = topic
        self._lanes = lanes
        self._read_to = read_to
        self._clock = clock
        self._halt = threading.Event()

    def cut_off(self) -> None:
        """Read no more, at once."""
        self._halt.set()

    async def find(
        self, partition: int, offset: int, lacks: Callable[[LeadId], bool], most: int
    ) -> Found:
        """Return the records of the first *most* leads that *lacks* says lack something somewhere.

        Raises:
            ReadFailedError: the broker refused or did not answer.
        """
        found = Found(most)
        self._lanes.touched = found.touched
        try:
            await self._fill(found, partition, offset, lacks)
        finally:
            self._lanes.touched = None
        return found

    async def _fill(
        self, found: Found, partition: int, at: int, lacks: Callable[[LeadId], bool]
    ) -> None:
        while not (found.full or self._halt.is_set()):
            records, behind = await asyncio.to_thread(self._read, partition, at)
            for first in range(0, len(records), _SLICE):
                for each in records[first : first + _SLICE]:
                    found.take(each, lacks)
                await asyncio.sleep(0)
            ended = behind < at + CHUNK
            at = max(at, behind)
            if ended:
                return
        if found.left is None:
            found.leave(at)
        await asyncio.to_thread(self._follow, partition, at, found)

    def _follow(self, partition: int, at: int, found: Found) -> None:
        """Read on to the end for the leads that were found, in the thread of the caller."""

        def take(_partition: int, records: Sequence[RawRecord], _to: int) -> None:
            for each in records:
                known = found.leads.get(each.key() or b"")
                if known is not None:
                    known.append((each.offset() or 0, each.value() or b""))
                    found.changes += 1

        self._log.read_to_end(self._topic, {partition: at}, take, self._halt)

    def _read(self, partition: int, at: int) -> tuple[list[RawRecord], int]:
        taken: list[RawRecord] = []
        behind = at

        def take(_partition: int, records: Sequence[RawRecord], to: int) -> None:
            nonlocal behind
            taken.extend(records)
            behind = max(behind, to)

        self._log.read_range(self._topic, partition, range(at, at + CHUNK), take, self._halt)
        return taken, behind

    def bring(
        self,
        start: DeferredFrom,
        found: Found,
        only: Callable[[LeadId], frozenset[ListId]],
        *,
        probes: bool = False,
    ) -> "Brought":
        """Let what was found wait in the lanes that are idle; the others are left to a next pass.

        A lead that changed while the pass read is left too: what came belongs to it. One that
        *probes* waits behind the gate, where the others are deferred again.
        """
        ledger = Ledger(found.changes + 1)
        ledger.start(TopicPartition(self._topic, start.partition), None, contiguous=False)
        waiting: dict[LeadId, list[Pending]] = {}
        members: list[tuple[int, Pending]] = []
        for key, records in found.leads.items():
            lead = LeadId(key.decode("utf-8"))
            if lead in found.touched or self._lanes.is_open(lead):
                found.leave(records[0][0])
            elif lists := only(lead):
                theirs = list(self._members(start, lead, records, lists))
                waiting[lead] = [pending for _, pending in theirs]
                members.extend(theirs)
        for offset, pending in sorted(members, key=lambda each: each[0]):
            pending.entry = ledger.open(TopicPartition(self._topic, start.partition), offset)
        for lead, changes in waiting.items():
            self._lanes.catch_up(lead, start.partition, changes, start.gate if probes else None)
        return Brought(tuple(waiting), len(members), ledger)

    def _members(
        self,
        start: DeferredFrom,
        lead: LeadId,
        records: Sequence[tuple[int, bytes]],
        lists: frozenset[ListId],
    ) -> Iterator[tuple[int, Pending]]:
        """Give the changes that were settled: those that the lane has had, or that its marks know,
        for a worker that was killed can have settled beyond its commit.
        """
        marks = self._lanes.belief(lead, start.partition).marks
        read_to = self._read_to(start.partition)
        for offset, value in records:
            change = lead_changes.decode(value)
            settled = offset < read_to or at_or_below(change.origin, marks)
            if settled and not is_opt_out(change):
                origin = replace(change.origin, replay_id=start.replay_id)
                again = replace(change, origin=origin)
                arrived = Progress(self._clock())
                yield offset, Pending(again, Door.APPLY, None, arrived, only=lists)


@dataclass(frozen=True, slots=True)
class Brought:
    """What waits in lanes now: of which leads, how many changes, and the ledger of it alone."""

    leads: tuple[LeadId, ...]
    changes: int
    ledger: Ledger

    @property
    def open(self) -> int:
        """Say how many changes are not settled yet."""
        return self.ledger.open_count
