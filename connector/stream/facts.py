"""Name what a worker tells those who watch it: health, metrics, the log."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from connector.domain.ids import LeadId
from connector.domain.outcome import Outcome
from connector.domain.reason import Reason, Stage
from connector.domain.record import TopicPartition


class SchemaAnswer(StrEnum):
    """What came of asking the registry for a schema."""

    FOUND = "found"
    UNKNOWN = "unknown"
    UNUSABLE = "unusable"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Holding:
    """What a tenure holds at a moment.

    `unsettled` are state rows without a delivery report, `waiting` commands without a slot.
    `oldest_opt_out` is the age in seconds of the oldest of `opt_outs`, which are not settled yet,
    `unread` the oldest record in which another may stand.
    """

    open_records: int
    unsettled: int
    waiting: int
    opt_outs: int
    oldest_opt_out: float
    unread: "Unread | None" = None


@dataclass(frozen=True, slots=True)
class Unread:
    """A partition with records that were not read, and may be opt-outs: the first's age in
    seconds.
    """

    place: TopicPartition
    seconds: float


@dataclass(frozen=True, slots=True)
class SchemaWait:
    """Records of one source partition that wait: how many, for which schema, since when (seconds
    of the worker's clock).
    """

    source: str
    place: TopicPartition
    records: int
    schema_id: int
    since: float


class Facts(Protocol):
    """Hears what happens in a worker, on the event loop; takes no time over it."""

    def progressed(self) -> None:
        """Say that the loop is alive."""

    def assigned(self, partitions: Collection[int]) -> None:
        """Say which partitions came, before their state is restored."""

    def restored(self, records: int, seconds: float) -> None:
        """Say that the state is there."""

    def revoked(self) -> None:
        """Say that all partitions left."""

    def read(self, topic: str, records: int, holes: int) -> None:
        """Say how many records more were read, and how many holes lay between them."""

    def holds(self, holding: Holding) -> None:
        """Say how much the worker holds."""

    def schema_waits(self, waits: Collection[SchemaWait], away: str | None) -> None:
        """Say which records wait for a schema, and why the registry does not answer, if so."""

    def schema_asked(self, result: SchemaAnswer) -> None:
        """Count a question to the registry."""

    def lag(self, place: TopicPartition, records: int) -> None:
        """Say how far a partition's end is ahead of what may be committed."""

    def committed(self) -> None:
        """Say that the group confirmed a commit."""

    def lease(self, seconds: float) -> None:
        """Say how long the lease still lasts."""

    def told(self, outcome: Outcome) -> None:
        """Say that the broker has an outcome."""

    def buried(self, reason: Reason, stage: Stage) -> None:
        """Say that the broker has a dead letter."""

    def late_fence(self, lead: LeadId) -> None:
        """Say that an opt-out had to be produced again."""
