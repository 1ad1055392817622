"""State rows on a broker: written by the producer, restored, handed from owner to owner."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from connector.stream.kafka_client import KafkaConfig
from connector.stream.memory_table import MemoryTable
from connector.stream.producer import Delivery, Producer
from connector.stream.reader import Reader
from connector.stream.rocks_table import Disk, RocksTable
from connector.stream.state_table import Restored, StateTable
from tests.support.brokers import Broker
from tests.support.topics import create_topics

pytestmark = pytest.mark.kafka

_PARTITIONS = (0, 1, 2, 3)


@pytest.fixture
def changelog(kafka: Broker) -> str:
    """Make a compacted topic."""
    name = f"state-{uuid4().hex[:8]}-changelog"
    create_topics(kafka, [name], 4, {"cleanup.policy": "compact"})
    return name


@pytest.fixture(params=["memory", "rocksdb"])
def opener(
    request: pytest.FixtureRequest, kafka: Broker, changelog: str, tmp_path: Path
) -> Callable[[str], StateTable]:
    """Give a way to open a worker's table; on disk a name is a directory."""
    reader = Reader(KafkaConfig(kafka.bootstrap_servers), "state")

    def open_table(worker: str) -> StateTable:
        if request.param == "memory":
            return MemoryTable(reader, changelog)
        return RocksTable(reader, changelog, Disk(tmp_path / worker, "id-1"))

    return open_table


@asynccontextmanager
async def _producing(kafka: Broker) -> AsyncIterator[Producer]:
    failures: list[Exception] = []
    producer = Producer(KafkaConfig(kafka.bootstrap_servers), Delivery(), failures.append, print)
    polling = asyncio.create_task(producer.run())
    yield producer
    assert await producer.drained(30)
    polling.cancel()
    producer.close()
    assert failures == []


def _write(producer: Producer, changelog: str, table: StateTable, number: int) -> None:
    """Write a row as settlement does: shown at once, part of the prefix with its report."""
    partition, key, value = number % 4, b"k%d" % (number % 50), b"%d" % number

    def delivered(offset: int) -> None:
        table.delivered(partition, key, value, offset)

    table.put(partition, key, value)
    producer.send(changelog, key, value, delivered, partition=partition)


def _rows(table: StateTable) -> dict[tuple[int, int], bytes | None]:
    return {(p, n): table.get(p, b"k%d" % n) for p in _PARTITIONS for n in range(50)}


def _expected(count: int) -> dict[tuple[int, int], bytes | None]:
    rows: dict[tuple[int, int], bytes | None] = {
        (p, n): None for p in _PARTITIONS for n in range(50)
    }
    rows.update({(n % 4, n % 50): b"%d" % n for n in range(count)})
    return rows


async def _restore(table: StateTable) -> Restored:
    restored = await asyncio.to_thread(table.restore, _PARTITIONS, threading.Event())
    assert restored.complete
    return restored


async def test_a_worker_that_restarts_has_its_rows(
    kafka: Broker, changelog: str, opener: Callable[[str], StateTable]
) -> None:
    """After a clean end the disk needs no record; memory reads all of them."""
    table = opener("one")
    assert (await _restore(table)).records == 0
    async with _producing(kafka) as producer:
        for number in range(3_000):
            _write(producer, changelog, table, number)
        assert _rows(table) == _expected(3_000)
    assert _rows(table) == _expected(3_000)
    assert (await _restore(table)).records == 0
    table.close()
    again = opener("one")
    restored = await _restore(again)
    assert restored.records == (0 if isinstance(again, RocksTable) else 3_000)
    assert _rows(again) == _expected(3_000)
    again.close()


async def test_partitions_go_to_another_worker_and_come_back(
    kafka: Broker, changelog: str, opener: Callable[[str], StateTable]
) -> None:
    """Each owner sees what the one before it wrote, the first one too when it is back."""
    one, other = opener("one"), opener("other")
    async with _producing(kafka) as producer:
        await _restore(one)
        for number in range(500):
            _write(producer, changelog, one, number)
        assert await producer.drained(30)
        one.keep([])
        await _restore(other)
        assert _rows(other) == _expected(500)
        for number in range(500, 900):
            _write(producer, changelog, other, number)
        assert await producer.drained(30)
        other.keep([])
        restored = await _restore(one)
        assert restored.records == (400 if isinstance(one, RocksTable) else 900)
        assert _rows(one) == _expected(900)
    one.close()
    other.close()


async def test_a_paused_worker_that_writes_late_is_mended(
    kafka: Broker, changelog: str, opener: Callable[[str], StateTable]
) -> None:
    """Its row lies under the new owner's, and the position goes on behind both."""
    table = opener("one")
    await _restore(table)
    async with _producing(kafka) as paused:
        paused.send(changelog, b"k0", b"late", lambda _: None, partition=0)
        paused.send(changelog, b"k4", b"late", lambda _: None, partition=0)
    async with _producing(kafka) as producer:
        _write(producer, changelog, table, 0)
        assert await producer.drained(30)
    assert (table.get(0, b"k0"), table.get(0, b"k4")) == (b"0", None)
    assert await table.mend(threading.Event()) == 2
    assert (table.get(0, b"k0"), table.get(0, b"k4")) == (b"0", b"late")
    assert (await _restore(table)).records == 0
    table.close()
