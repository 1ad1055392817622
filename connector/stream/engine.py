"""Run the life of a worker: partitions come, are restored, worked on, and leave.

Records are given by the carrier's agents, which never await; the engine enters them in the ledger
and hands them to their stage. It knows nothing of Faust: `Group` is all that it needs.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

import structlog

from connector.domain.record import Record, TopicPartition
from connector.planning.gates import Scope
from connector.planning.ledger import OffsetGap
from connector.stream.backlog import Backlog
from connector.stream.commits import Commits
from connector.stream.lag import Lag
from connector.stream.lease import Lease
from connector.stream.tenure import Shared, Stage, Tenure

log = structlog.get_logger("connector.engine")

MEND_SECONDS = 5.0
"""How often foreign rows in the changelog are looked for."""

TELL_SECONDS = 0.5
"""How often those who watch are told what the worker holds."""


AGAIN_SECONDS = 0.2
"""After a first commit that the group did not confirm; the lease says how often."""


class Starts(Protocol):
    """Reads where a tenure begins and could end; every call blocks and runs in a thread."""

    def committed(self, places: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Return the committed offset of each place, the first offset where there is none."""

    def ends(
        self, places: Collection[TopicPartition], halt: threading.Event
    ) -> Mapping[TopicPartition, int]:
        """Return the offset behind the last record of each place, without those a halt cut off."""

    def first_from(
        self, positions: Mapping[TopicPartition, int], halt: threading.Event
    ) -> Mapping[TopicPartition, Record]:
        """Return the first record of each place at its offset or behind it, where there is one."""

    def backlog(
        self, partitions: Collection[int], from_offsets: Mapping[int, int], halt: threading.Event
    ) -> Backlog:
        """Return the opt-outs that are accepted and not settled."""


@dataclass(frozen=True, slots=True)
class Topics:
    """The names that a worker reads. `partitions` is the count of our own."""

    sources: frozenset[str]
    lead_changes: str
    opt_outs: str
    partitions: int

    def stage(self, topic: str) -> Stage | None:
        """Return the stage that reads *topic*; None for the changelog."""
        if topic == self.lead_changes:
            return Stage.APPLY
        if topic == self.opt_outs:
            return Stage.COMPLY
        return Stage.INTAKE if topic in self.sources else None


@dataclass(frozen=True, slots=True)
class Ending:
    """How an ownership ends. `drain` is how long work in the air may take to end, in seconds.

    `unsent` says how many sends have no report, `purge` gives up what has not left.
    """

    drain: float
    unsent: Callable[[], int]
    purge: Callable[[], None]


