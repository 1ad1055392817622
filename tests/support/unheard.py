"""Facts that nobody wants to hear."""

from collections.abc import Collection

from connector.domain.ids import LeadId
from connector.domain.outcome import Outcome
from connector.domain.reason import Reason, Stage
from connector.domain.record import TopicPartition
from connector.stream.facts import Holding, SchemaAnswer, SchemaWait


class Unheard:
    """The port `Facts`, for tests of something else."""

    def progressed(self) -> None:
        """Hear nothing."""

    def assigned(self, partitions: Collection[int]) -> None:
        """Hear nothing."""

    def restored(self, records: int, seconds: float) -> None:
        """Hear nothing."""

    def revoked(self) -> None:
        """Hear nothing."""

    def read(self, topic: str, records: int, holes: int) -> None:
        """Hear nothing."""

    def schema_waits(self, waits: Collection[SchemaWait], away: str | None) -> None:
        """Hear nothing."""

    def schema_asked(self, result: SchemaAnswer) -> None:
        """Hear nothing."""

    def holds(self, holding: Holding) -> None:
        """Hear nothing."""

    def lag(self, place: TopicPartition, records: int) -> None:
        """Hear nothing."""

    def committed(self) -> None:
        """Hear nothing."""

    def lease(self, seconds: float) -> None:
        """Hear nothing."""

    def told(self, outcome: Outcome) -> None:
        """Hear nothing."""

    def buried(self, reason: Reason, stage: Stage) -> None:
        """Hear nothing."""

    def late_fence(self, lead: LeadId) -> None:
        """Hear nothing."""
