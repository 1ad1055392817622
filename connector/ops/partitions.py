"""Ask the broker what the partitions of topics hold, and where a moment falls in them."""

import threading
from collections.abc import Collection, Mapping, Sequence

from connector.domain.record import TopicPartition
from connector.ops.own_topics import admin_client
from connector.ops.ranges import Held, Selection, Span, spans
from connector.settings.model import Settings
from connector.stream.composition import kafka
from connector.stream.reader import Reader
from connector.stream.topics import TopicsUnavailableError, find_topics


def partitions_of(settings: Settings, topics: Sequence[str]) -> tuple[TopicPartition, ...]:
    """Return every partition of *topics*, in their order. Blocks.

    Raises:
        TopicsUnavailableError: one is missing, or the broker did not answer.
    """
    found = find_topics(admin_client(settings, lambda _trouble: None), topics)
    for each in topics:
        if each not in found:
            ours = each in settings.topics.all
            hint = "`connector topics create` makes it" if ours else "see that its name is right"
            raise TopicsUnavailableError(f"{each} is missing; {hint}")
    return tuple(
        TopicPartition(topic, number)
        for topic in topics
        for number in range(found[topic].partitions)
    )


def held(settings: Settings, places: Collection[TopicPartition]) -> dict[TopicPartition, Held]:
    """Return the offsets that each partition has. Blocks.

    Raises:
        ReadFailedError: the broker refused or did not answer.
    """
    reader = Reader(kafka(settings), settings.kafka.application_id)
    return {
        TopicPartition(topic, number): Held(*marks)
        for topic, numbers in by_topic(places).items()
        for number, marks in reader.held(topic, numbers, threading.Event()).items()
    }


def committed(
    settings: Settings, places: Collection[TopicPartition]
) -> dict[TopicPartition, int | None]:
    """Return the group's offset in each partition, None where it has none. Blocks.

    Raises:
        ReadFailedError: the broker refused or did not answer.
    """
    reader = Reader(kafka(settings), settings.kafka.application_id)
    return {
        TopicPartition(topic, number): offset
        for topic, numbers in by_topic(places).items()
        for number, offset in reader.committed(topic, numbers).items()
    }


def at_moment(
    settings: Settings, places: Mapping[TopicPartition, Held], moment: int
) -> dict[TopicPartition, int]:
    """Return the offset of each partition's first record at *moment* (ms) or later, its end where
    it has none. Blocks.

    Raises:
        ReadFailedError: the broker refused or did not answer.
    """
    reader = Reader(kafka(settings), settings.kafka.application_id)
    found = {}
    for topic, numbers in by_topic(places).items():
        for number, offset in reader.first_at(topic, numbers, moment).items():
            place = TopicPartition(topic, number)
            found[place] = places[place].end if offset is None else offset
    return found


def resolve(settings: Settings, selection: Selection, topics: Sequence[str]) -> tuple[Span, ...]:
    """Return the offsets that *selection* has, of *topics* where it names none itself. Blocks.

    Raises:
        UnusableRangeError, TopicsUnavailableError, ReadFailedError.
    """
    named = selection.topics or tuple(dict.fromkeys(each.topic for each in selection.named))
    found = held(settings, partitions_of(settings, named or topics))
    since, until = (
        {} if moment is None else at_moment(settings, found, moment)
        for moment in (selection.since, selection.until)
    )
    return spans(selection, found, since, until)


def by_topic(places: Collection[TopicPartition]) -> dict[str, list[int]]:
    """Return the numbers of the partitions by their topic."""
    numbers: dict[str, list[int]] = {}
    for each in places:
        numbers.setdefault(each.topic, []).append(each.partition)
    return numbers
