"""The durable producer on a broker: acknowledged in order, or stopped at the first failure."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from uuid import uuid4

import pytest

from connector.stream.kafka_client import KafkaConfig
from connector.stream.producer import Delivery, Producer, SendFailedError
from tests.support.brokers import Broker, free_ports
from tests.support.topics import create_topics, read_topic

pytestmark = pytest.mark.kafka

_SECRET = b"+15551234567"
_USUAL = Delivery()


class Watch:
    """What a producer told its owner."""

    def __init__(self) -> None:
        self.fatal: list[Exception] = []
        self.alarms: list[str] = []
        self._failed = asyncio.Event()

    def fail(self, reason: Exception) -> None:
        """Take note of the failure."""
        self.fatal.append(reason)
        self._failed.set()

    async def failed(self) -> None:
        """Wait for the failure."""
        await asyncio.wait_for(self._failed.wait(), 30)


@asynccontextmanager
async def _producing(
    servers: str, delivery: Delivery = _USUAL
) -> AsyncIterator[tuple[Producer, Watch]]:
    watch = Watch()
    producer = Producer(KafkaConfig(servers), delivery, watch.fail, watch.alarms.append)
    polling = asyncio.create_task(producer.run())
    try:
        yield producer, watch
    finally:
        polling.cancel()
        producer.close()


@pytest.fixture
def topic(kafka: Broker) -> str:
    """Make a topic of four partitions."""
    name = f"produced-{uuid4().hex[:8]}"
    create_topics(kafka, [name], 4)
    return name


async def test_sends_are_acknowledged_in_order_with_their_offsets(
    kafka: Broker, topic: str
) -> None:
    """Each partition's callbacks come in the order of the sends and tell where the record is."""
    acknowledged: list[tuple[int, int]] = []
    async with _producing(kafka.bootstrap_servers) as (producer, watch):
        for number in range(400):
            producer.send(
                topic,
                b"k",
                b"%d" % number,
                lambda offset, number=number: acknowledged.append((number, offset)),  # type: ignore[misc]  # bound now
                partition=number % 2,
                headers=[("h", b"\xff"), ("h", None)],
            )
        assert producer.open == 400
        assert await producer.drained(30)
    assert watch.fatal == []
    assert sorted(number for number, _ in acknowledged) == list(range(400))
    for parity in (0, 1):
        mine = [each for each in acknowledged if each[0] % 2 == parity]
        assert all(b[0] == a[0] + 2 and b[1] == a[1] + 1 for a, b in pairwise(mine))
    read = read_topic(kafka, topic)
    assert {(int(each.value or b""), each.offset) for each in read} == set(acknowledged)
    assert read[0].headers == (("h", b"\xff"), ("h", None))


@pytest.mark.parametrize(
    ("key", "murmur2"),
    [(b"21", -973932308), (b"foobar", -790332482), (b"a-little-bit-long-string", -985981536)],
)
async def test_keys_land_where_java_puts_them(
    kafka: Broker, topic: str, key: bytes, murmur2: int
) -> None:
    """The partition is that of Kafka's own default partitioner (hashes from its UtilsTest)."""
    async with _producing(kafka.bootstrap_servers) as (producer, _):
        producer.send(topic, key, b"v", lambda _: None)
        assert await producer.drained(30)
    assert [each.partition for each in read_topic(kafka, topic)] == [(murmur2 & 0x7FFFFFFF) % 4]


async def test_a_record_too_large_for_the_client_has_its_own_way_out(
    kafka: Broker, topic: str
) -> None:
    """The owner is told, sends something shorter, and the producer works on."""
    told: list[str] = []
    async with _producing(kafka.bootstrap_servers) as (producer, watch):
        producer.send(
            topic,
            b"k",
            b"v" * 1_200_000,
            lambda _: told.append("acknowledged"),
            on_too_large=lambda: told.append("too large"),
        )
        producer.send(topic, b"k", b"short", lambda _: told.append("next"))
        assert await producer.drained(30)
    assert told == ["too large", "next"]
    assert watch.fatal == []


async def test_a_record_too_large_for_the_topic_has_its_own_way_out(kafka: Broker) -> None:
    """The broker refuses by report, the sends around it are acknowledged.

    The embedded broker takes any size.
    """
    topic = f"small-{uuid4().hex[:8]}"
    create_topics(kafka, [topic], 4, {"max.message.bytes": "10000"})
    told: list[str] = []
    async with _producing(kafka.bootstrap_servers, Delivery(record_bytes=20_000_000)) as (
        producer,
        watch,
    ):
        for size in (10, 5_000_000, 10):
            producer.send(
                topic,
                b"k",
                b"v" * size,
                lambda offset: told.append(f"at {offset}"),
                on_too_large=lambda: told.append("too large"),
            )
            assert await producer.drained(30)
    assert told == ["at 0", "too large" if kafka.real else "at 1", told[-1]]
    assert told[-1] == ("at 1" if kafka.real else "at 2")
    assert watch.fatal == []


