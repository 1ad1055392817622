"""Where a tenure begins to read: the committed offset, or the first that there is."""

import threading
from collections.abc import Collection, Mapping

from connector.domain.record import Record, TopicPartition
from connector.stream.starts import KafkaStarts
from tests.support.fake_log import FakeLog


class FakeGroupLog(FakeLog):
    """Partitions 0 to 2 of every topic hold the offsets 3 to 8; commits as given."""

    def __init__(self, commits: Mapping[int, int | None]) -> None:
        super().__init__()
        self._commits = commits

    def committed(self, topic: str, partitions: Collection[int]) -> Mapping[int, int | None]:
        """Return the commits."""
        del topic, partitions
        return self._commits

    def first(self, topic: str, partition: int) -> int:
        """Return 3."""
        del topic, partition
        return 3

    def ends(
        self, topic: str, partitions: Collection[int], halt: threading.Event
    ) -> Mapping[int, int]:
        """Return 9 for all."""
        del topic, halt
        return dict.fromkeys(partitions, 9)

    def first_from(
        self, topic: str, positions: Mapping[int, int], halt: threading.Event
    ) -> Mapping[int, Record]:
        """Return the record at each offset, but none in partition 2."""
        del halt
        return {
            partition: Record(topic, partition, offset, 1_000 + offset, None, None)
            for partition, offset in positions.items()
            if partition != 2
        }


def test_a_commit_behind_the_end_is_of_a_topic_that_is_gone() -> None:
    """A topic that was made anew is read from its first record: nothing of it was read."""
    starts = KafkaStarts(FakeGroupLog({0: 9, 1: 10, 2: None}), "opt-outs")
    places = [TopicPartition("crm", partition) for partition in range(3)]
    assert list(starts.committed(places).values()) == [9, 3, 3]


def test_the_first_unread_records_are_asked_for_by_topic() -> None:
    """Each place by its own offset; one without a record behind it is left out."""
    starts = KafkaStarts(FakeGroupLog({}), "opt-outs")
    places = {TopicPartition("crm", 0): 4, TopicPartition("b", 0): 7, TopicPartition("b", 2): 8}
    found = starts.first_from(places, threading.Event())
    assert {place: record.offset for place, record in found.items()} == {
        TopicPartition("crm", 0): 4,
        TopicPartition("b", 0): 7,
    }
