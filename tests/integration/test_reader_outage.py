"""Brokers die while the reader reads: it waits, goes on, and stops when it is told to."""

import threading
import time
from collections.abc import Sequence

import pytest

from connector.stream.kafka_client import KafkaConfig
from connector.stream.reader import Reader
from connector.stream.reading import RawRecord
from tests.support.brokers import kafka_brokers, missing
from tests.support.topics import Sent, create_topics, produce

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.slow,
    pytest.mark.skipif(missing() is not None, reason=f"no Apache Kafka: {missing()}"),
]

_RECORDS = 60_000


def test_a_restore_outlives_a_broker_and_ends_when_halted() -> None:
    """Kill -9 of one broker of three in the middle: every record is read, once and in order.

    With two gone nothing can be read, and a halt is seen within seconds.
    """
    with kafka_brokers(3) as brokers:
        create_topics(brokers, ["state"], 4)
        produce(
            brokers,
            "state",
            (Sent(b"k", b"%-200d" % n, partition=n % 4) for n in range(_RECORDS)),
        )
        reader = Reader(KafkaConfig(brokers.bootstrap_servers), "state")
        alive = True
        values: dict[int, list[int]] = {partition: [] for partition in range(4)}

        def take(partition: int, records: Sequence[RawRecord], _: int) -> None:
            nonlocal alive
            values[partition].extend(int(each.value() or b"") for each in records)
            if alive and sum(map(len, values.values())) > _RECORDS // 6:
                alive = False
                brokers.kill9(2)

        positions: dict[int, int | None] = dict.fromkeys(range(4))
        reading = reader.read_to_end("state", positions, take, threading.Event())
        assert reading.complete
        assert not alive
        assert values == {p: list(range(p, _RECORDS, 4)) for p in range(4)}

        brokers.kill9(1)
        halt, halted = threading.Event(), list[float]()

        def stop() -> None:
            halted.append(time.monotonic())
            halt.set()

        timer = threading.Timer(3.0, stop)
        timer.start()
        behind: dict[int, int | None] = dict.fromkeys(range(4), 5)
        reading = reader.read_to_end("state", behind, lambda *_: None, halt)
        assert not reading.complete
        assert time.monotonic() - halted[0] < 5.0
