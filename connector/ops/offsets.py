"""Show where the group stands in its topics, and put it elsewhere while no worker runs."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import TimeoutError as NoAnswer
from dataclasses import dataclass
from enum import Enum

from confluent_kafka import (
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
)
from confluent_kafka import (
    TopicPartition as Asked,
)
from confluent_kafka.admin import AdminClient

from connector.domain.record import TopicPartition
from connector.ops.group import PAUSE, STARTING, workers_run
from connector.ops.own_topics import admin_client
from connector.ops.partitions import at_moment, committed, held, partitions_of
from connector.ops.ranges import Held, Selection, UnusableRangeError
from connector.settings.model import Settings
from connector.stream.composition import kafka
from connector.stream.control import ControlEntry, written_to
from connector.stream.moments import rfc3339
from connector.stream.reading import ReadFailedError

RESET = "offsets-reset"
"""Kind of the records in `A.control` that say who moved the group."""

_PATIENCE = 30.0
_MARGIN = 3.0


class WorkersRunError(Exception):
    """The group has members, and only they may move it."""


class Way(Enum):
    """Where the group shall go."""

    EARLIEST = "earliest"
    LATEST = "latest"
    GIVEN = "given"


@dataclass(frozen=True, slots=True)
class Position:
    """Where the group stands in one partition; `committed` is None before its first commit."""

    place: TopicPartition
    committed: int | None
    held: Held

    @property
    def lag(self) -> int:
        """Return how many offsets a worker that starts now has before it: all that there are
        where nothing was committed.
        """
        at = self.held.first if self.committed is None else self.committed
        return max(0, self.held.end - at)

    def document(self) -> dict[str, object]:
        """Return it as `offsets show --json` has it (contract.md section 7)."""
        return {
            "topic": self.place.topic,
            "partition": self.place.partition,
            "committed": self.committed,
            "end": self.held.end,
            "lag": self.lag,
        }


def positions(settings: Settings, topics: Sequence[str]) -> tuple[Position, ...]:
    """Return where the group stands in every partition of *topics*. Blocks.

    Raises:
        TopicsUnavailableError, ReadFailedError: the broker did not tell.
    """
    places = partitions_of(settings, topics)
    ends, at = held(settings, places), committed(settings, places)
    return tuple(Position(each, at[each], ends[each]) for each in places)


async def reset(
    settings: Settings, way: Way, selection: Selection, by: str | None, now_ms: int
) -> tuple[Position, ...]:
    """Put the group where *way* and *selection* say; return where it stands then.

    Who did it stands in `A.control` first. Partitions that the selection does not have stay.

    Raises:
        UnusableRangeError: an offset that its partition does not have.
        WorkersRunError: nothing was moved.
        TopicsUnavailableError, ReadFailedError, SendFailedError: the broker did not tell or do.
    """
    topics = settings.source_topics
    targets = await asyncio.to_thread(_targets, settings, way, selection)
    if await asyncio.to_thread(workers_run, settings):
        raise WorkersRunError
    control = settings.topics.control
    await asyncio.to_thread(partitions_of, settings, [control])
    entry = ControlEntry(RESET, rfc3339(now_ms), {"by": by, "to": _document(targets)})
    await written_to(kafka(settings), control)(entry.key, entry.value)
    await asyncio.to_thread(_move, settings, targets)
    return await asyncio.to_thread(positions, settings, topics)


def _targets(settings: Settings, way: Way, selection: Selection) -> dict[TopicPartition, int]:
    has = held(settings, partitions_of(settings, selection.topics or settings.source_topics))
    if way is Way.EARLIEST:
        return {place: marks.first for place, marks in has.items()}
    if way is Way.LATEST:
        return {place: marks.end for place, marks in has.items()}
    if selection.since is not None:
        return at_moment(settings, has, selection.since)
    return given(selection.starts, has)


def given(
    starts: Mapping[TopicPartition, int], has: Mapping[TopicPartition, Held]
) -> dict[TopicPartition, int]:
    """Return *starts* where the partitions have these offsets; the end is one, too.

    Raises:
        UnusableRangeError: all that there are not, at once.
    """
    problems = []
    for place, offset in starts.items():
        name, marks = f"{place.topic}/{place.partition}", has.get(place)
        if marks is None:
            problems.append(f"--from: {name} is no partition of the sources")
        elif not marks.first <= offset <= marks.end:
            problems.append(f"--from: {name} has the offsets {marks.first} to {marks.end}")
    if problems:
        raise UnusableRangeError(problems)
    return dict(starts)


def _move(settings: Settings, targets: Mapping[TopicPartition, int]) -> None:
    """Commit *targets* for the group, which refuses while it has members."""
    admin = admin_client(settings, lambda _trouble: None)
    deadline = time.monotonic() + _PATIENCE
    while (error := _commit(admin, settings.kafka.application_id, targets)) is not None:
        if error.code() in _HAS_MEMBERS:
            raise WorkersRunError
        if error.code() not in STARTING or time.monotonic() > deadline:
            raise ReadFailedError(f"the group cannot be moved: {error.str()} ({error.name()})")
        time.sleep(PAUSE)


def _commit(
    admin: AdminClient, group: str, targets: Mapping[TopicPartition, int]
) -> KafkaError | None:
    offsets = [Asked(*place, offset) for place, offset in targets.items()]
    request = ConsumerGroupTopicPartitions(group, offsets)
    answers = admin.alter_consumer_group_offsets([request], request_timeout=_PATIENCE)
    try:
        moved = answers[group].result(timeout=_PATIENCE + _MARGIN).topic_partitions or ()
    except NoAnswer:
        raise ReadFailedError(f"the group did not answer within {_PATIENCE:g} s") from None
    except KafkaException as refused:
        error: KafkaError = refused.args[0]
        return error
    return next((each.error for each in moved if each.error is not None), None)


_HAS_MEMBERS = frozenset(
    {
        KafkaError.UNKNOWN_MEMBER_ID,
        KafkaError.NON_EMPTY_GROUP,
        KafkaError.REBALANCE_IN_PROGRESS,
        KafkaError.ILLEGAL_GENERATION,
    }
)
"""A worker has joined since we asked."""


def _document(targets: Mapping[TopicPartition, int]) -> dict[str, object]:
    return {f"{place.topic}/{place.partition}": offset for place, offset in targets.items()}
