"""Play a history against a running connector, phase by phase."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from tests.support.brokers import Broker
from tests.support.control import Control
from tests.support.feed import Feed
from tests.support.histories import History, Phase, Placed
from tests.support.topics import Sent
from tests.support.truth import Played, Written
from tests.support.waiting import wait_until

PATIENCE = 180.0
"""Seconds in which every record of a phase must have its outcome."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What a history is played on. *between* is called again and again while waiting."""

    broker: Broker
    control: Control
    feed: Feed
    between: Callable[[], None]
    patience: float = PATIENCE


def play(stage: Stage, history: History) -> list[Played]:
    """Play every phase; each begins when the one before has all its outcomes."""
    return [play_phase(stage, history.scene.topic, phase) for phase in history.phases]


def play_phase(stage: Stage, topic: str, phase: Phase) -> Played:
    """Let others act, write the records, and wait for one outcome for each."""
    doings = stage.control.play(phase.doings)
    written = write(stage.broker, topic, phase.records)
    await_outcomes(stage, [each.outcome_id for each in written])
    return Played(doings, written)


def await_outcomes(stage: Stage, outcome_ids: Sequence[str]) -> None:
    """Wait until each of these records has an outcome.

    Raises:
        TimeoutError: one did not come; says how many are missing, and names the first few.
    """

    def all_there() -> bool:
        stage.between()
        return stage.feed.has(outcome_ids)

    try:
        wait_until(all_there, f"{len(outcome_ids)} outcomes", stage.patience)
    except TimeoutError as late:
        missing = stage.feed.missing(outcome_ids)
        raise TimeoutError(f"{late}: {len(missing)} are missing, {missing[:5]} …") from late


def write(broker: Broker, topic: str, records: Sequence[Placed]) -> list[Written]:
    """Write records; give each with its coordinates."""
    sent = [
        (topic, Sent(each.entry.key, each.entry.value, each.entry.headers, each.partition))
        for each in records
    ]
    ids = write_anywhere(broker, sent)
    return [Written(given, each.entry) for given, each in zip(ids, records, strict=True)]


def write_anywhere(broker: Broker, records: Sequence[tuple[str, Sent]]) -> list[str]:
    """Write records to topics; give `topic/partition/offset` of each, in order.

    Raises:
        KafkaException: the broker did not take one.
    """
    producer = Producer(
        {
            "bootstrap.servers": broker.bootstrap_servers,
            "enable.idempotence": True,
            "linger.ms": 20,
            "message.max.bytes": 20_000_000,
            "queue.buffering.max.messages": 1_000_000,
        }
    )
    ids = [""] * len(records)

    def report(index: int) -> Callable[[KafkaError | None, Message], None]:
        def keep(error: KafkaError | None, message: Message) -> None:
            if error is not None:
                raise KafkaException(error)
            ids[index] = f"{message.topic()}/{message.partition()}/{message.offset()}"

        return keep

    for index, (topic, record) in enumerate(records):
        producer.produce(
            topic,
            key=record.key,
            value=record.value,
            headers=list(record.headers),
            partition=-1 if record.partition is None else record.partition,
            timestamp=record.timestamp or 0,
            on_delivery=report(index),
        )
        producer.poll(0)
    assert producer.flush(60) == 0
    return ids
