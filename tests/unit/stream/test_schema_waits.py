"""Partitions that wait for a schema: in order each, and none at the cost of another."""

from dataclasses import replace

from connector.cdc.avro import NoSchema
from connector.cdc.avro_schema import AvroSchema, read_schema
from connector.cdc.decoding import Decoder
from connector.domain.change import LeadUpsert
from connector.domain.record import Record, TopicPartition
from connector.planning.ledger import Entry, Ledger
from connector.stream.intake import Intake
from connector.stream.reading_on import ReadingOn
from connector.stream.schema_waits import AT_ONCE, SchemaWaits
from tests.support.avro import LEAD, a_lead
from tests.support.fake_letter_brakes import FakeLetterBrakes
from tests.support.fake_sends import FakeSends
from tests.support.fake_worker import FakeGroup
from tests.support.sources import FLAT

TOPIC = "leads"


class _Book:
    """Schemas that become known when the test says so."""

    away = None

    def __init__(self) -> None:
        self.known: dict[int, AvroSchema | NoSchema] = {}
        self.learnt = 0
        self.wanted: set[int] = set()

    def want(self, schema_id: int) -> None:
        """Note the wish."""
        self.wanted.add(schema_id)

    def give_up(self) -> None:
        """Forget the wishes."""
        self.wanted.clear()

    def learn(self, schema_id: int) -> None:
        """Know a schema."""
        self.known[schema_id] = read_schema(LEAD)
        self.learnt += 1


class _Partitions:
    """Two partitions of one source, read while their schema is not known."""

    def __init__(self) -> None:
        self.book, self.sends = _Book(), FakeSends()
        decoder = Decoder(replace(FLAT, encoding="avro"), schemas=self.book.known.get)
        intake = Intake({TOPIC: decoder}, {TOPIC: "id"}, self.sends, lambda: 0.0, self.book)
        self._ledger, self._next = Ledger(10**6), [0, 0]
        self.brakes, self.group = FakeLetterBrakes(), FakeGroup()
        self.reading = ReadingOn(intake, self.brakes, self.group, self._ledger, 10**6)
        self.waits = SchemaWaits(self.reading, 2, lambda: 0.0)
        starts = {TopicPartition(TOPIC, partition): 0 for partition in range(2)}
        self.reading.begin(starts)
        for place, offset in starts.items():
            self._ledger.start(place, offset)

    @property
    def open(self) -> int:
        """Return how many records are entered and not settled."""
        return self._ledger.open_count

    def read(self, partition: int, count: int) -> None:
        """Read so many records of a partition."""
        for _ in range(count):
            offset, self._next[partition] = self._next[partition], self._next[partition] + 1
            value = a_lead(1, f"L-{partition}-{offset}", phone_mobile="+12125550101")
            entry = self._ledger.open(TopicPartition(TOPIC, partition), offset)
            self.waits.take(Record(TOPIC, partition, offset, 0, None, value), entry)

    def taken(self, partition: int) -> list[str]:
        """Return the leads of a partition that went on."""
        waiting = (change for change, _ in self.sends.changes.waiting)
        leads = [change.lead for change in waiting if isinstance(change, LeadUpsert)]
        return [lead for lead in leads if lead.startswith(f"L-{partition}-")]


def test_a_long_queue_that_goes_on_growing_holds_up_no_other() -> None:
    """As many records come to the first as are taken in a turn; those of the other go on too."""
    partitions = _Partitions()
    partitions.read(0, 5 * AT_ONCE)
    partitions.read(1, 3)
    partitions.book.learn(1)
    for _ in range(2):
        partitions.waits.go_on()
        partitions.read(0, AT_ONCE)
    assert partitions.taken(1) == ["L-1-0", "L-1-1", "L-1-2"]
    for _ in range(8):
        partitions.waits.go_on()
    assert partitions.taken(0) == [f"L-0-{offset}" for offset in range(7 * AT_ONCE)]
    assert not list(partitions.waits.waiting())


def test_what_waits_when_a_brake_is_pulled_is_read_again() -> None:
    """None of it is taken, and the other partition goes on; so with what waits at the release."""
    partitions = _Partitions()
    place = TopicPartition(TOPIC, 0)
    partitions.read(0, 3)
    partitions.read(1, 1)
    partitions.brakes.pull(place, "elsewhere")
    partitions.book.learn(1)
    partitions.waits.go_on()
    assert (partitions.taken(0), partitions.taken(1)) == ([], ["L-1-0"])
    ((turned, offset, gone),) = partitions.group.returns
    assert (turned, offset, partitions.open) == (place, 0, 1)
    gone()
    partitions.brakes.release(place)
    partitions.waits.take(Record(TOPIC, 0, 0, 0, None, a_lead(2, "L")), _ahead(partitions, 0))
    assert len(list(partitions.waits.waiting())) == 1
    partitions.reading.follow()
    partitions.group.returns[1][2]()
    assert not list(partitions.waits.waiting())


def _ahead(partitions: _Partitions, offset: int) -> Entry:
    return partitions.reading.ahead.open(TopicPartition(TOPIC, 0), offset)