async def test_a_large_record_is_taken_where_the_topic_takes_it(kafka: Broker) -> None:
    """A dead letter of eight megabytes goes to a topic made for it."""
    topic = f"large-{uuid4().hex[:8]}"
    create_topics(kafka, [topic], 4, {"max.message.bytes": "9000000"})
    told: list[int] = []
    async with _producing(kafka.bootstrap_servers, Delivery(record_bytes=9_000_000)) as (
        producer,
        watch,
    ):
        producer.send(topic, b"k", b"v" * 8_000_000, told.append)
        assert await producer.drained(30)
    assert (told, watch.fatal) == ([0], [])


async def test_the_first_failure_is_fatal_and_nothing_behind_it_is_acknowledged(
    kafka: Broker, topic: str
) -> None:
    """One failed report: told once, and every later send stays without a callback."""
    acknowledged: list[int] = []
    async with _producing(kafka.bootstrap_servers) as (producer, watch):
        producer.send(topic, b"k", _SECRET, acknowledged.append)
        assert await producer.drained(30)
        producer.send(topic, _SECRET, _SECRET, acknowledged.append, partition=99)
        await watch.failed()
        before = list(acknowledged)
        producer.send(topic, b"k", b"v", acknowledged.append)
        producer.send(topic, b"k", b"v", acknowledged.append, partition=99)
        await producer.drained(1)
    assert acknowledged == before == [0]
    (failure,) = watch.fatal
    assert isinstance(failure, SendFailedError)
    assert topic in str(failure)
    assert "UNKNOWN_PARTITION" in str(failure)
    assert _SECRET.decode() not in str(failure) + repr(producer)


async def test_without_a_way_out_too_large_is_fatal(kafka: Broker, topic: str) -> None:
    """Only dead letters may be cut; a state row that does not fit stops the worker."""
    async with _producing(kafka.bootstrap_servers) as (producer, watch):
        producer.send(topic, b"k", b"v" * 1_200_000, lambda _: None)
    assert "MSG_SIZE_TOO_LARGE" in str(watch.fatal[0])


async def test_an_error_in_a_callback_is_fatal(kafka: Broker, topic: str) -> None:
    """A settlement that fails must not be stepped over."""
    told: list[int] = []

    def fail(_: int) -> None:
        raise LookupError("no such lane")

    async with _producing(kafka.bootstrap_servers) as (producer, watch):
        producer.send(topic, b"k", b"1", fail, partition=0)
        producer.send(topic, b"k", b"2", told.append, partition=0)
        await watch.failed()
        await producer.drained(5)
    assert isinstance(watch.fatal[0], LookupError)
    assert told == []


async def test_what_is_purged_calls_nobody(kafka: Broker, topic: str) -> None:
    """The tenure is over: its sends end in silence, and the next tenure's go on."""
    told: list[str] = []
    async with _producing(kafka.bootstrap_servers, Delivery(linger=2.0)) as (producer, watch):
        for _ in range(50):
            producer.send(topic, b"k", b"old", lambda _: told.append("old"), partition=0)
        assert not await producer.drained(0.05)
        producer.purge()
        assert await producer.drained(10)
        producer.send(topic, b"k", b"new", lambda _: told.append("new"), partition=0)
        assert await producer.drained(30)
    assert told == ["new"]
    assert watch.fatal == []
    assert [each.value for each in read_topic(kafka, topic)] == [b"new"]


async def test_brokers_that_are_away_alarm_first_and_are_fatal_in_time() -> None:
    """No broker answers: the owner hears of it, and the first send that times out is fatal."""
    (port,) = free_ports(1)
    told: list[int] = []
    async with _producing(f"127.0.0.1:{port}", Delivery(timeout=1.0)) as (producer, watch):
        producer.send("any", b"k", _SECRET, told.append)
        await watch.failed()
    assert any("_TRANSPORT" in each or "_ALL_BROKERS_DOWN" in each for each in watch.alarms)
    assert "_MSG_TIMED_OUT" in str(watch.fatal[0])
    assert _SECRET.decode() not in str(watch.fatal) + str(watch.alarms)
    assert told == []
