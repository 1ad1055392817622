"""Read topics by librdkafka: a million records a second where Faust's own recovery takes 99 s."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from typing import NoReturn

from confluent_kafka import (
    OFFSET_BEGINNING,
    TIMESTAMP_NOT_AVAILABLE,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from connector.domain.record import Record
from connector.stream.kafka_client import ClientSettings, KafkaConfig
from connector.stream.reading import Misplaced, RawRecord, ReadFailedError, Reading, Take, ignore

_BATCH = 20_000
"""Records in one call: fewer calls cost CPU, more cost memory (engine.md A)."""

_POLL = 0.1
"""Seconds after which a halt is seen at the latest."""

_PATIENCE = 30.0
"""Seconds for one answer of the broker: an election after a broker's death takes ten."""

_TRY = 1.0
_TRIES = int(_PATIENCE / _TRY)

# librdkafka's own codes begin with an underscore; they are public all the same.
_PARTITION_EOF = KafkaError._PARTITION_EOF  # noqa: SLF001
_AWAY = frozenset(
    {
        KafkaError._TIMED_OUT,  # noqa: SLF001
        KafkaError._TRANSPORT,  # noqa: SLF001
        KafkaError._ALL_BROKERS_DOWN,  # noqa: SLF001
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.NOT_LEADER_FOR_PARTITION,
    }
)
"""Brokers die and elect: ask again."""

_MOVING = _AWAY | {
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
}
"""The group's coordinator moves, or has just begun: ask again."""
_NO_TIMESTAMP = -1

_ONE_EACH: ClientSettings = {
    "auto.offset.reset": "earliest",
    "queued.min.messages": 1,
    "max.partition.fetch.bytes": 1,  # the broker gives one batch all the same
}
"""For a look at the next record of each partition, where what retention took is stepped over."""


