"""Hold one ownership of partitions: all that lives from an assignment to the next revocation.

A closed tenure's late delivery reports reach only its own dead objects.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from connector.domain.command import Urgency
from connector.domain.record import Record, TopicPartition
from connector.genesys.quota import Quota
from connector.planning.brakes import Brakes
from connector.planning.gates import Gates, Scope
from connector.planning.ledger import Ledger
from connector.planning.outbox import Limits, Outbox
from connector.planning.policy import Policy
from connector.stream.apply_stops import ApplyStops
from connector.stream.backlog import Backlog
from connector.stream.deferred import DeferredFrom
from connector.stream.deferring import Deferring, DeferringTerms, Owned
from connector.stream.dispatch import Dispatch, Route
from connector.stream.doors import Apply, Comply
from connector.stream.facts import Facts, Holding, Unread
from connector.stream.first_unread import FirstUnread
from connector.stream.group import Group
from connector.stream.intake import Intake
from connector.stream.lanes import Lanes
from connector.stream.letter_brakes import LetterBrakes
from connector.stream.ports import Campaigns, Delivers, Rounds, Sends
from connector.stream.reading_on import ReadingOn
from connector.stream.schema_waits import SchemaWaits
from connector.stream.settlement import Settlement
from connector.stream.state_table import StateTable

INTAKE_OPEN = 5_000
"""Records of one source partition whose sends are not acknowledged yet. It bounds memory only."""

COMPLY_OPEN = 20_000
"""Opt-outs of one partition that wait: small, and a parked DNC list must not stop quarantines."""

TICK_SECONDS = 1.0


class Stage(Enum):
    """The three stages that records come to."""

    INTAKE = "intake"
    COMPLY = "comply"
    APPLY = "apply"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one worker holds, and how requests fill (`[apply]` of the settings).

    `max_pending` changes of `lead-changes` wait in memory at most, over all partitions; no write
    leaves while more than `max_unsettled` settled changes have no durable row.
    """

    max_pending: int
    max_unsettled: int
    limits: Limits


@dataclass(frozen=True, slots=True)
class Shared:
    """What outlives a tenure and every tenure uses."""

    policy: Policy
    bounds: Bounds
    table: StateTable
    sends: Sends
    intake: Intake
    quota: Quota
    delivery: Delivers
    gates: Gates
    brakes: Brakes
    group: Group
    clock: Callable[[], float]
    fatal: Callable[[BaseException], None]
    facts: Facts
    campaigns: Campaigns
    rounds: Rounds
    deferring: DeferringTerms
    letter_brakes: LetterBrakes


