"""One suite for the reader on a broker and the topic in memory that stands for it in tests."""

import threading
from collections.abc import Sequence
from uuid import uuid4

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from connector.stream.kafka_client import KafkaConfig
from connector.stream.reader import Reader
from connector.stream.reading import LogReader, RawRecord, ReadFailedError, Reading
from tests.support import brokers
from tests.support.brokers import Broker
from tests.support.fake_log import FakeLog
from tests.support.topics import Sent, create_topics, produce

pytestmark = pytest.mark.kafka
needs_kafka = pytest.mark.skipif(
    brokers.missing() is not None, reason=f"no Apache Kafka: {brokers.missing()}"
)


class Log:
    """A topic of four partitions and its reader, on a broker or in memory."""

    def __init__(
        self, reader: LogReader, topic: str, fake: FakeLog | None, broker: Broker
    ) -> None:
        self.reader = reader
        self.topic = topic
        self._fake = fake
        self._broker = broker

    def write(self, partition: int, *values: bytes) -> None:
        """Append records whose key is their value."""
        if self._fake is not None:
            for value in values:
                self._fake.append(partition, value, value)
        else:
            sent = [Sent(value, value, partition=partition) for value in values]
            produce(self._broker, self.topic, sent)


class Taken:
    """What a reading gave, partition by partition."""

    def __init__(self) -> None:
        self.values: dict[int, list[bytes | None]] = {}
        self.positions: dict[int, int] = {}

    def take(self, partition: int, records: Sequence[RawRecord], position: int) -> None:
        """Collect records; positions only rise and lie behind what was given."""
        assert position >= self.positions.get(partition, 0)
        if records:
            assert position > (records[-1].offset() or 0)
        self.values.setdefault(partition, []).extend(each.value() for each in records)
        self.positions[partition] = position


@pytest.fixture(params=["broker", "memory"])
def log(request: pytest.FixtureRequest, kafka: Broker) -> Log:
    """Make a topic, on a broker or in memory."""
    topic = f"read-{uuid4().hex[:8]}"
    if request.param == "memory":
        fake = FakeLog()
        return Log(fake, topic, fake, kafka)
    create_topics(kafka, [topic], 4)
    return Log(Reader(KafkaConfig(kafka.bootstrap_servers), "readers"), topic, None, kafka)


def _read(log: Log, positions: dict[int, int | None]) -> tuple[Taken, Reading, set[int]]:
    taken, lost = Taken(), set[int]()
    reading = log.reader.read_to_end(log.topic, positions, taken.take, threading.Event(), lost.add)
    return taken, reading, lost


def test_partitions_are_read_from_their_positions_to_the_end(log: Log) -> None:
    """None is the beginning; a position at the end reads nothing and is told again."""
    log.write(0, b"a", b"b", b"c")
    log.write(1, b"d")
    log.write(3, b"x")
    taken, reading, lost = _read(log, {0: 1, 1: None, 2: None, 3: 1})
    assert {p: v for p, v in taken.values.items() if v} == {0: [b"b", b"c"], 1: [b"d"]}
    assert taken.positions == {0: 3, 1: 1, 2: 0, 3: 1}
    assert reading == Reading(3, complete=True)
    assert lost == set()


def test_a_position_that_the_topic_lost_is_told_first(log: Log) -> None:
    """Beyond the end: the owner hears of it, then gets all from the beginning."""
    log.write(0, b"a", b"b")
    taken, reading, lost = _read(log, {0: 5})
    assert lost == {0}
    assert taken.values[0] == [b"a", b"b"]
    assert reading.complete


def test_no_partitions_are_read_at_once(log: Log) -> None:
    """A spare worker owns nothing."""
    assert _read(log, {})[1] == Reading(0, complete=True)


def test_a_halted_reading_says_so(log: Log) -> None:
    """Halted before it began, or by what was taken: not complete."""
    log.write(0, b"a")
    halt = threading.Event()
    halt.set()
    taken = Taken()
    reading = log.reader.read_to_end(log.topic, {0: 0}, taken.take, halt)
    assert not reading.complete
    assert taken.values.get(0, []) == []


@pytest.mark.parametrize(
    ("span", "values"),
    [
        (range(1, 3), [b"b", b"c"]),
        (range(1), [b"a"]),
        (range(2, 99), [b"c", b"d"]),
        (range(4, 9), []),
        (range(2, 2), []),
    ],
)
def test_a_range_is_read_and_no_more(log: Log, span: range, values: list[bytes]) -> None:
    """The end of the range is exclusive; a range beyond the end reads what there is."""
    log.write(2, b"a", b"b", b"c", b"d")
    taken = Taken()
    reading = log.reader.read_range(log.topic, 2, span, taken.take, threading.Event())
    assert taken.values.get(2, []) == values
    assert reading == Reading(len(values), complete=True)
    assert taken.positions.get(2, 0) <= span.stop


def test_a_halted_range_says_so(log: Log) -> None:
    """Nothing is taken and it is not complete."""
    log.write(2, b"a", b"b")
    halt = threading.Event()
    halt.set()
    taken = Taken()
    reading = log.reader.read_range(log.topic, 2, range(2), taken.take, halt)
    assert not reading.complete
    assert taken.values.get(2, []) == []


@pytest.fixture
def reader(kafka: Broker) -> Reader:
    """Give a reader on the broker."""
    return Reader(KafkaConfig(kafka.bootstrap_servers), f"group-{uuid4().hex[:8]}")


