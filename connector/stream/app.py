"""Build the Faust app: three agents, records that never wait, and settings that were measured."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import faust
from faust.stores import STORES
from faust.types import TP

from connector.domain.record import Record, TopicPartition
from connector.stream.carrier import SafeTables, StoreShell
from connector.stream.eager import EagerTransport

STORES.aliases["connector"] = f"{StoreShell.__module__}:{StoreShell.__qualname__}"

_NO_TIMESTAMP = -1
"""What Kafka calls the timestamp of a record of its first formats."""

HEARTBEAT = 1.0
"""Seconds. By its heartbeat a worker learns that partitions move, and until the last one has
learned it nobody reads: the usual three seconds are what an opt-out would wait longer."""


class Work(Protocol):
    """What the app carries records to: the engine."""

    def admit(self, record: Record) -> None:
        """Take a record."""

    async def restored(self, places: Collection[TopicPartition]) -> None:
        """Take partitions up."""

    async def revoked(self) -> None:
        """Let partitions go."""

    async def stop(self) -> None:
        """End."""


@dataclass(frozen=True, slots=True)
class AppSettings:
    """What Faust must know. Times are in seconds."""

    application_id: str
    brokers: tuple[str, ...]
    sources: tuple[str, ...]
    lead_changes: str
    opt_outs: str
    table: str
    partitions: int
    session_timeout: float
    rebalance_timeout: float


class ConnectorApp(faust.App):  # type: ignore[misc]  # Faust is untyped here
    """A Faust app that gives everything to the engine. `ended` is told what crashes it, `urgent`
    is the topic whose records go before all others.
    """

    work: Work | None = None
    urgent: str = ""
    ended: Callable[[BaseException], None] | None = None

    def _new_transport(self) -> EagerTransport:
        return EagerTransport(self.conf.broker_consumer, self)

    def _create_directories(self) -> None:
        """Make none: Faust keeps nothing on disk here."""

    def carry(self, fetched: Iterable[Any]) -> None:
        """Hand records of the present assignment to the engine; never waits."""
        work = self.work
        if work is None:
            return
        for each in fetched:
            work.admit(
                Record(
                    each.topic,
                    each.partition,
                    each.offset,
                    _NO_TIMESTAMP if each.timestamp is None else each.timestamp,
                    each.key,
                    each.value,
                    tuple(each.headers),
                )
            )

    async def restored(self) -> None:
        """Take the assigned partitions up."""
        if self.work is not None:
            assignment = self.consumer.assignment()
            await self.work.restored([TopicPartition(tp.topic, tp.partition) for tp in assignment])

    async def on_stop(self) -> None:
        """Drain before Faust closes the consumer."""
        if self.work is not None:
            await self.work.stop()
        await super().on_stop()

    async def crash(self, reason: BaseException) -> None:
        """Tell whoever runs the worker, then stop as Faust does."""
        if self.ended is not None:
            self.ended(reason)
        await super().crash(reason)


def build(settings: AppSettings) -> ConnectorApp:
    """Return the app, its work still to be given. An app cannot be used twice."""
    app = ConnectorApp(
        settings.application_id,
        broker=[f"kafka://{broker}" for broker in settings.brokers],
        store="connector://",
        key_serializer="raw",  # `value_type=bytes` alone would still decode JSON
        value_serializer="raw",
        processing_guarantee="at_least_once",
        TableManager=SafeTables,
        stream_wait_empty=False,  # Faust's own drain has no end; the engine's has
        stream_recovery_delay=0.0,
        stream_buffer_maxsize=4096,
        topic_partitions=settings.partitions,
        topic_disable_leader=True,
        topic_allow_declare=False,  # `topics create` does that, with the right settings
        table_standby_replicas=0,
        broker_session_timeout=settings.session_timeout,
        broker_heartbeat_interval=HEARTBEAT,
        broker_rebalance_timeout=settings.rebalance_timeout,
        broker_request_timeout=max(40.0, settings.session_timeout),
        producer_request_timeout=30.0,
        broker_max_poll_records=500,
        consumer_auto_offset_reset="earliest",
        recovery_consistency_check=False,  # the changelog is restored by us
        worker_redirect_stdouts=False,
        web_enabled=False,
    )
    app.urgent = settings.opt_outs
    app.Table(settings.table, key_type=bytes, value_type=bytes, partitions=settings.partitions)
    for topic in (*settings.sources, settings.opt_outs, settings.lead_changes):
        _agent(app, topic)

    @app.on_partitions_revoked.connect(weak=False)  # type: ignore[untyped-decorator]
    async def let_go(sender: ConnectorApp, revoked: set[TP], **_: Any) -> None:  # noqa: ARG001
        if sender.work is not None:
            await sender.work.revoked()

    return app


def _agent(app: ConnectorApp, name: str) -> None:
    """Add the agent of one topic, by which Faust subscribes to it and shares it out.

    It never gets a record: `ConnectorApp.carry` has them straight from the consumer.
    """
    topic = app.topic(name, key_type=bytes, value_type=bytes, acks=False)

    async def idle(stream: Any) -> None:
        async for _ in stream.noack():
            raise RuntimeError(f"{name}: Faust kept a record for itself; report this as a bug")

    app.agent(topic, name=f"carry-{name}")(idle)
