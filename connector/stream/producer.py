"""Produce durably: a delivery report is the only proof, and the first bad one stops everything.

A timed-out send may have been written or not, and the producer goes on with a new sequence behind
it: from then on order is lost (engine.md C). So nothing behind a failed send is reported.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from confluent_kafka import KafkaError, KafkaException, Message
from confluent_kafka import Producer as LibrdkafkaProducer

from connector.stream.kafka_client import ClientSettings, KafkaConfig

_POLL = 0.002
"""Seconds between looks at the delivery reports: 3 % of a core idle, 6 % at 8,000 a second."""

_ANY_PARTITION = -1

# librdkafka's own codes begin with an underscore; they are public all the same.
_PURGED = frozenset(
    {
        KafkaError._PURGE_QUEUE,  # noqa: SLF001
        KafkaError._PURGE_INFLIGHT,  # noqa: SLF001
    }
)

OnAck = Callable[[int], None]
Headers = Sequence[tuple[str, bytes | None]]


class SendFailedError(Exception):
    """A record was not acknowledged by all in-sync replicas, so nothing behind it may settle.

    Given to `fatal`, once. The worker ends and its successor does what was not settled again. The
    text names topic and error, never what was sent.
    """


@dataclass(frozen=True, slots=True)
class Delivery:
    """How long and how much a producer keeps.

    `timeout` (seconds) is longer than a broker's failover (10 s) and shorter than the group's
    session, so that a worker that was paused and replaced cannot write what it still holds.
    `queue` is a bound that is never met: more than all open records can send. `record_bytes` is
    the largest record.
    """

    timeout: float = 30.0
    queue: int = 1_000_000
    queue_mib: int = 512
    record_bytes: int = 1_048_576
    linger: float = 0.02


class Producer:
    """Sends records and calls back when all in-sync replicas have them, on the event loop.

    Order: records of one partition are acknowledged in the order of their sends.
    """

    def __init__(
        self,
        config: KafkaConfig,
        delivery: Delivery,
        fatal: Callable[[Exception], None],
        alarm: Callable[[str], None],
    ) -> None:
        """Make a producer; call `run` in a task or no report ever comes.

        *fatal* is called once, at the first send that fails. *alarm* is told, as often as it
        happens, what keeps the brokers from answering; sending goes on.
        """
        self._fatal = fatal
        self._alarm = alarm
        self._failed = False
        self._open = 0
        self._idle = asyncio.Event()
        self._client = LibrdkafkaProducer(
            {**_settings(config, delivery), "error_cb": self._on_error}
        )

    @property
    def open(self) -> int:
        """Return how many sends have no report yet."""
        return self._open

    def send(  # noqa: PLR0913 - the parts of a record
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        on_ack: OnAck,
        *,
        partition: int | None = None,
        headers: Headers = (),
        on_too_large: Callable[[], None] | None = None,
    ) -> None:
        """Send a record; *on_ack* gets its offset once it is durable.

        *on_too_large* is called instead, at once or later, where client or broker refuse the size;
        without it that is as fatal as any other failure. After a failure nothing is sent.
        """
        self._produce(
            topic,
            key,
            value,
            lambda message: on_ack(message.offset() or 0),
            partition=partition,
            headers=headers,
            on_too_large=on_too_large,
        )

    async def put(
        self, topic: str, key: bytes, value: bytes | None, *, partition: int | None = None
    ) -> tuple[int, int]:
        """Send a record and return its partition and offset once it is durable.

        After a failure, which *fatal* is told, it never returns.
        """
        written: asyncio.Future[tuple[int, int]] = asyncio.get_running_loop().create_future()

        def written_at(message: Message) -> None:
            written.set_result((message.partition() or 0, message.offset() or 0))

        self._produce(topic, key, value, written_at, partition=partition)
        return await written

    def _produce(  # noqa: PLR0913 - the parts of a record
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        durable: Callable[[Message], None],
        *,
        partition: int | None,
        headers: Headers = (),
        on_too_large: Callable[[], None] | None = None,
    ) -> None:
        if self._failed:
            return

        def report(error: KafkaError | None, message: Message) -> None:
            self._open -= 1
            if self._open == 0:
                self._idle.set()
            if self._failed:
                return
            if error is None:
                self._call(durable, message)
            else:
                self._refused(topic, error, on_too_large)

        place = _ANY_PARTITION if partition is None else partition
        try:
            if headers:
                self._client.produce(topic, value, key, place, report, headers=list(headers))
            else:
                self._client.produce(topic, value, key, place, report)
        except KafkaException as refused:
            self._refused(topic, refused.args[0], on_too_large)
        except BufferError:
            self._stop(
                SendFailedError(
                    f"{topic}: the producer's queue is full, which is a bug of the connector: "
                    "report it; a smaller apply.max_pending avoids it"
                )
            )
        else:
            self._open += 1

    async def run(self) -> None:
        """Call the delivery reports until cancelled."""
        while True:
            self._client.poll(0)
            await asyncio.sleep(_POLL)

    async def drained(self, seconds: float) -> bool:
        """Wait until every send has its report, so long at most; say whether it has."""
        if self._open and not self._failed:
            self._idle.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), seconds)
        return self._open == 0

    def purge(self) -> None:
        """Give up what has not left yet: its tenure is over, and nobody is called back.

        What is in the air may still be acknowledged, and then its callback is called.
        """
        self._client.purge(in_queue=True, in_flight=False, blocking=False)

    def close(self) -> None:
        """Give up everything. No callback is called any more."""
        self._failed = True
        self._client.purge(in_queue=True, in_flight=True, blocking=True)
        self._client.poll(0)

    def _on_error(self, error: KafkaError) -> None:
        if error.fatal():
            self._fail("the producer", error)
        else:
            self._alarm(f"{error.str()} ({error.name()})")

    def _refused(
        self, topic: str, error: KafkaError, on_too_large: Callable[[], None] | None
    ) -> None:
        if error.code() == KafkaError.MSG_SIZE_TOO_LARGE and on_too_large is not None:
            self._call(on_too_large)
        elif error.code() not in _PURGED:
            self._fail(topic, error)

    def _fail(self, where: str, error: KafkaError) -> None:
        self._stop(SendFailedError(f"{where}: {error.str()} ({error.name()})"))

    def _call(self, back: Callable[..., None], *told: Message) -> None:
        """Call back; what goes wrong there would else be raised out of `poll`, behind others."""
        try:
            back(*told)
        except Exception as bug:  # noqa: BLE001 - whatever it is, nothing may settle behind it
            self._stop(bug)

    def _stop(self, reason: Exception) -> None:
        if not self._failed:
            self._failed = True
            self._idle.set()
            self.purge()
            self._fatal(reason)

    def __repr__(self) -> str:
        return f"Producer({self._open} open{', failed' if self._failed else ''})"


def _settings(config: KafkaConfig, delivery: Delivery) -> ClientSettings:
    return {
        **config.client(),
        "enable.idempotence": True,
        "acks": "all",
        # The partitions that Java's producers and Faust choose; librdkafka's own default puts
        # nine keys of ten elsewhere.
        "partitioner": "murmur2_random",
        # 5 ms and less: the broker thread spins, 140 us of CPU for each record instead of 9.
        "linger.ms": delivery.linger * 1000,
        "message.timeout.ms": int(delivery.timeout * 1000),
        "request.timeout.ms": 10_000,
        "socket.timeout.ms": 10_000,
        "queue.buffering.max.messages": delivery.queue,
        "queue.buffering.max.kbytes": delivery.queue_mib * 1024,
        "message.max.bytes": max(delivery.record_bytes, 1_000_000),
    }