class Reader:
    """Reads partitions without joining the group; every call has a consumer of its own.

    Blocks: call it from a thread.
    """

    def __init__(self, config: KafkaConfig, group: str) -> None:
        """Read with *config*; *group* is the consumer group whose commits `committed` tells."""
        self._settings: ClientSettings = {
            **config.client(),
            "group.id": group,
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
            "auto.offset.reset": "error",
            # 1,000,000 rows: 1.5 s and 360 MB; four times as much saves 0.5 s and costs 130 MB.
            "queued.min.messages": 1_000_000,
            "queued.max.messages.kbytes": 16_384,
            "fetch.wait.max.ms": 50,
            # How long a full queue stops fetching; the default of 1 s trebles a restore.
            "fetch.queue.backoff.ms": 20,
        }

    def read_to_end(
        self,
        topic: str,
        positions: Mapping[int, int | None],
        take: Take,
        halt: threading.Event,
        misplaced: Misplaced = ignore,
    ) -> Reading:
        """Read each partition from its position (None: the beginning) to the end of this moment.

        Raises:
            ReadFailedError: the broker refused or did not answer.
        """
        with closing(self._consumer()) as consumer:
            starts = {}
            for partition, position in positions.items():
                start = position
                if position is not None:
                    found = _watermarks(consumer, topic, partition, halt)
                    if found is None:
                        return Reading(0, complete=False)
                    if not found[0] <= position <= found[1]:
                        misplaced(partition)
                        start = None
                starts[partition] = OFFSET_BEGINNING if start is None else start
            return _read(consumer, topic, starts, take, halt.is_set)

    def read_range(
        self, topic: str, partition: int, span: range, take: Take, halt: threading.Event
    ) -> Reading:
        """Read the offsets of *span* that the topic still has, to its end at most.

        Raises:
            ReadFailedError: the broker refused or did not answer.
        """
        with closing(self._consumer()) as consumer:
            found = _watermarks(consumer, topic, partition, halt)
            if found is None:
                return Reading(0, complete=False)
            position, taken = max(span.start, found[0]), 0
            if position >= span.stop:
                take(partition, (), span.stop)
            if position >= min(span.stop, found[1]):
                return Reading(0, complete=True)

            def take_within(_: int, records: Sequence[RawRecord], behind: int) -> None:
                nonlocal position, taken
                if position < span.stop:
                    within = [each for each in records if (each.offset() or 0) < span.stop]
                    position = min(behind, span.stop)
                    taken += len(within)
                    take(partition, within, position)

            def stopped() -> bool:
                return position >= span.stop or halt.is_set()

            reading = _read(consumer, topic, {partition: position}, take_within, stopped)
        return Reading(taken, complete=reading.complete or position >= span.stop)

    def fetch_record(self, topic: str, partition: int, offset: int) -> Record | None:
        """Return one record as it was written, None if the topic no longer has it.

        A topic that was made anew can have another record there: compare the timestamp.

        Raises:
            ReadFailedError: the broker refused or did not answer.
        """
        deadline = time.monotonic() + _PATIENCE
        with closing(self._consumer()) as consumer:
            found = _watermarks(consumer, topic, partition, threading.Event())
            if found is None or not found[0] <= offset < found[1]:
                return None
            consumer.assign([TopicPartition(topic, partition, offset)])
            while time.monotonic() < deadline:
                for each in consumer.consume(1, _POLL):
                    if _ended(each, topic) or each.offset() != offset:
                        return None
                    return record_of(each)
        raise ReadFailedError(f"{topic}/{partition}: no answer within {_PATIENCE:g} s")

    def first_from(
        self, topic: str, positions: Mapping[int, int], halt: threading.Event
    ) -> dict[int, Record]:
        """Return the first record of each partition at its position or behind it; partitions that
        have none are left out, after a halt those that were not read before it.

        Raises:
            ReadFailedError: the broker refused or did not answer.
        """
        found: dict[int, Record] = {}
        unread, deadline = set(positions), time.monotonic() + _PATIENCE
        with closing(Consumer({**self._settings, **_ONE_EACH})) as consumer:
            consumer.assign([TopicPartition(topic, *each) for each in positions.items()])
            while unread and not halt.is_set():
                if time.monotonic() > deadline:
                    raise ReadFailedError(f"{topic}: no answer within {_PATIENCE:g} s")
                for each in consumer.consume(len(positions), _POLL):
                    partition = each.partition() or 0
                    if not _ended(each, topic) and partition in unread:
                        found[partition] = record_of(each)
                    unread.discard(partition)
        return found

    def committed(self, topic: str, partitions: Collection[int]) -> dict[int, int | None]:
        """Return the group's committed offset of each partition, None where there is none.

        Raises:
            ReadFailedError: the broker refused or did not answer.
        """
        asked = [TopicPartition(topic, partition) for partition in partitions]
        with closing(self._consumer()) as consumer:
            told = _committed(consumer, topic, asked) if asked else []
        return {each.partition: each.offset if each.offset >= 0 else None for each in told}

    def first(self, topic: str, partition: int) -> int:
        """Return the first offset that the partition still has.

        Raises:
            ReadFailedError: the broker refused or did not answer.
        """
        with closing(self._consumer()) as consumer:
            found = _watermarks(consumer, topic, partition, threading.Event())
        if found is None:
            raise ReadFailedError(f"{topic}/{partition}: no answer")
        return found[0]

    def ends(
        self, topic: str, partitions: Collection[int], halt: threading.Event
    ) -> dict[int, int]:
        """Return the offset behind the last committed record of each partition; after a halt those
        that were asked for before it.

        Raises:
            ReadFailedError: the broker refused or did not answer.
        """
        return {each: held[1] for each, held in self.held(topic, partitions, halt).items()}

    def held(
        self, topic: str, partitions: Collection[int], halt: threading.Event
    ) -> dict[int, tuple[int, int]]:
        """Return the first offset of each partition and the one behind its last; halted as `ends`.

        Raises:
            ReadFailedError: the broker refused or did not answer.
        """
        marks: dict[int, tuple[int, int]] = {}
        with closing(self._consumer()) as consumer:
            for partition in partitions:
                found = _watermarks(consumer, topic, partition, halt)
                if found is None:
                    return marks
                marks[partition] = found
        return marks

    def first_at(
        self, topic: str, partitions: Collection[int], moment: int
    ) -> dict[int, int | None]:
        """Return the offset of each partition's first record whose timestamp is *moment* (ms) or
        later, None where it has none.

        Raises:
            ReadFailedError: the broker refused or did not answer.
        """
        asked = [TopicPartition(topic, partition, max(0, moment)) for partition in partitions]
        with closing(self._consumer()) as consumer:
            try:
                told = consumer.offsets_for_times(asked, timeout=_PATIENCE) if asked else []
            except KafkaException as refused:
                _refuse(topic, refused.args[0])
        for each in told:
            if each.error is not None:
                _refuse(topic, each.error)
        return {each.partition: each.offset if each.offset >= 0 else None for each in told}

    def _consumer(self) -> Consumer:
        return Consumer(self._settings)