class Tenure:
    """One ownership. Made when the state is restored; `drain` ends it.

    `starts` are the committed offsets of every owned partition, by the stage that reads it;
    `number` tells its batches from those of other tenures; `deferred` is what predecessors left to
    be caught up with.
    """

    def __init__(
        self,
        shared: Shared,
        starts: Mapping[Stage, Mapping[TopicPartition, int]],
        backlog: Backlog,
        number: str,
        deferred: Collection[DeferredFrom],
    ) -> None:
        self._shared = shared
        self.closed = False
        self._draining = False
        self._held: set[TopicPartition] = set()
        partitions = max(1, len(starts[Stage.APPLY]))
        self.ledgers = {
            Stage.INTAKE: Ledger(INTAKE_OPEN),
            Stage.COMPLY: Ledger(COMPLY_OPEN),
            Stage.APPLY: Ledger(share := max(1, shared.bounds.max_pending // partitions)),
        }
        for stage, places in starts.items():
            for place, offset in places.items():
                own = stage is not Stage.INTAKE
                self.ledgers[stage].start(place, offset, contiguous=own)
        self.first_unread = FirstUnread({**starts[Stage.INTAKE], **starts[Stage.COMPLY]})
        self._reading = ReadingOn(
            shared.intake,
            shared.letter_brakes,
            shared.group,
            self.ledgers[Stage.INTAKE],
            INTAKE_OPEN,
        )
        self._reading.begin(starts[Stage.INTAKE])
        self._schema_waits = SchemaWaits(self._reading, len(starts[Stage.INTAKE]), shared.clock)
        outbox = Outbox(shared.bounds.limits, shared.gates, number, shared.brakes)
        self._outbox = outbox
        self._settlement = Settlement(shared.sends, shared.table, shared.clock)
        self.lanes = Lanes(
            shared.policy, shared.table, outbox, self._settlement, backlog, shared.clock
        )
        self._deferring = Deferring(
            shared.deferring,
            Owned(self.lanes, self.ledgers[Stage.APPLY], share),
            deferred,
            shared.gates,
            shared.clock,
        )
        self._apply_stops = ApplyStops(self.lanes, shared.letter_brakes, starts[Stage.APPLY])
        self._comply = Comply(self.lanes, shared.clock)
        self._apply = Apply(self.lanes, shared.sends, shared.clock, shared.facts.late_fence)
        self._ways = [
            Dispatch(
                urgency,
                Route(
                    outbox,
                    self.lanes,
                    shared.quota,
                    shared.delivery,
                    shared.clock,
                    shared.fatal,
                    self._paused if urgency is Urgency.WRITE else _never,
                    shared.campaigns.answered,
                ),
            )
            for urgency in Urgency
        ]
        self.lanes.wake = self._wake
        self._tasks: list[asyncio.Task[None]] = []
        self._owns = frozenset(place.partition for place in starts[Stage.APPLY])

    def start(self) -> None:
        """Begin to send."""
        runs = [way.run() for way in self._ways]
        runs += [self._tick(), self._defer()]
        self._tasks = [asyncio.create_task(run) for run in runs]
        self._shared.campaigns.begin()
        if self._owns:
            self._shared.rounds.begin(first=0 in self._owns)

    def admit(self, stage: Stage, record: Record) -> None:
        """Enter a record in the ledger and give it to its stage.

        Raises:
            OffsetGap: a record is missing before it.
        """
        place = TopicPartition(record.topic, record.partition)
        if self._draining or (stage is Stage.INTAKE and self._reading.drops(place)):
            return
        ledger = self._ledger(stage, place)
        entry = ledger.open(place, record.offset)
        self.first_unread.read(place, record)
        match stage:
            case Stage.INTAKE:
                self._schema_waits.take(record, entry)
            case Stage.COMPLY:
                self._comply.take(record, entry)
            case Stage.APPLY:
                self._apply.take(record, entry)
        if place not in self._held and (
            self._ledger(stage, place).full(place) or self._reads_no_further(place)
        ):
            self._held.add(place)
            self._shared.group.hold(place)

    def _ledger(self, stage: Stage, place: TopicPartition) -> Ledger:
        ahead = self._reading.ahead
        return ahead if stage is Stage.INTAKE and place in ahead else self.ledgers[stage]

    def _reads_no_further(self, place: TopicPartition) -> bool:
        return self._schema_waits.full(place) or self._apply_stops.stops(place)

    def positions(self) -> dict[TopicPartition, int]:
        """Return what may be committed of every owned partition, moved or not."""
        return {
            place: offset
            for ledger in self.ledgers.values()
            for place, offset in ledger.positions().items()
        }

    def settled(self) -> None:
        """Read on from partitions that were full and are half empty. Call it now and then."""
        self._schema_waits.go_on()
        self._reading.follow()
        self._apply_stops.follow()
        for place in tuple(self._held):
            stage = next(stage for stage, each in self.ledgers.items() if place in each)
            if self._ledger(stage, place).drained(place) and not self._reads_no_further(place):
                self._held.discard(place)
                self._shared.group.release(place)
        if not self._paused():
            self._wake()

    def tell(self) -> None:
        """Tell what was read since the last time, and what is held. Call it now and then."""
        facts = self._shared.facts
        ledgers = (*self.ledgers.values(), self._reading.ahead)
        for ledger in ledgers:
            for topic, read in ledger.newly_read().items():
                facts.read(topic, read.records, read.holes)
        facts.schema_waits(tuple(self._schema_waits.waiting()), self._shared.intake.schemas.away)
        opt_outs, oldest = self._comply.oldest()
        facts.holds(
            Holding(
                open_records=sum(ledger.open_count for ledger in ledgers),
                unsettled=self._settlement.unsettled,
                waiting=len(self._outbox),
                opt_outs=opt_outs,
                oldest_opt_out=oldest,
                unread=self._unread(),
            )
        )

    def _unread(self) -> Unread | None:
        """Return the oldest record in which an opt-out may stand that no stage knows of."""
        known = (self._schema_waits.oldest(), self.first_unread.oldest())
        since, place = min(
            ((each[1], each[0]) for each in known if each is not None), default=(None, None)
        )
        if since is None or place is None:
            return None
        return Unread(place, max(0.0, self._shared.clock() - since / 1000))

    def held_by(self, scope: Scope) -> int:
        """Return how many commands wait that a gate of this scope holds back, or would."""
        return self._outbox.held_by(scope)

    @property
    def in_the_air(self) -> int:
        """Say how many requests wait for their answer."""
        return sum(way.in_the_air for way in self._ways)

    def _paused(self) -> bool:
        return self._settlement.unsettled > self._shared.bounds.max_unsettled

    def _wake(self) -> None:
        for way in self._ways:
            way.wake()

    async def _tick(self) -> None:
        try:
            while True:
                await asyncio.sleep(TICK_SECONDS)
                self.lanes.tick()
                self._apply.look_after_fences()
        except asyncio.CancelledError:
            raise
        except BaseException as failure:  # noqa: BLE001 - a bug here must stop the worker
            self._shared.fatal(failure)

    async def _defer(self) -> None:
        try:
            await self._deferring.run()
        except asyncio.CancelledError:
            raise
        except BaseException as failure:  # noqa: BLE001 - a bug here must stop the worker
            self._shared.fatal(failure)

    async def drain(self, seconds: float, unsent: Callable[[], int]) -> None:
        """End: nothing new is read or sent; what is in the air may settle until the deadline.

        `unsent` says how many sends have no report yet.
        """
        self._draining = True
        self._schema_waits.close()
        self._deferring.cut_off()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1.0)
        left = max(0.0, deadline - loop.time())
        await asyncio.gather(
            self._shared.campaigns.end(left),
            self._shared.rounds.end(),
            *(way.drain(left) for way in self._ways),
        )
        while unsent() and loop.time() < deadline:  # noqa: ASYNC110 - the reports are polled for
            await asyncio.sleep(0.005)
        self.close()

    def close(self) -> None:
        """End at once: nothing more leaves, and late reports do nothing."""
        self._draining = self.closed = True
        self._settlement.closed = self._reading.closed = True
        self._schema_waits.close()
        self._deferring.cut_off()
        for task in self._tasks:
            task.cancel()
        for way in self._ways:
            way.cut_off()
        self._shared.campaigns.cut_off()
        self._shared.rounds.cut_off()


def _never() -> bool:
    return False
