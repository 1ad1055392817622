"""Play harsh histories through whole engines: ownerships that come, go and are killed.

What `HarshWorld` does with lanes alone is done here with all that carries them: ledgers, lanes,
outbox, dispatch, settlement, commits and the lease. Time jumps, so an hour costs no second.
"""

import asyncio
import math
import random
import threading
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import TypeVar

from connector.domain.belief import OptOutBelief
from connector.domain.change import LeadChange, LeadOptOut
from connector.domain.command import Command, Urgency
from connector.domain.dead_letter import DeadLetter
from connector.domain.ids import LeadId
from connector.domain.outcome import Outcome
from connector.domain.record import Record, TopicPartition
from connector.domain.result import Refused, Result, Unknown
from connector.genesys.quota import Quota
from connector.planning.batch import Batch
from connector.planning.brakes import Brakes
from connector.planning.gates import GateReason, Gates, HoldReason, Scope, Stop
from connector.planning.outbox import Limits
from connector.planning.pace import Pace
from connector.planning.pending import Door
from connector.stream import lead_changes
from connector.stream.backlog import Backlog, fold
from connector.stream.countdown import countdown
from connector.stream.engine import Ending, Engine, Topics
from connector.stream.intake import Intake
from connector.stream.lease import Lease
from connector.stream.packing import lead_key
from connector.stream.reading import Misplaced, Reading, Take, ignore
from connector.stream.state_rows import StateRow
from connector.stream.state_table import Restored
from connector.stream.tenure import Bounds, Shared
from tests.support.campaign_worker import ControlTopic
from tests.support.deferring import deferring_terms
from tests.support.fake_campaigns import FakeCampaigns
from tests.support.fake_letter_brakes import FakeLetterBrakes
from tests.support.fake_log import FakeLog
from tests.support.fake_rounds import FakeRounds
from tests.support.fake_table import FakeTable
from tests.support.harsh_world import HarshWorld
from tests.support.jumping_loop import JumpingLoop
from tests.support.pulled_brakes import PulledBrakes
from tests.support.unheard import Unheard

T = TypeVar("T")
CHANGES, OPT_OUTS = "a.lead-changes", "a.opt-outs"
PLACES = {Door.APPLY: TopicPartition(CHANGES, 0), Door.COMPLY: TopicPartition(OPT_OUTS, 0)}


class _Loop(JumpingLoop):
    """A loop whose time moves only when all tasks wait, and whose threads take none."""

    def run_in_executor(
        self, executor: Executor | None, func: Callable[..., T], *args: object
    ) -> asyncio.Future[T]:
        """Run *func* at once."""
        del executor
        done: asyncio.Future[T] = self.create_future()
        done.set_result(func(*args))
        return done


@dataclass
class Broker:
    """What is durable: our topics, and what the group committed."""

    world: HarshWorld
    logs: dict[Door, list[LeadChange]] = field(
        default_factory=lambda: {Door.APPLY: [], Door.COMPLY: []}
    )
    rows: list[StateRow] = field(default_factory=list)
    control: ControlTopic = field(default_factory=ControlTopic)
    committed: dict[TopicPartition, int] = field(default_factory=dict)
    letter_brakes: FakeLetterBrakes = field(default_factory=FakeLetterBrakes)

    @property
    def owed(self) -> bool:
        """Say whether something is left to catch up with."""
        return bool(self.control.rows(0))

    def take(self, topic: str, value: object) -> int:
        """Append what was produced; return its offset."""
        if isinstance(value, StateRow):
            self.rows.append(value)
            return len(self.rows) - 1
        if isinstance(value, Outcome):
            self.world.outcomes.append((value.outcome_id, value.verdict, value.reason))
        elif topic in (CHANGES, OPT_OUTS) and isinstance(value, LeadOptOut):
            self.logs[Door.APPLY if topic == CHANGES else Door.COMPLY].append(value)
        return 0