def record_of(message: Message) -> Record:
    """Return a consumed message as a record of ours."""
    kind, timestamp = message.timestamp()
    return Record(
        topic=message.topic() or "",
        partition=message.partition() or 0,
        offset=message.offset() or 0,
        timestamp=_NO_TIMESTAMP if kind == TIMESTAMP_NOT_AVAILABLE else timestamp,
        key=message.key(),
        value=message.value(),
        headers=tuple(_headers(message)),
    )


def _headers(message: Message) -> Iterator[tuple[str, bytes | None]]:
    headers = message.headers() or ()
    # Read headers are pairs of name and bytes; the types also allow what may be written.
    for name, value in headers.items() if isinstance(headers, dict) else headers:
        yield name, value.encode() if isinstance(value, str) else value


def _read(
    consumer: Consumer,
    topic: str,
    starts: Mapping[int, int],
    take: Take,
    stopped: Callable[[], bool],
) -> Reading:
    consumer.assign([TopicPartition(topic, each, start) for each, start in starts.items()])
    unread, taken = set(starts), 0
    while unread and not stopped():
        batches: defaultdict[int, list[Message]] = defaultdict(list)
        ends: dict[int, int] = {}
        for each in consumer.consume(_BATCH, _POLL):
            partition = each.partition() or 0
            if each.error() is None:
                batches[partition].append(each)
            elif _ended(each, topic):
                ends[partition] = each.offset() or 0
                unread.discard(partition)
        for partition in batches.keys() | ends.keys():
            records = batches[partition]
            behind = (records[-1].offset() or 0) + 1 if records else 0
            taken += len(records)
            take(partition, records, max(behind, ends.get(partition, 0)))
    return Reading(taken, complete=not unread)


def _ended(message: Message, topic: str) -> bool:
    """Say whether *message* is the end of its partition; raise for any other error in it."""
    error = message.error()
    if error is None:
        return False
    if error.code() != _PARTITION_EOF:
        _refuse(topic, error)
    return True


def _committed(
    consumer: Consumer, topic: str, asked: list[TopicPartition]
) -> list[TopicPartition]:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            told = consumer.committed(asked, timeout=_PATIENCE)
            error = next((each.error for each in told if each.error is not None), None)
        except KafkaException as refused:
            told, error = [], refused.args[0]
        if error is None:
            return told
        if error.code() not in _MOVING or time.monotonic() > deadline:
            _refuse(topic, error)
        time.sleep(_POLL)


def _watermarks(
    consumer: Consumer, topic: str, partition: int, halt: threading.Event
) -> tuple[int, int] | None:
    """Return the first offset and the one behind the last, None if halted first.

    Asks a second at a time: a halt must not wait for brokers that are away.
    """
    place = TopicPartition(topic, partition)
    for _ in range(_TRIES):
        if halt.is_set():
            return None
        try:
            found = consumer.get_watermark_offsets(place, timeout=_TRY)
        except KafkaException as refused:
            error: KafkaError = refused.args[0]
            if error.code() not in _AWAY:
                _refuse(f"{topic}/{partition}", error)
        else:
            if found is not None:
                return found
    raise ReadFailedError(f"{topic}/{partition}: no answer within {_PATIENCE:g} s")


def _refuse(where: str, error: KafkaError) -> NoReturn:
    raise ReadFailedError(f"{where}: cannot be read: {error.str()} ({error.name()})")