def _topic(kafka: Broker, *records: Sent) -> str:
    topic = f"read-{uuid4().hex[:8]}"
    create_topics(kafka, [topic], 4)
    produce(kafka, topic, records)
    return topic


def test_a_record_is_fetched_as_it_was_written(kafka: Broker, reader: Reader) -> None:
    """Bytes, headers and time are the record's; what the topic does not have is None."""
    headers = (("h", b"\xff\x00"), ("h", None), ("é", b""))
    topic = _topic(
        kafka,
        Sent(b"k", b"before", partition=1),
        Sent(None, b"\x00raw", headers, partition=1, timestamp=1_790_000_000_123),
        Sent(b"k", None, partition=1),
    )
    found = reader.fetch_record(topic, 1, 1)
    assert found is not None
    assert (found.topic, found.partition, found.offset) == (topic, 1, 1)
    assert (found.key, found.value, found.headers) == (None, b"\x00raw", headers)
    assert found.timestamp == 1_790_000_000_123
    tombstone = reader.fetch_record(topic, 1, 2)
    assert tombstone is not None
    assert tombstone.value is None
    assert reader.fetch_record(topic, 1, 3) is None
    assert reader.fetch_record(topic, 2, 0) is None


def test_first_offsets_ends_and_commits_are_told(kafka: Broker, reader: Reader) -> None:
    """A group that never committed has none; the first offset of a new topic is 0."""
    topic = _topic(kafka, Sent(b"k", b"v", partition=0))
    assert reader.committed(topic, [0, 1]) == {0: None, 1: None}
    assert reader.committed(topic, []) == {}
    assert reader.first(topic, 0) == 0
    go_on, halted = threading.Event(), threading.Event()
    assert reader.ends(topic, [0, 1], go_on) == {0: 1, 1: 0}
    halted.set()
    assert reader.ends(topic, [0, 1], halted) == {}


def test_the_first_record_from_an_offset_is_found(kafka: Broker, reader: Reader) -> None:
    """For each partition that has one, whatever stands behind it."""
    records = [Sent(b"k", b"%d" % n, partition=0, timestamp=1_000 + n) for n in range(300)]
    topic = _topic(kafka, *records, Sent(b"k", b"v", partition=1))
    found = reader.first_from(topic, {0: 250, 1: 1, 2: 0}, threading.Event())
    assert {partition: (each.offset, each.timestamp) for partition, each in found.items()} == {
        0: (250, 1_250)
    }
    halted = threading.Event()
    halted.set()
    assert reader.first_from(topic, {0: 250}, halted) == {}


@needs_kafka
def test_markers_are_no_records_to_be_read(kafka: Broker, reader: Reader) -> None:
    """The end of a transactional topic lies behind its last record for ever."""
    topic = _topic(kafka)
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers, "transactional.id": topic})
    producer.init_transactions(30)
    for value in (b"first", b"second"):
        producer.begin_transaction()
        producer.produce(topic, value, partition=0)
        producer.flush(30)
        producer.commit_transaction(30)
    go_on = threading.Event()
    assert reader.ends(topic, [0], go_on) == {0: 4}
    found = reader.first_from(topic, {0: 1}, go_on)
    assert found[0].value == b"second"
    assert reader.first_from(topic, {0: 3}, go_on) == {}


@needs_kafka
def test_a_topic_that_is_missing_is_refused(reader: Reader) -> None:
    """It is named, and what the broker said."""
    with pytest.raises(ReadFailedError, match="nowhere/0: cannot be read"):
        reader.read_to_end("nowhere", {0: 0}, Taken().take, threading.Event())


@needs_kafka
def test_only_committed_records_are_read(kafka: Broker, reader: Reader) -> None:
    """An aborted transaction is stepped over, and the position lies behind its marker."""
    topic = _topic(kafka)
    for end in ("commit", "abort"):
        producer = Producer(
            {"bootstrap.servers": kafka.bootstrap_servers, "transactional.id": f"{topic}-{end}"}
        )
        producer.init_transactions(30)
        producer.begin_transaction()
        producer.produce(topic, end.encode(), partition=0)
        producer.flush(30)
        if end == "commit":
            producer.commit_transaction(30)
        else:
            producer.abort_transaction(30)
    taken = Taken()
    reader.read_to_end(topic, {0: None}, taken.take, threading.Event())
    assert taken.values == {0: [b"commit"]}
    assert taken.positions == {0: 4}


@needs_kafka
def test_what_retention_took_is_not_there(kafka: Broker, reader: Reader) -> None:
    """A trimmed topic: the old position is told as lost, an old record is None."""
    topic = _topic(kafka, *(Sent(b"k", b"%d" % n, partition=0) for n in range(5)))
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap_servers})
    for answer in admin.delete_records([TopicPartition(topic, 0, 3)]).values():
        answer.result(30)
    taken, lost = Taken(), set[int]()
    reader.read_to_end(topic, {0: 1}, taken.take, threading.Event(), lost.add)
    assert lost == {0}
    assert taken.values == {0: [b"3", b"4"]}
    assert reader.fetch_record(topic, 0, 1) is None
    assert reader.first(topic, 0) == 3
    assert reader.first_from(topic, {0: 1}, threading.Event())[0].value == b"3"
    span = Taken()
    reader.read_range(topic, 0, range(4), span.take, threading.Event())
    assert (span.values, span.positions) == ({0: [b"3"]}, {0: 4})
    gone = Taken()
    reader.read_range(topic, 0, range(2), gone.take, threading.Event())
    assert (gone.values, gone.positions) == ({0: []}, {0: 2})