@dataclass
class ChangesLog:
    """`lead-changes` of a broker, as it is read again."""

    broker: Broker

    def _log(self) -> FakeLog:
        log = FakeLog()
        for change in self.broker.logs[Door.APPLY]:
            log.append(0, lead_key(change.lead), lead_changes.encode(change))
        return log

    def read_to_end(
        self,
        topic: str,
        positions: Mapping[int, int | None],
        take: Take,
        halt: threading.Event,
        misplaced: Misplaced = ignore,
    ) -> Reading:
        """Read to the end."""
        return self._log().read_to_end(topic, positions, take, halt, misplaced)

    def read_range(
        self, topic: str, partition: int, span: range, take: Take, halt: threading.Event
    ) -> Reading:
        """Read a range."""
        return self._log().read_range(topic, partition, span, take, halt)


class Sends:
    """A producer: each topic is acknowledged in the order of its sends, some time later."""

    def __init__(self, broker: Broker, chance: random.Random) -> None:
        self._broker, self._chance = broker, chance
        self.waiting: dict[str, list[tuple[object, Callable[[int], None]]]] = {}

    @property
    def open(self) -> int:
        """Return how many sends have no report."""
        return sum(map(len, self.waiting.values()))

    def _send(self, topic: str, value: object, durable: Callable[[int], None]) -> None:
        self.waiting.setdefault(topic, []).append((value, durable))

    def outcome(self, outcome: Outcome, durable: Callable[[], None]) -> None:
        """Produce an outcome."""
        self._send("outcomes", outcome, lambda _: durable())

    def change(self, change: LeadChange, durable: Callable[[], None]) -> None:
        """Produce a change."""
        self._send(CHANGES, change, lambda _: durable())

    def opt_out(self, change: LeadChange, durable: Callable[[], None]) -> None:
        """Produce an opt-out."""
        self._send(OPT_OUTS, change, lambda _: durable())

    def following(self, change: LeadOptOut, durable: Callable[[], None]) -> None:
        """Produce an opt-out and its fence."""
        report = countdown(2, durable)
        self.opt_out(change, report)
        self.change(change, report)

    def row(self, partition: int, row: StateRow, durable: Callable[[int], None]) -> None:
        """Produce a row."""
        del partition
        self._send("rows", row, durable)

    def letter(self, letter: DeadLetter, durable: Callable[[], None]) -> None:
        """Produce a letter."""
        self._send("letters", letter, lambda _: durable())

    late_letter = letter

    async def run(self) -> None:
        """Acknowledge until cancelled."""
        while True:
            await asyncio.sleep(self._chance.choice([0.001, 0.02, 0.5]))
            topics = [topic for topic, waiting in self.waiting.items() if waiting]
            if topics:
                self._deliver(self._chance.choice(topics))

    def _deliver(self, topic: str, *, report: bool = True) -> None:
        value, durable = self.waiting[topic].pop(0)
        offset = self._broker.take(topic, value)
        if report:
            durable(offset)

    def die(self) -> None:
        """Let some of what waits become durable without a report, and lose the rest."""
        for topic, waiting in self.waiting.items():
            for _ in range(self._chance.randrange(len(waiting) + 1)):
                self._deliver(topic, report=False)
        self.waiting.clear()


class Table(FakeTable):
    """Rows that are restored from what is durable."""

    def __init__(self, broker: Broker) -> None:
        super().__init__()
        self._broker = broker

    def restore(self, partitions: object, halt: object) -> Restored:
        """Show what the changelog says, no more."""
        del partitions, halt
        self.rows = {row.key: row.value for row in self._broker.rows}
        return Restored(len(self._broker.rows), complete=True)


