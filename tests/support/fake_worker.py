"""Run the engine without Faust, Kafka or HTTP: named fakes of its ports."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass, field

from connector.cdc.decoding import Decoder
from connector.domain.change import LeadChange
from connector.domain.command import Command, Urgency
from connector.domain.record import Record, TopicPartition
from connector.domain.result import Result
from connector.genesys.quota import Quota
from connector.planning.batch import Batch
from connector.planning.brakes import Brakes
from connector.planning.gates import Gates
from connector.planning.outbox import Limits
from connector.planning.pace import Pace
from connector.stream import lead_changes
from connector.stream.backlog import Backlog
from connector.stream.engine import Ending, Engine, Topics
from connector.stream.facts import Facts
from connector.stream.intake import Intake
from connector.stream.lease import Lease
from connector.stream.packing import lead_key
from connector.stream.ports import Schemas
from connector.stream.tenure import Bounds, Shared
from tests.support.campaign_worker import ControlTopic
from tests.support.deferring import deferring_terms
from tests.support.fake_campaigns import FakeCampaigns
from tests.support.fake_letter_brakes import FakeLetterBrakes
from tests.support.fake_log import FakeLog
from tests.support.fake_rounds import FakeRounds
from tests.support.fake_sends import FakeSends
from tests.support.fake_table import FakeTable
from tests.support.lane_world import Platform, a_policy
from tests.support.sources import FLAT
from tests.support.unheard import Unheard

SOURCE, CHANGES, OPT_OUTS = "crm", "a.lead-changes", "a.opt-outs"


class FakeGroup:
    """The consumer group: remembers what was committed and which partitions are held."""

    def __init__(self) -> None:
        self.committed: dict[TopicPartition, int] = {}
        self.held: set[TopicPartition] = set()
        self.away = False
        self.returns: list[tuple[TopicPartition, int, Callable[[], None]]] = []

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> bool:
        """Commit, unless the coordinator is away."""
        if not self.away:
            self.committed.update(offsets)
        return not self.away

    def hold(self, place: TopicPartition) -> None:
        """Hold a partition."""
        self.held.add(place)

    def release(self, place: TopicPartition) -> None:
        """Release it."""
        self.held.discard(place)

    def go_back(self, place: TopicPartition, offset: int, gone: Callable[[], None]) -> None:
        """Read a partition again from an offset, once the test says so."""
        self.returns.append((place, offset, gone))


class FakeDelivery:
    """Delivers to the fake platform; `gate` holds answers back while it is unset."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.gate = asyncio.Event()
        self.gate.set()
        self.batches: list[Batch] = []

    async def deliver(
        self,
        batch: Batch,
        sent: Callable[[Command], bool],
        urgency: Urgency,
        stands: Callable[[Command], bool],
        left: Callable[[Command], None],
    ) -> AsyncIterator[tuple[Command, Result]]:
        """Serve every command that may leave."""
        del urgency, stands, left
        kept = batch.keep(sent)
        self.batches.append(kept)
        await self.gate.wait()
        for command in kept.commands:
            yield command, self.platform.serve(command)


@dataclass
class FakeStarts:
    """What a tenure begins with: what the group committed, no backlog.

    `end` is that of all partitions that have no `unread` records.
    """

    group: FakeGroup
    end: int = 0
    unread: dict[TopicPartition, list[Record]] = field(default_factory=dict)

    def committed(self, places: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Return the committed offsets, 0 where there is none."""
        return {place: self.group.committed.get(place, 0) for place in places}

    def ends(
        self, places: Collection[TopicPartition], halt: threading.Event
    ) -> Mapping[TopicPartition, int]:
        """Return the same end for all."""
        del halt
        return {
            place: each[-1].offset + 1 if (each := self.unread.get(place)) else self.end
            for place in places
        }

    def first_from(
        self, positions: Mapping[TopicPartition, int], halt: threading.Event
    ) -> Mapping[TopicPartition, Record]:
        """Return the first of `unread` there."""
        del halt
        return {
            place: record
            for place, at in positions.items()
            for record in [each for each in self.unread.get(place, ()) if each.offset >= at][:1]
        }

    def backlog(
        self, partitions: Collection[int], from_offsets: Mapping[int, int], halt: threading.Event
    ) -> Backlog:
        """Return none."""
        del from_offsets, halt
        return {partition: {} for partition in partitions}


@dataclass
class FakeWorker:
    """One engine on its fakes. Build it inside a running loop."""

    max_pending: int = 100
    now: float = 1_000.0
    failures: list[BaseException] = field(default_factory=list)
    facts: Facts = field(default_factory=Unheard)
    delivers: type[FakeDelivery] = FakeDelivery
    sources: Mapping[str, Decoder] = field(default_factory=lambda: {SOURCE: Decoder(FLAT)})
    schemas: Schemas | None = None
    control: ControlTopic = field(default_factory=ControlTopic)
    log: FakeLog = field(default_factory=FakeLog)
    letter_brakes: FakeLetterBrakes = field(default_factory=FakeLetterBrakes)

    def __post_init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.group, self.sends, self.table = FakeGroup(), FakeSends(), FakeTable()
        self.platform = Platform()
        self.delivery = self.delivers(self.platform)
        self.lease = Lease(10.0, loop.time)
        self.rounds = FakeRounds()
        clock = loop.time
        policy = a_policy(adopt=False)
        self.gates = Gates()
        terms = deferring_terms(self.control, self.log, CHANGES, dict.fromkeys(policy.lists, 0.0))
        shared = Shared(
            policy=policy,
            bounds=Bounds(self.max_pending, 1_000, Limits(50, 512_000, 0.01)),
            table=self.table,
            sends=self.sends,
            intake=Intake(
                self.sources, dict.fromkeys(self.sources, "id"), self.sends, clock, self.schemas
            ),
            quota=Quota(Pace(600_000), clock),
            delivery=self.delivery,
            gates=self.gates,
            brakes=Brakes(self.gates, {}),
            group=self.group,
            clock=clock,
            fatal=self.failures.append,
            facts=self.facts,
            campaigns=FakeCampaigns(),
            rounds=self.rounds,
            deferring=terms,
            letter_brakes=self.letter_brakes,
        )
        topics = Topics(frozenset(self.sources), CHANGES, OPT_OUTS, 1)
        ending = Ending(0.2, lambda: sum(len(t.waiting) for t in self.sends.topics), lambda: None)
        self.starts = FakeStarts(self.group)
        self.engine = Engine(shared, topics, self.starts, self.lease, ending)

    async def assign(self, partition: int = 0) -> None:
        """Give the worker one partition of all topics."""
        topics = (*self.sources, CHANGES, OPT_OUTS)
        await self.engine.restored([TopicPartition(each, partition) for each in topics])

    def change(self, offset: int, change: LeadChange, topic: str = CHANGES) -> None:
        """Give a record of one of our own topics."""
        value = lead_changes.encode(change)
        if topic == CHANGES:
            self.log.append(0, lead_key(change.lead), value)
        self.engine.admit(Record(topic, 0, offset, 1_000, lead_key(change.lead), value))

    def deliver_all(self) -> None:
        """Let the broker have everything that was sent, and what follows from that."""
        while any(topic.waiting for topic in self.sends.topics):
            for topic in self.sends.topics:
                if topic.waiting:
                    topic.deliver()

    async def rest(self, turns: int = 30) -> None:
        """Let tasks run: some turns of the loop and a short while."""
        for _ in range(turns):
            await asyncio.sleep(0.001)
