"""An engine with the real sender, client and watcher, between a broker on paper and a simulator.

What it tells is what a worker in production would tell of the same records.
"""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from prometheus_client.parser import text_string_to_metric_families

from connector.cdc.decoding import Decoder
from connector.cdc.phones import PhoneReader
from connector.domain.ids import DncListId, ListId
from connector.domain.record import Record, TopicPartition
from connector.genesys.campaigns import CampaignCalls
from connector.genesys.dnc_lists import DncLists
from connector.genesys.list_sizes import ListSizes
from connector.genesys.platform import Platform, Surroundings
from connector.genesys.quota import Quota
from connector.planning.brakes import Brakes
from connector.planning.digest import Digests
from connector.planning.gates import Gates
from connector.planning.outbox import Limits
from connector.planning.pace import Pace
from connector.planning.policy import ListPolicy, Policy, SourcePolicy
from connector.registry.access import RegistryAwayError
from connector.registry.writer_schemas import SchemaText
from connector.stream.campaign_news import CampaignNews
from connector.stream.campaigns import CampaignCare, CampaignParts, CampaignTerms
from connector.stream.control import Control
from connector.stream.coverage import CoverageParts, CoverageRounds, CoverageTerms
from connector.stream.coverage_news import CoverageNews
from connector.stream.engine import Ending, Engine, Topics
from connector.stream.health import Health
from connector.stream.intake import Intake
from connector.stream.lease import Lease
from connector.stream.list_news import ListNews
from connector.stream.names import Names
from connector.stream.outcomes import json_encoder
from connector.stream.restart_claims import RestartClaims
from connector.stream.rounds import ListRounds, RoundParts, TenureRounds
from connector.stream.schema_book import SchemaBook
from connector.stream.sends import OwnTopics, Sender
from connector.stream.tenure import Bounds, Shared
from connector.stream.watcher import Watcher
from connector.telemetry.metrics import Metrics
from tests.support.avro import LEAD
from tests.support.campaign_worker import ControlTopic
from tests.support.commands import BOOK
from tests.support.deferring import deferring_terms
from tests.support.fake_letter_brakes import FakeLetterBrakes
from tests.support.fake_log import FakeLog
from tests.support.fake_table import FakeTable
from tests.support.fake_worker import CHANGES, OPT_OUTS, SOURCE, FakeGroup, FakeStarts
from tests.support.paper_broker import PaperBroker
from tests.support.platform_access import QUICK, an_endpoint, permitted
from tests.support.records import as_json
from tests.support.simulators import COLUMNS, DNC, LIST, Simulator
from tests.support.sources import FLAT

OWN = OwnTopics(CHANGES, OPT_OUTS, "a.outcomes", "a.dead-letters", "a-changelog")
AGE_FIELD = "born"
PLACES = tuple(TopicPartition(topic, 0) for topic in (SOURCE, CHANGES, OPT_OUTS))


class SkippingClock:
    """The seconds of a clock (since 1970, where none is given), and those that a test skipped."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.skipped = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.clock() + self.skipped


class Watched:
    """What watches, and what it tells."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        names = Names({LIST: "default"}, 2)
        self.clock = SkippingClock(clock)
        self.health = Health(self.clock)
        self.metrics = Metrics(names.places, "1")
        self.gates = Gates()
        self.watcher = Watcher(self.health, self.metrics, self.gates, names, self.clock)


