"""What tests do with topics: make them, write to them, read them to the end."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from tests.support.brokers import EMBEDDED_PARTITIONS, Broker
from tests.support.waiting import wait_until

Headers = Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True, slots=True)
class Sent:
    """A record to write. *timestamp* is in milliseconds; absent: now."""

    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    partition: int | None = None
    timestamp: int | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """A record as it was read. *timestamp* is in milliseconds."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]


def create_topics(
    broker: Broker,
    names: Iterable[str],
    partitions: int = EMBEDDED_PARTITIONS,
    config: Mapping[str, str] | None = None,
) -> None:
    """Make topics, as many copies of each as the brokers do by default.

    Raises:
        ValueError: the embedded broker is asked for another count of partitions than its own.
    """
    admin = AdminClient({"bootstrap.servers": broker.bootstrap_servers})
    if broker.real:
        topics = [NewTopic(name, partitions, config=dict(config or {})) for name in names]
        for made in admin.create_topics(topics, operation_timeout=30).values():
            made.result(timeout=30)
        return
    if partitions != EMBEDDED_PARTITIONS:
        raise ValueError(f"the embedded broker's topics have {EMBEDDED_PARTITIONS} partitions")
    for name in names:
        admin.list_topics(name, timeout=10)


def produce(broker: Broker, topic: str, records: Iterable[Sent], **config: str | int) -> int:
    """Write records in order and wait until the broker has every one of them.

    Keys land where Java's producers put them. *config* is of librdkafka, with `_` for `.`.

    Returns:
        How many were written.

    Raises:
        KafkaException: the broker did not take one.
    """
    failed: list[KafkaError] = []

    def report(error: KafkaError | None, _: Message) -> None:
        if error is not None:
            failed.append(error)

    producer = Producer(
        {
            "bootstrap.servers": broker.bootstrap_servers,
            "enable.idempotence": True,
            "partitioner": "murmur2_random",
            "linger.ms": 20,
            "queue.buffering.max.messages": 1_000_000,
            "message.max.bytes": 20_000_000,
        }
        | {name.replace("_", "."): value for name, value in config.items()}
    )
    count = 0
    for count, record in enumerate(records, start=1):  # noqa: B007  # counts what a generator gives
        producer.produce(
            topic,
            key=record.key,
            value=record.value,
            headers=list(record.headers),
            partition=-1 if record.partition is None else record.partition,
            timestamp=record.timestamp or 0,
            on_delivery=report,
        )
        producer.poll(0)
    left = producer.flush(60)
    if failed:
        raise KafkaException(failed[0])
    if left:
        raise TimeoutError(f"{left} records were not taken within 60 s")
    return count


def partitions_of(broker: Broker, topic: str) -> list[int]:
    """List the partitions of a topic."""
    metadata = AdminClient({"bootstrap.servers": broker.bootstrap_servers}).list_topics(
        topic, timeout=10
    )
    return sorted(metadata.topics[topic].partitions)


def read_topic(broker: Broker, topic: str) -> list[Read]:
    """Read a topic from its beginning to its end of this moment, committed records only.

    Returns:
        Records, each partition's in order, partitions after one another.
    """
    consumer = _reader(broker, "tests-reading")
    partitions = partitions_of(broker, topic)
    records: dict[int, list[Read]] = {number: [] for number in partitions}
    ended: set[int] = set()
    consumer.assign([TopicPartition(topic, each, OFFSET_BEGINNING) for each in partitions])

    def at_the_end() -> bool:
        for message in consumer.consume(10_000, timeout=0.2):
            if (record := _read(message)) is None:
                ended.add(message.partition() or 0)
            else:
                records[record.partition].append(record)
        return len(ended) == len(partitions)

    try:
        wait_until(at_the_end, f"the end of {topic}")
    finally:
        consumer.close()
    return [record for number in partitions for record in records[number]]


def committed(broker: Broker, group: str, topic: str) -> dict[int, int]:
    """Give the committed offset of each partition that has one."""
    consumer = _reader(broker, group)
    asked = [TopicPartition(topic, each) for each in partitions_of(broker, topic)]
    try:
        return {
            each.partition: each.offset
            for each in consumer.committed(asked, timeout=10)
            if each.offset >= 0
        }
    finally:
        consumer.close()


def ends(broker: Broker, topic: str) -> dict[int, int]:
    """Give the end offset (high watermark) of each partition."""
    consumer = _reader(broker, "tests-reading")
    try:
        return {
            each: consumer.get_watermark_offsets(TopicPartition(topic, each), timeout=10)[1]
            for each in partitions_of(broker, topic)
        }
    finally:
        consumer.close()


def _reader(broker: Broker, group: str) -> Consumer:
    return Consumer(
        {
            "bootstrap.servers": broker.bootstrap_servers,
            "group.id": group,
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "error",
            "isolation.level": "read_committed",
            "fetch.wait.max.ms": 50,
        }
    )


def _read(message: Message) -> Read | None:
    """Take a record over, or None at the end of its partition."""
    error = message.error()
    if error is not None:
        if error.code() == KafkaError._PARTITION_EOF:
            return None
        raise KafkaException(error)
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    assert topic is not None
    assert partition is not None
    assert offset is not None
    return Read(
        topic,
        partition,
        offset,
        message.timestamp()[1],
        message.key(),
        message.value(),
        tuple(_headers(message)),
    )


def _headers(message: Message) -> Iterable[tuple[str, bytes | None]]:
    """Take headers over; read ones are pairs, and their values bytes."""
    headers = message.headers() or ()
    assert not isinstance(headers, dict)
    for name, value in headers:
        assert not isinstance(value, str)
        yield name, value