@dataclass
class Starts:
    """What a tenure begins with."""

    broker: Broker

    def committed(self, places: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Return the commits."""
        return {place: self.broker.committed.get(place, 0) for place in places}

    def ends(
        self, places: Collection[TopicPartition], halt: threading.Event
    ) -> Mapping[TopicPartition, int]:
        """Return nothing."""
        del places, halt
        return {}

    def first_from(
        self, positions: Mapping[TopicPartition, int], halt: threading.Event
    ) -> Mapping[TopicPartition, Record]:
        """Return nothing."""
        del positions, halt
        return {}

    def backlog(
        self, partitions: Collection[int], from_offsets: Mapping[int, int], halt: threading.Event
    ) -> Backlog:
        """Return the opt-outs behind the commit."""
        del halt
        known: dict[LeadId, OptOutBelief] = {}
        for change in self.broker.logs[Door.COMPLY][from_offsets.get(0, 0) :]:
            fold(known, change)
        return dict.fromkeys(partitions, known)


class Delivery:
    """A platform that answers late, refuses, loses answers, and splits batches."""

    def __init__(self, world: HarshWorld, chance: random.Random) -> None:
        self._world, self._chance = world, chance
        self.air: list[Command] = []

    async def deliver(
        self,
        batch: Batch,
        sent: Callable[[Command], bool],
        urgency: Urgency,
        stands: Callable[[Command], bool],
        left: Callable[[Command], None],
    ) -> AsyncIterator[tuple[Command, Result]]:
        """Send and answer; a batch may be asked again before anything of it was done."""
        del urgency
        kept = batch.keep(sent)
        while kept.commands and self._chance.random() < 0.2:
            await asyncio.sleep(self._chance.choice([0.1, 3.0]))
            kept = kept.keep(sent)
        if self._chance.random() < 0.3:
            await asyncio.sleep(self._chance.choice([0.1, 3.0]))  # its connection opens
        while not all(map(stands, kept.commands)):
            kept = kept.keep(sent)
        if kept.commands:
            left(kept.commands[0])
        for command in kept.commands:
            self._world.judge_sent(command)
            self._world.air.append(command)
        try:
            await asyncio.sleep(self._chance.choice([0.05, 0.5, 8.0]))
        except asyncio.CancelledError:
            for command in kept.commands:
                self._landed(command, served=self._chance.random() < 0.5)
            raise
        for command in kept.commands:
            yield command, self._answer(command)

    def _answer(self, command: Command) -> Result:
        luck, pause = self._chance.random(), self._chance.choice([0.0, 1.0, 20.0])
        if luck < 0.8:
            self._world.air.remove(command)
            return self._world.platform.serve(command)
        self._landed(command, served=luck > 0.95)
        return Refused(pause) if luck < 0.9 else Unknown(pause)

    def _landed(self, command: Command, *, served: bool) -> None:
        self._world.air.remove(command)
        if served:
            self._world.platform.serve(command)


class Worker:
    """One process: an engine, its producer, and the group that feeds it."""

    def __init__(
        self, world: HarshWorld, broker: Broker, chance: random.Random, gates: Gates
    ) -> None:
        self._broker, self._chance = broker, chance
        self.failures: list[BaseException] = []
        self.held: set[TopicPartition] = set()
        self.letter_brakes = broker.letter_brakes
        self.sends, clock = Sends(broker, chance), asyncio.get_running_loop().time
        self.lease = Lease(45.0, clock)
        shared = Shared(
            policy=world.policy,
            bounds=Bounds(8, 1_000, Limits(5, 512_000, 0.5)),
            table=Table(broker),
            sends=self.sends,
            intake=Intake({}, {}, self.sends, clock),
            quota=Quota(Pace(300), clock),
            delivery=Delivery(world, chance),
            gates=gates,
            brakes=Brakes(gates, {}),
            group=self,
            clock=clock,
            fatal=self.failures.append,
            facts=Unheard(),
            campaigns=FakeCampaigns(),
            rounds=FakeRounds(),
            deferring=deferring_terms(
                broker.control, ChangesLog(broker), CHANGES, dict.fromkeys(world.policy.lists, 5.0)
            ),
            letter_brakes=self.letter_brakes,
        )
        ending = Ending(5.0, lambda: self.sends.open, self.sends.die)
        topics = Topics(frozenset({"crm"}), CHANGES, OPT_OUTS, 1)
        self.engine = Engine(shared, topics, Starts(broker), self.lease, ending)
        self.at: dict[Door, int] = {}
        self.engine.start()
        self._tasks = [asyncio.create_task(self.sends.run())]

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> bool:
        """Commit, most of the time."""
        await asyncio.sleep(0.01)
        if self._chance.random() < 0.1:
            return False
        self._broker.committed.update(offsets)
        return True

    def hold(self, place: TopicPartition) -> None:
        """Hold a partition."""
        self.held.add(place)

    def release(self, place: TopicPartition) -> None:
        """Release it."""
        self.held.discard(place)

    def go_back(self, place: TopicPartition, offset: int, gone: Callable[[], None]) -> None:
        """Read nothing again: there is no source."""
        raise NotImplementedError

    async def assign(self) -> None:
        """Take the partitions up, and read from the commits."""
        await self.engine.restored(list(PLACES.values()))
        self.held.clear()
        self.at = {door: self._broker.committed.get(place, 0) for door, place in PLACES.items()}

    def feed(self, door: Door) -> None:
        """Give the next record of a topic, if there is one and it is read."""
        place, log, at = PLACES[door], self._broker.logs[door], self.at.get(door)
        if at is None or at >= len(log) or place in self.held:
            return
        self.at[door] = at + 1
        value = lead_changes.encode(log[at])
        self.engine.admit(Record(place.topic, 0, at, 1_000, lead_key(log[at].lead), value))

    async def revoke(self) -> None:
        """Let the partitions go."""
        self.at = {}
        await self.engine.revoked()

    async def kill(self) -> None:
        """End at once; what was produced may be durable or lost."""
        self.at = {}
        self.engine.abandon()
        self.sends.die()
        for task in self._tasks:
            task.cancel()
        await self.engine.stop()
        await asyncio.sleep(0.01)


@dataclass
class Parks:
    """Shuts a gate now and then, of a list that is parked or an insert that is held, and opens it
    again; for good once all is read.
    """

    world: HarshWorld
    chance: random.Random
    shut: Scope | None = None

    def turn(self, gates: Gates, *, done: bool) -> None:
        """Shut or open, or let it be."""
        luck = self.chance.random()
        if self.shut is None:
            if self.world.parks and luck < 0.1:
                self.world.parks -= 1
                place = self.chance.choice(sorted(self.world.policy.lists))
                self.shut = Scope(place, self.chance.choice([Stop.ALL, Stop.INSERTS]))
        elif luck < (0.1 if done else 0.02):
            gates.open(self.shut)
            gates.let_go(self.shut, HoldReason.BRAKE)
            self.shut = None
        if self.shut is not None and self.shut.stop is Stop.ALL:
            gates.shut(self.shut, GateReason.OUTAGE, asyncio.get_running_loop().time(), math.inf)
        elif self.shut is not None:
            gates.hold(self.shut, HoldReason.BRAKE)


async def _play(world: HarshWorld, pulls: int) -> None:
    chance = random.Random(world.seed + 1)
    broker, brakes = Broker(world), PulledBrakes(pulls, world.seed + 2)
    parking = Parks(world, chance)
    worker = Worker(world, broker, chance, brakes.gates)
    coming = {door: list(world.topic[door]) for door in Door}
    await worker.assign()
    failures: list[BaseException] = []
    moves = world.kills
    for _ in range(20_000):
        await asyncio.sleep(chance.choice([0.01, 0.1, 0.1, 2.0]))
        world.tick(asyncio.get_running_loop().time())
        door = chance.choice(list(Door))
        if coming[door] and chance.random() < 0.5:
            broker.logs[door].append(coming[door].pop(0))
        worker.feed(chance.choice(list(Door)))
        parking.turn(brakes.gates, done=not any(coming.values()))
        brakes.turn(over=not any(coming.values()))
        if any(coming.values()) and chance.random() < 0.02:
            broker.letter_brakes.pull(PLACES[Door.APPLY], "the test")
        elif broker.letter_brakes.told and chance.random() < 0.05:
            broker.letter_brakes.release(PLACES[Door.APPLY])
        if moves and chance.random() < 0.01:
            moves -= 1
            if chance.random() < 0.5:
                await worker.revoke()
            else:
                await worker.kill()
                failures += worker.failures
                worker = Worker(world, broker, chance, brakes.gates)
            await worker.assign()
        ends = {place: len(broker.logs[door]) for door, place in PLACES.items()}
        if not (any(coming.values()) or broker.owed) and broker.committed == ends:
            break
    else:
        world.wrong["stuck"] += 1
    await worker.engine.stop()
    for failure in failures + worker.failures:
        world.wrong[f"failed: {failure!r}"] += 1


def play(world: HarshWorld, pulls: int = 0) -> HarshWorld:
    """Play the history of *world* through engines to its end, and judge what is there then.

    Brakes are pulled *pulls* times meanwhile.
    """
    world.orderly = False  # an outcome waits for the opt-outs that follow a changed key
    with asyncio.Runner(loop_factory=_Loop) as runner:
        runner.run(_play(world, pulls))
    world.judge_end()
    return world