class WatchedWorker:
    """One worker of one partition. Build it by `watched_worker`."""

    def __init__(
        self,
        platform: Platform,
        watched: Watched,
        terms: CampaignTerms | CoverageTerms | None = None,
        encoding: str = "json",
        max_age: float | None = None,
    ) -> None:
        self.terms = terms
        self.max_age = max_age
        self.registry_is_away = True
        self.spec = replace(FLAT, encoding=encoding, named=FLAT.named | {AGE_FIELD})
        self.control = ControlTopic()
        self.clock, self.watched = watched.clock, watched
        self.broker = PaperBroker(lambda: round(self.clock() * 1000))
        self.starts = FakeStarts(FakeGroup())
        self.failures: list[BaseException] = []
        self._given = {CHANGES: 0, OPT_OUTS: 0}
        self.schemas = SchemaBook(
            self._schema, self.clock, lambda: 0.0, watched.watcher, self.failures.append
        )
        self.engine = self._engine(platform)

    def _engine(self, platform: Platform) -> Engine:
        watcher = self.watched.watcher
        sender = Sender(
            self.broker,
            self.broker,
            OWN,
            "1",
            facts=watcher,
            fatal=self.failures.append,
        )
        sender.encodes(json_encoder("1"))
        shared = Shared(
            policy=replace(_policy(), max_age=self.max_age, age_field=AGE_FIELD),
            bounds=Bounds(100, 1_000, Limits(50, 512_000, 0.01)),
            table=FakeTable(),
            sends=sender,
            intake=Intake(
                {SOURCE: Decoder(self.spec, schemas=self.schemas.lookup)},
                {SOURCE: "id"},
                sender,
                self.clock,
                self.schemas,
            ),
            quota=platform.quota,
            delivery=platform.delivery(BOOK),
            gates=self.watched.gates,
            brakes=Brakes(self.watched.gates, {}),
            group=self.starts.group,
            clock=self.clock,
            fatal=self.failures.append,
            facts=watcher,
            campaigns=self._campaigns(platform),
            rounds=self._rounds(platform),
            deferring=deferring_terms(self.control, FakeLog(), CHANGES, {}),
            letter_brakes=FakeLetterBrakes(),
        )
        topics = Topics(frozenset({SOURCE}), CHANGES, OPT_OUTS, 2)
        ending = Ending(0.2, lambda: len(self.broker.waiting), sender.purge)
        # On a clock that goes faster than time, a moment's hold-up is minutes.
        quick = self.clock.clock is not time.time
        lease = Lease(3_600.0 if quick else 120.0, self.clock)
        return Engine(shared, topics, self.starts, lease, ending)

    def _schema(self, _schema_id: int) -> SchemaText:
        if self.registry_is_away:
            raise RegistryAwayError("no answer")
        return SchemaText(LEAD)

    def _campaigns(self, platform: Platform) -> CampaignCare:
        control = Control(self.control, "a.control", self.control.write)
        parts = CampaignParts(
            CampaignCalls(platform.exchange),
            RestartClaims(control, "this worker"),
            CampaignNews(self.watched.health, self.watched.metrics, {ListId(LIST): "default"}),
            self.clock,
            lambda: 0.0,
            self.failures.append,
        )
        terms = {ListId(LIST): self.terms} if isinstance(self.terms, CampaignTerms) else {}
        return CampaignCare(terms, parts)

    def _rounds(self, platform: Platform) -> TenureRounds:
        watched, names = self.watched, {ListId(LIST): "default"}
        news = ListNews(watched.health, watched.metrics, names)
        parts = RoundParts(ListSizes(platform.exchange), news, 600.0, self.failures.append)
        campaigns = isinstance(self.terms, CampaignTerms)
        sizes = ListRounds([ListId(LIST)] if campaigns else [], parts)
        looking = CoverageParts(
            CampaignCalls(platform.exchange),
            DncLists(platform.exchange),
            watched.gates,
            CoverageNews(watched.health, watched.metrics, names),
            self.clock,
            self.failures.append,
        )
        none = CoverageTerms({}, hold=False, interval=600.0)
        terms = self.terms if isinstance(self.terms, CoverageTerms) else none
        return TenureRounds(sizes, CoverageRounds(terms, looking))

    def read(self, value: object, key: object = None, *, offset: int | None = None) -> None:
        """Give the worker the next record of the source, or one at a later offset."""
        log = self.broker.logs[SOURCE]
        at = (log[-1].offset + 1 if log else 0) if offset is None else offset
        now_ms = round(self.clock() * 1000)
        record = Record(SOURCE, 0, at, now_ms, as_json(key), as_json(value))
        log.append(record)
        self.engine.admit(record)

    def turn(self, *, without: str = "") -> None:
        """Let the broker have what was sent, and the worker read what stands in its topics.

        It reads in turns of 50, and no further where it holds a partition.
        """
        self.broker.deliver()
        for topic, given in self._given.items():
            if topic != without and TopicPartition(topic, 0) not in self.starts.group.held:
                records = self.broker.logs[topic][given : given + 50]
                for record in records:
                    self.engine.admit(record)
                self._given[topic] = given + len(records)

    async def settle(self) -> None:
        """Go on until everything that was read is settled."""
        async with asyncio.timeout(20):
            while not self.settled:
                self.turn()
                await asyncio.sleep(0.005)

    async def until_told_of(self, topic: str) -> None:
        """Go on until something for *topic* waits for the broker."""
        async with asyncio.timeout(20):
            while all(each.topic != topic for each in self.broker.waiting):
                self.turn()
                await asyncio.sleep(0.005)

    @property
    def settled(self) -> bool:
        """Whether all records of all topics may be committed."""
        ends = {p: log[-1].offset + 1 for p in PLACES if (log := self.broker.logs[p.topic])}
        positions = self.engine.positions()
        return not self.broker.waiting and all(positions[p] == end for p, end in ends.items())

    async def told(self, name: str) -> float:
        """Wait until a sample is told that is not zero; give it."""
        async with asyncio.timeout(10):
            while not (value := self.samples().get(name, 0.0)):  # noqa: ASYNC110 - metrics are polled
                await asyncio.sleep(0.02)
        return value

    def samples(self) -> dict[str, float]:
        """Read the metrics as Prometheus does: name and label values by label name."""
        text = self.watched.metrics.render()[0].decode()
        return {
            sample.name
            + "".join(f"|{value}" for _, value in sorted(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }


@asynccontextmanager
async def watched_worker(
    simulator: Simulator,
    clock: Callable[[], float] = time.time,
    allowance: float = QUICK,
    terms: CampaignTerms | CoverageTerms | None = None,
    encoding: str = "json",
    max_age: float | None = None,
    **endpoint: object,
) -> AsyncGenerator[WatchedWorker, None]:
    """Run a worker that owns one partition of each topic; nothing may have failed in it.

    Without *terms* it looks after no campaign; they may be about coverage alone. Its registry is away until the test says else.
    """
    watched = Watched(clock)
    quota = Quota(Pace(allowance), clock, watched.watcher.slot)
    surroundings = Surroundings(permitted, watched.watcher.notice, clock, random.random)
    async with Platform(an_endpoint(simulator.url, **endpoint), quota, surroundings) as platform:
        worker = WatchedWorker(platform, watched, terms, encoding, max_age)
        worker.engine.start()
        asking = asyncio.create_task(worker.schemas.run())
        await worker.engine.restored(PLACES)
        yield worker
        await worker.engine.stop()
        asking.cancel()
        assert worker.failures == []


def _policy() -> Policy:
    contacts = ListPolicy(
        ListId(LIST),
        "default",
        COLUMNS,
        {FLAT.name: FLAT.columns},
        frozenset({"Mobile", "Home"}),
    )
    phones = {column: FLAT.columns[column] for column in FLAT.phones}
    source = SourcePolicy(phones, FLAT.opt_out, FLAT.quarantine)
    return Policy(
        {contacts.id: contacts},
        (DncListId(DNC),),
        {FLAT.name: source},
        Digests(b"secret"),
        PhoneReader("US").read,
    )
