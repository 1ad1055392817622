"""A worker whose registry is away, slow, or knows nothing: nothing is lost, nobody else waits."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from connector.cdc.decoding import Decoder
from connector.domain.change import LeadOptOut
from connector.domain.outcome import Outcome
from connector.domain.reason import Reason, Stage
from connector.domain.record import Record, TopicPartition
from connector.planning.gates import Gates
from connector.registry.access import RegistryAccess
from connector.registry.writer_schemas import WriterSchemas
from connector.stream import lag, schema_book, schema_waits
from connector.stream.health import Compliance, Health
from connector.stream.names import Names
from connector.stream.schema_book import SchemaBook
from connector.stream.watcher import Watcher
from connector.telemetry.metrics import Metrics
from tests.support.avro import KEY, LEAD, a_lead, framed
from tests.support.fake_worker import OPT_OUTS, FakeWorker
from tests.support.schema_registry import SchemaRegistry
from tests.support.sources import FLAT

AVRO, JSON = "crm.avro", "crm.json"


@pytest.fixture
def registry() -> Iterator[SchemaRegistry]:
    """Give a registry that is away at first."""
    fake = SchemaRegistry()
    yield fake
    fake.stop()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for tenths of seconds where a worker waits for seconds."""
    monkeypatch.setattr(schema_book, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(schema_book, "LONGEST_PAUSE", 0.1)
    monkeypatch.setattr(schema_book, "LAG_SECONDS", 0.2)
    monkeypatch.setattr(schema_book, "LAG_PAUSE", 0.05)


class Scene:
    """A worker with an Avro and a JSON source."""

    def __init__(self, registry: SchemaRegistry) -> None:
        clock = asyncio.get_running_loop().time
        self.failures: list[BaseException] = []
        self.health, self.metrics = Health(clock), Metrics({}, "1")
        watcher = Watcher(self.health, self.metrics, Gates(), Names({}, 1), clock)
        self.writers = WriterSchemas(RegistryAccess(registry.url))
        self.book = SchemaBook(self.writers.get, clock, lambda: 0.5, watcher, self.failures.append)
        avro = replace(FLAT, name="avro", topics=(AVRO,), encoding="avro")
        sources = {
            AVRO: Decoder(avro, schemas=self.book.lookup),
            JSON: Decoder(replace(FLAT, name="json", topics=(JSON,))),
        }
        self.worker = FakeWorker(facts=watcher, sources=sources, schemas=self.book)
        self._offsets = dict.fromkeys(sources, 0)

    def give(
        self, topic: str, value: bytes | None, key: bytes | None = None, *, appended: int = 1_000
    ) -> None:
        """Give the worker the next record of a topic."""
        offset = self._offsets[topic]
        self._offsets[topic] += 1
        self.worker.engine.admit(Record(topic, 0, offset, appended, key, value))

    @property
    def taken(self) -> list[str]:
        """Name the leads that intake sent on or refused, in order."""
        self.worker.deliver_all()
        sends = self.worker.sends
        # A log holds objects of every kind.
        of = [each.lead for each in sends.changes.log]  # type: ignore[attr-defined]  # changes
        return of + [str(each.lead_id) for each in sends.outcomes.log if isinstance(each, Outcome)]

    def committable(self, topic: str) -> int:
        """Say up to where a source topic may be committed."""
        self.worker.deliver_all()
        return self.worker.engine.positions()[TopicPartition(topic, 0)]

    @property
    def honoured(self) -> bool:
        """Say whether the one opt-out is settled."""
        self.worker.deliver_all()
        return self.worker.engine.positions()[TopicPartition(OPT_OUTS, 0)] == 1

    @property
    def letters(self) -> list[tuple[Reason, Stage]]:
        """Say why records were refused."""
        self.worker.deliver_all()
        return [
            (each.reason, each.stage)  # type: ignore[attr-defined]  # letters
            for each in self.worker.sends.letters.log
        ]


@asynccontextmanager
async def scene(registry: SchemaRegistry) -> AsyncIterator[Scene]:
    """Run a worker; it must end without a failure."""
    at = Scene(registry)
    running = asyncio.create_task(at.book.run())
    at.worker.engine.start()
    await at.worker.assign()
    yield at
    await at.worker.engine.stop()
    running.cancel()
    at.writers.close()
    assert not at.failures
    assert not at.worker.failures


async def until(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.005)


def a_json(lead: str) -> bytes:
    """Write a flat lead as JSON."""
    return json.dumps({"lead_id": lead, "phone_mobile": "+12125550101"}).encode()


async def test_a_registry_that_is_away_at_start_holds_its_own_source_only(
    registry: SchemaRegistry,
) -> None:
    """The Avro source waits in order, opt-outs of the JSON source go on, nothing is refused."""
    registry.books.put(7, LEAD)
    with capture_logs() as lines:
        async with scene(registry) as at:
            for number in range(5):
                at.give(AVRO, a_lead(7, f"A-{number}", phone_mobile="+12125550101"))
            at.give(JSON, b'{"lead_id":"J-1","phone_mobile":"+12125550102","do_not_call":true}')
            await until(lambda: at.book.away is not None)
            assert at.taken == ["J-1"]
            assert len(at.worker.sends.opt_outs.log) == 1
            assert at.committable(JSON) == 1
            assert at.committable(AVRO) == 0
            registry.start()
            await until(lambda: at.committable(AVRO) == 5)
            assert at.taken == ["J-1", *(f"A-{number}" for number in range(5))]
            assert not at.letters
    told = [line["event"] for line in lines if line["event"].startswith(("registry", "schema"))]
    assert told == ["registry.unreachable", "registry.reachable"]
    assert registry.books.questions(7) == 1


async def test_a_worker_that_waits_is_not_ready_and_says_why(
    registry: SchemaRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The body names the source, the schema and since when; a metric counts what waits."""
    monkeypatch.setattr("connector.stream.watcher.SCHEMA_PATIENCE", 0.0)

    def lines(at: Scene) -> list[str]:
        at.worker.engine.tell()
        return [line for line in at.health.ready().lines if line.startswith("source")]

    def shown(at: Scene) -> str:
        return at.metrics.render()[0].decode()

    registry.books.put(7, LEAD)
    async with scene(registry) as at:
        at.give(AVRO, a_lead(7, "A-1"))
        at.give(AVRO, a_lead(7, "A-2"))
        await until(lambda: at.book.away is not None)
        (line,) = lines(at)
        assert line.startswith("source avro: 2 records wait for schema 7: http://127.0.0.1:")
        assert line.endswith("for 0 s")
        assert 'connector_schema_waiting_records{source="avro"} 2.0' in shown(at)
        assert 'connector_schema_requests_total{result="away"}' in shown(at)
        registry.start()
        await until(lambda: at.committable(AVRO) == 2)
        assert lines(at) == []
        assert "connector_schema_waiting_records{" not in shown(at)


async def test_an_outage_in_the_middle_is_felt_only_by_new_schemas(
    registry: SchemaRegistry,
) -> None:
    """Known schemas serve on; the record with a new one waits, and what is behind it."""
    registry.books.put(7, LEAD)
    registry.books.put(8, LEAD)
    registry.start()
    async with scene(registry) as at:
        at.give(AVRO, a_lead(7, "A-1"))
        await until(lambda: at.committable(AVRO) == 1)
        registry.stop()
        at.give(AVRO, a_lead(7, "A-2"))
        assert at.committable(AVRO) == 2
        at.give(AVRO, a_lead(8, "A-3"))
        at.give(AVRO, a_lead(7, "A-4"))
        await until(lambda: at.book.away is not None)
        assert at.committable(AVRO) == 2
        registry.start()
        await until(lambda: at.committable(AVRO) == 4)
        assert at.taken == ["A-1", "A-2", "A-3", "A-4"]
        assert not at.letters


async def test_an_unknown_id_is_asked_again_and_then_refused(registry: SchemaRegistry) -> None:
    """A replica that lags is waited for; nobody's schema ends in a dead letter, and all behind it
    goes on.
    """
    registry.books.put(7, LEAD)
    registry.books.put(9, LEAD)
    registry.books.hidden = {7}
    registry.start()
    async with scene(registry) as at:
        at.give(AVRO, a_lead(7, "A-1"))
        await until(lambda: registry.books.questions(7) == 2)
        registry.books.hidden = set()
        await until(lambda: at.committable(AVRO) == 1)
        at.give(AVRO, a_lead(99, "A-2"), framed(7, KEY, {"lead_id": "A-2"}))
        at.give(AVRO, a_lead(9, "A-3"))
        await until(lambda: at.committable(AVRO) == 3)
        assert at.letters == [(Reason.SCHEMA_UNKNOWN, Stage.DECODE)]
        assert registry.books.questions(99) > 2
        asked = registry.books.questions(99)
        at.give(AVRO, a_lead(99, "A-4"))
        assert at.committable(AVRO) == 4
        assert registry.books.questions(99) == asked


@pytest.mark.parametrize(
    ("schema", "more", "told"),
    [
        ('{"type":"object"}', {"schemaType": "JSON"}, "it is of the type JSON, not AVRO"),
        ('{"type":"record"}', {}, "it is no Avro schema"),
        (KEY, {}, "bytes are left over"),
    ],
)
async def test_the_wrong_schema_is_the_records_fault(
    registry: SchemaRegistry, schema: str, more: dict[str, object], told: str
) -> None:
    """A subject of another type, no schema at all, bytes that do not fit: dead letters."""
    registry.books.put(7, schema, **more)
    registry.start()
    async with scene(registry) as at:
        at.give(AVRO, a_lead(7, "A-1", first_name="Ana"))
        await until(lambda: at.committable(AVRO) == 1)
        assert at.letters == [(Reason.UNDECODABLE, Stage.DECODE)]
        (letter,) = at.worker.sends.letters.log
        assert told in letter.text  # type: ignore[attr-defined]  # a letter


async def test_a_tenure_ends_while_records_wait(registry: SchemaRegistry) -> None:
    """Nothing of them is committed; the next owner reads them again, and nobody asks on."""
    registry.books.put(7, LEAD)
    async with scene(registry) as at:
        at.give(AVRO, a_lead(7, "A-1"))
        await until(lambda: at.book.away is not None)
        await at.worker.engine.revoked()
        assert at.worker.group.committed[TopicPartition(AVRO, 0)] == 0
        registry.start()
        await at.worker.assign()
        assert registry.books.questions(7) == 0
        at.worker.engine.admit(Record(AVRO, 0, 0, 1_000, None, a_lead(7, "A-1")))
        await until(lambda: at.committable(AVRO) == 1)
        assert at.taken == ["A-1"]


async def test_what_waits_is_bounded_by_its_bytes(
    registry: SchemaRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A partition with a lot of waiting bytes is not read further until they are gone."""
    monkeypatch.setattr(schema_waits, "WAITING_BYTES", 4_000)
    registry.books.put(7, LEAD)
    place = TopicPartition(AVRO, 0)
    async with scene(registry) as at:
        at.give(AVRO, a_lead(7, "A-1", first_name="n" * 1_000))
        assert place not in at.worker.group.held
        at.give(AVRO, a_lead(7, "A-2", first_name="n" * 1_000))
        assert place in at.worker.group.held
        registry.start()
        await until(lambda: at.committable(AVRO) == 2)
        await until(lambda: place not in at.worker.group.held)


async def test_a_long_queue_is_taken_in_turns_and_in_order(
    registry: SchemaRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loop gets air between, and what comes meanwhile stays behind what waits."""
    monkeypatch.setattr(schema_waits, "AT_ONCE", 10)
    registry.books.put(7, LEAD)
    async with scene(registry) as at:
        for number in range(35):
            at.give(AVRO, a_lead(7, f"A-{number}"))
        registry.start()
        await until(lambda: 0 < at.committable(AVRO) < 35)
        at.give(AVRO, a_lead(7, "A-35"))
        await until(lambda: at.committable(AVRO) == 36)
        assert at.taken == [f"A-{number}" for number in range(36)]


async def test_many_unknown_ids_wait_together_and_not_one_by_one(
    registry: SchemaRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Broken records name any id: what stands behind them waits seconds, not seconds for each."""
    monkeypatch.setattr(schema_book, "LAG_SECONDS", 1.0)
    monkeypatch.setattr(schema_book, "LAG_PAUSE", 0.6)
    registry.start()
    async with scene(registry) as at:
        began = asyncio.get_running_loop().time()
        for number in range(40):
            at.give(AVRO, a_lead(1_000 + number, f"A-{number}"))
        await until(lambda: at.committable(AVRO) == 40)
        assert asyncio.get_running_loop().time() - began < 40 * schema_book.LAG_SECONDS / 2
        assert len(at.letters) == 40


async def test_opt_outs_that_wait_for_a_schema_raise_the_compliance_health(
    registry: SchemaRegistry,
) -> None:
    """They are unread: the age is that of the first record. It falls once they are honoured."""
    registry.books.put(7, LEAD)
    appended = round((asyncio.get_running_loop().time() - 75.0) * 1000)

    def told(at: Scene) -> Compliance:
        at.worker.engine.tell()
        compliance = at.health.ready().compliance
        assert compliance is not None
        return compliance

    with capture_logs() as lines:
        async with scene(registry) as at:
            assert told(at) == Compliance(well=True, seconds=0.0, line="none waits")
            opts_out = a_lead(7, "A-1", phone_mobile="+12125550101", do_not_call=True)
            at.give(AVRO, a_lead(7, "A-0"), appended=appended)
            at.give(AVRO, opts_out, appended=appended + 70_000)
            await until(lambda: at.book.away is not None)
            late = told(at)
            assert not late.well
            assert 75.0 <= late.seconds < 80.0
            assert (
                late.line == f"records of {AVRO}/0 are unread, the first for {late.seconds:.0f} s"
            )
            assert at.metrics.render()[0].decode().count("connector_compliance_age_seconds 7") == 1
            registry.start()
            await until(lambda: at.committable(AVRO) == 2)
            (opt_out,) = at.worker.sends.opt_outs.log
            assert told(at).line == "none waits"
            assert isinstance(opt_out, LeadOptOut)
            at.worker.change(0, opt_out, OPT_OUTS)
            waits = told(at)
            assert waits.well
            assert 5.0 <= waits.seconds < 10.0
            await until(lambda: at.honoured)
            assert told(at) == Compliance(well=True, seconds=0.0, line="none waits")
    alarms = [(line["event"], line["log_level"]) for line in lines if "opt_outs" in line["event"]]
    assert alarms == [("opt_outs.late", "error"), ("opt_outs.caught_up", "info")]


async def test_records_that_lie_behind_a_pause_raise_it_too(
    registry: SchemaRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has read them: the broker is asked how old the first is, now and then."""
    monkeypatch.setattr(lag, "EVERY_SECONDS", 0.01)
    place = TopicPartition(JSON, 0)
    appended = round((asyncio.get_running_loop().time() - 61.0) * 1000)

    def line(at: Scene) -> str:
        at.worker.engine.tell()
        compliance = at.health.ready().compliance
        assert compliance is not None
        return compliance.line

    async with scene(registry) as at:
        behind = [Record(JSON, 0, offset, appended, None, a_json("J-1")) for offset in (0, 1)]
        at.worker.starts.unread[place] = behind
        await until(lambda: line(at) == f"records of {JSON}/0 are unread, the first for 61 s")
        at.worker.engine.admit(behind[0])
        assert line(at).startswith(f"records of {JSON}/0 are unread")
        at.worker.engine.admit(behind[1])
        assert line(at) == "none waits"
