"""Name what the engine needs of the consumer group: the port that Faust fills."""

from collections.abc import Mapping
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
