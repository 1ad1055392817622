"""Hold one Kafka record as the connector reads it."""

from dataclasses import dataclass, field
from typing import NamedTuple

Headers = tuple[tuple[str, bytes | None], ...]


class TopicPartition(NamedTuple):
    """Name one partition of one topic. A tuple, for it is looked up several times a record."""

    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class Record:
    """One Kafka record: place, bytes and headers as they were written. `timestamp` is in ms."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None = field(repr=False)
    value: bytes | None = field(repr=False)
    headers: Headers = field(default=(), repr=False)

    @property
    def coordinates(self) -> str:
        """Return `topic/partition/offset`, the name by which operators find the record."""
        return f"{self.topic}/{self.partition}/{self.offset}"
