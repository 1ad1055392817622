"""Be the broker of the demo: librdkafka's mock cluster, in this process.

Its topics have 4 partitions and come into being when somebody asks for them; it answers neither
the creation nor the description of topics, compacts nothing and keeps nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import orjson
from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicPartition,
)

from connector.demo.crm_table import CrmRecord

PARTITIONS = 4
"""What the mock cluster gives every topic."""
_TIMEOUT = 15.0
"""Seconds for any answer of a broker that lives in this process."""


class BrokerError(Exception):
    """Say that the embedded broker did not do its part; the demo ends with it."""


class EmbeddedBroker:
    """A broker that lives as long as this object."""

    def __init__(self) -> None:
        self._owner = Producer(
            {"bootstrap.servers": "embedded", "test.mock.num.brokers": 1, "log_level": 2}
        )
        brokers = self._owner.list_topics(timeout=_TIMEOUT).brokers.values()
        self.address = ",".join(f"{each.host}:{each.port}" for each in brokers)
        self._producer = Producer(
            {
                "bootstrap.servers": self.address,
                "enable.idempotence": True,
                "linger.ms": 20,
                "partitioner": "murmur2_random",
                "log_level": 2,
            }
        )

    def make(self, topics: Iterable[str]) -> None:
        """Make topics by asking for them."""
        for topic in topics:
            self._owner.list_topics(topic, timeout=_TIMEOUT)

    def write(self, topic: str, records: Sequence[CrmRecord]) -> list[str]:
        """Write records in order; give `topic/partition/offset` of each.

        Raises:
            BrokerError: one was not taken.
        """
        ids: dict[int, str] = {}

        def report(index: int) -> Callable[[KafkaError | None, Message], None]:
            def taken(error: KafkaError | None, message: Message) -> None:
                if error is None:
                    ids[index] = f"{topic}/{message.partition()}/{message.offset()}"

            return taken

        for index, record in enumerate(records):
            self._producer.produce(
                topic,
                key=record.key,
                value=record.value,
                headers=list(record.headers),
                on_delivery=report(index),
            )
            self._producer.poll(0)
        self._producer.flush(_TIMEOUT)
        if len(ids) < len(records):
            raise BrokerError(f"the embedded broker took {len(ids)} of {len(records)} records")
        return [ids[index] for index in range(len(records))]


class Follower:
    """A topic, read from its beginning."""

    def __init__(self, address: str, topic: str) -> None:
        self._consumer = Consumer(
            {
                "bootstrap.servers": address,
                "group.id": "demo",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "fetch.wait.max.ms": 50,
                "log_level": 2,
            }
        )
        self._consumer.assign(
            [TopicPartition(topic, number, OFFSET_BEGINNING) for number in range(PARTITIONS)]
        )

    def documents(self, seconds: float) -> Iterator[dict[str, object]]:
        """Give the JSON documents that came since the last time; wait up to *seconds* for some.

        Raises:
            BrokerError: the topic cannot be read.
        """
        for _, value in self._records(seconds):
            yield orjson.loads(value or b"{}")

    def header(self, name: str, seconds: float) -> Iterator[str]:
        """Give one header of each record that came since the last time."""
        for headers, _ in self._records(seconds):
            yield headers.get(name, b"").decode()

    def close(self) -> None:
        """Stop reading."""
        self._consumer.close()

    def _records(self, seconds: float) -> Iterator[tuple[dict[str, bytes], bytes | None]]:
        for message in self._consumer.consume(1_000, timeout=seconds):
            error = message.error()
            if error is not None:
                raise BrokerError(str(error)) from KafkaException(error)
            headers = message.headers() or []
            pairs = headers.items() if isinstance(headers, dict) else headers
            yield (
                {name: value for name, value in pairs if isinstance(value, bytes)},
                message.value(),
            )
