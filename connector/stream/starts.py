"""Read what a new tenure begins with: committed offsets, and opt-outs that nobody settled yet."""

import threading
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Protocol

from connector.domain.record import Record, TopicPartition
from connector.stream.backlog import Backlog, read_backlog
from connector.stream.reading import LogReader


class GroupReader(LogReader, Protocol):
    """What is asked of the broker here: `reader.Reader`."""

    def committed(self, topic: str, partitions: Collection[int]) -> Mapping[int, int | None]:
        """Return the group's committed offset of each partition, None where there is none."""

    def first(self, topic: str, partition: int) -> int:
        """Return the first offset that the partition still has."""

    def ends(
        self, topic: str, partitions: Collection[int], halt: threading.Event
    ) -> Mapping[int, int]:
        """Return the offset behind the last record of each partition."""

    def first_from(
        self, topic: str, positions: Mapping[int, int], halt: threading.Event
    ) -> Mapping[int, Record]:
        """Return the first record of each partition at its offset or behind it."""


class KafkaStarts:
    """`engine.Starts` on the broker. Every call blocks; call it from a thread."""

    __slots__ = ("_opt_outs", "_reader")

    def __init__(self, reader: GroupReader, opt_outs: str) -> None:
        self._reader = reader
        self._opt_outs = opt_outs

    def committed(self, places: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Return the committed offset of each place, the first offset where there is none.

        One behind the end is none: the topic was made anew, and what it has was never read.

        Raises:
            ReadFailedError: the broker refused or did not answer.
        """
        found: dict[TopicPartition, int] = {}
        for topic, partitions in _by_topic(places).items():
            ends = self._reader.ends(topic, partitions, threading.Event())
            for partition, offset in self._reader.committed(topic, partitions).items():
                known = offset is not None and offset <= ends[partition]
                start = offset if known else None
                place = TopicPartition(topic, partition)
                found[place] = self._reader.first(topic, partition) if start is None else start
        return found

    def ends(
        self, places: Collection[TopicPartition], halt: threading.Event
    ) -> Mapping[TopicPartition, int]:
        """Return the offset behind the last record of each place, without those that a halt cut.

        Raises:
            ReadFailedError: the broker refused or did not answer.
        """
        return {
            TopicPartition(topic, partition): end
            for topic, partitions in _by_topic(places).items()
            for partition, end in self._reader.ends(topic, partitions, halt).items()
        }

    def first_from(
        self, positions: Mapping[TopicPartition, int], halt: threading.Event
    ) -> Mapping[TopicPartition, Record]:
        """Return the first record of each place at its offset or behind it, where there is one.

        Raises:
            ReadFailedError: the broker refused or did not answer.
        """
        return {
            TopicPartition(topic, partition): record
            for topic, partitions in _by_topic(positions).items()
            for partition, record in self._reader.first_from(
                topic,
                {each: positions[TopicPartition(topic, each)] for each in partitions},
                halt,
            ).items()
        }

    def backlog(
        self, partitions: Collection[int], from_offsets: Mapping[int, int], halt: threading.Event
    ) -> Backlog:
        """Return the opt-outs from the committed offsets to the end of this moment."""
        wanted = {partition: from_offsets.get(partition) for partition in partitions}
        return read_backlog(self._reader, self._opt_outs, wanted, halt)


def _by_topic(places: Collection[TopicPartition]) -> Mapping[str, list[int]]:
    by_topic: defaultdict[str, list[int]] = defaultdict(list)
    for place in places:
        by_topic[place.topic].append(place.partition)
    return by_topic
