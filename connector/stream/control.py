"""Read and write `A.control`: what all workers must know and remember (contract.md section 4).

One partition, compacted. A record's key is its kind and its name, `KIND/NAME`; its value is a JSON
object, absent once it is over. Each kind is one part's own, and it hears of no other.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import orjson
import structlog

from connector.stream.kafka_client import KafkaConfig
from connector.stream.producer import Delivery, Producer
from connector.stream.reading import LogReader, RawRecord, ReadFailedError

log = structlog.get_logger("connector.control")

PARTITION = 0
"""The only one."""

READ_SECONDS = 45.0
"""When to give up one reading: a topic that is gone would be waited for without end."""

WRITE_SECONDS = 15.0
"""How long a write may take: longer than a broker's failover (10 s)."""

Document: TypeAlias = dict[str, object]
Write: TypeAlias = Callable[[bytes, bytes | None], Awaitable[None]]
"""Writes key and value; returns once all in-sync replicas have them, else raises
`SendFailedError`."""


@dataclass(frozen=True, slots=True)
class ControlEntry:
    """One record: `document` is None where what `name` stood for is over."""

    kind: str
    name: str
    document: Document | None

    @property
    def key(self) -> bytes:
        """Return the record's key."""
        return f"{self.kind}/{self.name}".encode()

    @property
    def value(self) -> bytes | None:
        """Return the record's value."""
        if self.document is None:
            return None
        return orjson.dumps(self.document, option=orjson.OPT_SORT_KEYS)


Hear: TypeAlias = Callable[[ControlEntry], None]


class Control:
    """The control topic, as far as it was read. Reading is for the caller to ask for.

    `reader` blocks and is called in a thread; `write` is `written_to` the topic.
    """

    __slots__ = ("_hearing", "_position", "_reader", "_topic", "_write")

    def __init__(self, reader: LogReader, topic: str, write: Write) -> None:
        self._reader = reader
        self._topic = topic
        self._write = write
        self._hearing: dict[str, Hear] = {}
        self._position: int | None = None

    def hears(self, kind: str, hear: Hear) -> None:
        """Give every record of *kind* to *hear*, in order, from the first refresh on.

        A topic that was made anew is given from its beginning again.
        """
        self._hearing[kind] = hear

    async def refresh(self) -> None:
        """Read on to the end of this moment: what was durable before the call has been heard.

        Raises:
            ReadFailedError: the broker refused or did not answer.
        """
        halt = threading.Event()
        taken: list[tuple[bytes | None, bytes | None]] = []
        position = self._position

        def take(_partition: int, records: Sequence[RawRecord], behind: int) -> None:
            nonlocal position
            taken.extend((each.key(), each.value()) for each in records)
            position = behind

        try:
            async with asyncio.timeout(READ_SECONDS):
                await asyncio.to_thread(
                    self._reader.read_to_end, self._topic, {PARTITION: position}, take, halt
                )
        except TimeoutError as late:
            raise ReadFailedError(f"{self._topic}: no answer") from late
        finally:
            halt.set()  # cancelled: the thread must end too
        self._position = position
        for key, value in taken:
            self._take(key, value)

    async def write(self, entry: ControlEntry) -> None:
        """Write a record; returns once it is durable. It is heard at the next refresh.

        Raises:
            SendFailedError: it may have been written or not.
        """
        await self._write(entry.key, entry.value)

    def _take(self, key: bytes | None, value: bytes | None) -> None:
        kind, _, name = (key or b"").decode(errors="replace").partition("/")
        hear = self._hearing.get(kind)
        if hear is None:
            return
        try:
            document = None if value is None else orjson.loads(value)
        except orjson.JSONDecodeError:
            document = ()
        if document is None or isinstance(document, dict):
            hear(ControlEntry(kind, name, document))
        else:
            log.warning("control.unreadable", topic=self._topic, place=f"{kind}/{name}")


def written_to(config: KafkaConfig, topic: str) -> Write:
    """Return what writes to *topic* by a producer of its own for each record.

    Such records are rare, and a producer whose send has failed can send no more: this way what
    fails here stops nothing else.
    """

    async def write(key: bytes, value: bytes | None) -> None:
        written: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        producer = Producer(
            config,
            Delivery(timeout=WRITE_SECONDS, linger=0.005),
            written.set_exception,
            lambda why: log.warning("broker.trouble", detail=why),
        )
        polling = asyncio.create_task(producer.run())
        try:
            producer.send(topic, key, value, written.set_result, partition=PARTITION)
            await written
        finally:
            polling.cancel()
            producer.close()

    return write