class Engine:
    """One worker's life. Synchronous but for what waits for the broker or for answers."""

    def __init__(
        self,
        shared: Shared,
        topics: Topics,
        starts: Starts,
        lease: Lease,
        ending: Ending,
    ) -> None:
        self._shared = shared
        self._topics = topics
        self._starts = starts
        self._facts = shared.facts
        self._lease = lease
        self._ending = ending
        self._tenure: Tenure | None = None
        self._halt = threading.Event()
        self._mended = self._told = shared.clock()
        self._commits = Commits(
            shared.group,
            lease,
            self.positions,
            shared.clock,
            shared.fatal,
            shared.facts.committed,
        )
        self._lag = Lag(
            starts.ends, self.positions, lambda: self._halt, shared.facts.lag, self._look_at_unread
        )
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to commit and to look after the tenure."""
        self._tasks = [
            asyncio.create_task(self._commits.run()),
            asyncio.create_task(self._look_after()),
            asyncio.create_task(self._lag.run()),
        ]

    def admit(self, record: Record) -> None:
        """Take a record of the present assignment; before its restore and after its end, none."""
        tenure = self._tenure
        if tenure is None:
            return
        stage = self._topics.stage(record.topic)
        if stage is None:
            return
        try:
            tenure.admit(stage, record)
        except OffsetGap as gap:
            self._shared.fatal(gap)

    async def restored(self, places: Collection[TopicPartition]) -> None:
        """Restore the state of *places* and take them up. Runs after the join, never inside it.

        Raises:
            ReadFailedError: the broker refused; the worker must not go on.
        """
        self._halt = halt = threading.Event()
        try:
            await self._take_up(frozenset(places), halt)
        except BaseException:
            halt.set()  # cancelled by the next rebalance: the thread must end too
            raise

    async def _take_up(self, places: frozenset[TopicPartition], halt: threading.Event) -> None:
        own = frozenset(p.partition for p in places if p.topic == self._topics.lead_changes)
        self._facts.assigned(own)
        read = [place for place in places if self._topics.stage(place.topic) is not None]
        began = self._shared.clock()
        table = self._shared.table
        table.keep(own)
        restored = await asyncio.to_thread(table.restore, own, halt)
        committed = await asyncio.to_thread(self._starts.committed, read)
        await self._shared.letter_brakes.learn()
        opt_outs = {
            place.partition: offset
            for place, offset in committed.items()
            if place.topic == self._topics.opt_outs
        }
        backlog = await asyncio.to_thread(self._starts.backlog, own, opt_outs, halt)
        deferred = await self._shared.deferring.records.read(own)
        if halt.is_set() or not restored.complete:
            return  # the next assignment has begun: it restores anew
        starts: dict[Stage, dict[TopicPartition, int]] = {stage: {} for stage in Stage}
        for place, offset in committed.items():
            stage = self._topics.stage(place.topic)
            if stage is not None:
                starts[stage][place] = offset
        self._shared.quota.share(len(own) / self._topics.partitions)
        self._shared.brakes.share(len(own), self._topics.partitions)
        self._tenure = tenure = Tenure(self._shared, starts, backlog, _name(began), deferred)
        seconds = self._shared.clock() - began
        self._facts.restored(restored.records, seconds)
        log.info(
            "partitions.restored",
            partitions=sorted(own),
            records=restored.records,
            backlog=sum(map(len, backlog.values())),
            seconds=round(seconds, 2),
        )
        if await self._proven(halt):
            tenure.start()

    async def _proven(self, halt: threading.Event) -> bool:
        """Commit until the group confirms that the partitions are ours; False once they are not.

        Until here the lease proved nothing: a worker without partitions has nothing to commit.
        """
        while not await self._commits.once():
            if halt.is_set():
                return False
            await asyncio.sleep(AGAIN_SECONDS)
        return not halt.is_set()

    async def revoked(self) -> None:
        """Let the partitions go: settle what can be in time, commit, forget the rest."""
        self._halt.set()
        tenure = self._tenure
        if tenure is None:
            return
        await tenure.drain(self._ending.drain, self._ending.unsent)
        self._ending.purge()
        positions = tenure.positions()
        if positions:
            await self._shared.group.commit(positions)
        tenure.tell()
        self._tenure = None
        self._facts.revoked()

    async def stop(self) -> None:
        """End the worker: drain, commit, and be silent."""
        await self.revoked()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1.0)
        self._shared.table.close()

    def abandon(self) -> None:
        """Stop at once: nothing may leave or be committed any more."""
        if self._tenure is not None:
            self._tenure.close()
            self._tenure = None
        self._halt.set()

    def positions(self) -> Mapping[TopicPartition, int]:
        """Return what may be committed of every partition that is owned now."""
        return {} if self._tenure is None else self._tenure.positions()

    def held_by(self, scope: Scope) -> int:
        """Return how many commands wait that a gate of this scope holds back, or would."""
        return 0 if self._tenure is None else self._tenure.held_by(scope)

    async def _look_at_unread(self, ends: Mapping[TopicPartition, int]) -> None:
        """Learn how old the first record is that was not read, in each partition that is behind.

        Raises:
            ReadFailedError: the broker refused or did not answer.
        """
        tenure = self._tenure
        if tenure is None:
            return
        behind = tenure.first_unread.behind(ends)
        found: Mapping[TopicPartition, Record] = {}
        if behind:
            found = await asyncio.to_thread(self._starts.first_from, behind, self._halt)
        tenure.first_unread.looked(ends, found, round(self._shared.clock() * 1000))

    async def _mend(self) -> None:
        """Read what a worker that was paused and replaced wrote late between our rows."""
        now = self._shared.clock()
        if now - self._mended > MEND_SECONDS:
            self._mended = now
            found = await self._shared.table.mend(self._halt)
            if found:
                log.warning("state.foreign_rows", records=found)

    def tell(self) -> None:
        """Tell those who watch how the worker is, what was read, and what it holds."""
        self._told = self._shared.clock()
        self._facts.lease(self._lease.left)
        if self._tenure is not None:
            self._tenure.tell()

    async def _look_after(self) -> None:
        """Read on where there is room again, and tell how the worker is."""
        try:
            while True:
                await asyncio.sleep(0.02)
                tenure = self._tenure
                self._facts.progressed()
                if tenure is not None:
                    tenure.settled()
                    await self._mend()
                if self._shared.clock() - self._told > TELL_SECONDS:
                    self.tell()
        except asyncio.CancelledError:
            raise
        except BaseException as failure:  # noqa: BLE001 - a bug here must stop the worker
            self._shared.fatal(failure)


def _name(now: float) -> str:
    """Return what no other tenure of any worker is called: batch ids begin with it."""
    return f"{round(now * 1000):x}.{os.getpid():x}-"
