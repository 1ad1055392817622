"""Name what the engine needs of the consumer group: the port that Faust fills."""

from collections.abc import Callable, Mapping
from typing import Protocol

from connector.domain.record import TopicPartition


class Group(Protocol):
    """This worker's membership of the consumer group."""

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> bool:
        """Commit *offsets*; say whether the broker confirmed it, and so our membership."""

    def hold(self, place: TopicPartition) -> None:
        """Read no further from *place* until it is released; what was fetched is kept."""

    def release(self, place: TopicPartition) -> None:
        """Read on from *place*."""

    def go_back(self, place: TopicPartition, offset: int, gone: Callable[[], None]) -> None:
        """Read *place* from *offset* again; *gone* is called once, between the last record that
        was fetched before and the first one after it. After a rebalance it is not called any more.
        """
