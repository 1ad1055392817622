"""Teach Faust what it must not do itself: recover tables, and lose what it fetched meanwhile.

Faust's own recovery takes 99 s for a million rows, drops records between its seek and its resume
(engine.md A), and inside the join the group sends no heartbeat. So the state is restored by us,
after the join, while the source partitions are still paused.
"""

from collections.abc import Callable, Mapping
from typing import Any

import faust
from faust.stores import memory
from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery
from faust.types import TP

from connector.domain.record import TopicPartition
from connector.stream.state_table import StateTable


class SafeRecovery(Recovery):  # type: ignore[misc]  # Faust is untyped here
    """Restores through the engine, in the background task that Faust runs after the join."""

    def need_recovery(self) -> bool:
        """Say no: Faust's own recovery never runs."""
        return False

    async def on_recovery_completed(self, generation_id: int = 0) -> None:
        """Restore, then let Faust seek and resume.

        Without the first two calls Faust drops what it fetches between its seek and its resume.
        """
        self.app.consumer.stop_flow()
        self.app.flow_control.suspend()
        try:
            await self.app.restored()
        except Exception as failure:  # Faust looks at no exception here: the state would be empty
            await self.app.crash(failure)
            raise
        await super().on_recovery_completed(generation_id)


class SafeTables(TableManager):  # type: ignore[misc]  # Faust is untyped here
    """Faust's tables with the recovery above."""

    @property
    def recovery(self) -> SafeRecovery:
        """Return the recovery."""
        known: SafeRecovery | None = getattr(self, "_recovery", None)
        if known is None:
            known = SafeRecovery(self.app, self, beacon=self.beacon, loop=self.loop)
            self._recovery = known
        return known


class StoreShell(memory.Store):  # type: ignore[misc]  # Faust is untyped here
    """The store of Faust's table: it hands the rows of lost partitions back and does no more.

    The table itself is declared because Faust's co-partitioning assignor works only with one.
    """

    rows: StateTable | None = None

    def apply_changelog_batch(self, *_args: Any, **_options: Any) -> None:
        """Do nothing: the engine restores."""

    async def on_rebalance(self, *_args: Any, **_options: Any) -> None:
        """Do nothing: the engine keeps what is assigned."""

    async def on_recovery_completed(self, *_args: Any, **_options: Any) -> None:
        """Do nothing: the engine restored."""


class FaustGroup:
    """The engine's port to the consumer group, through Faust's consumer."""

    __slots__ = ("_app",)

    def __init__(self, app: "faust.App") -> None:
        self._app = app

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> bool:
        """Commit *offsets*; say whether the broker confirmed it."""
        places = {TP(place.topic, place.partition): to for place, to in offsets.items()}
        return bool(await self._app.consumer._commit_offsets(places))  # noqa: SLF001 - engine.md D

    def hold(self, place: TopicPartition) -> None:
        """Read no further from *place*.

        Not by `pause_partitions`: that loses the rest of the poll (engine.md D).
        """
        self._app.consumer.on_buffer_full(TP(place.topic, place.partition))

    def release(self, place: TopicPartition) -> None:
        """Read on from *place*."""
        self._app.consumer.on_buffer_drop(TP(place.topic, place.partition))

    def go_back(self, place: TopicPartition, offset: int, gone: Callable[[], None]) -> None:
        """Read *place* from *offset* again, once what was fetched is handed over."""
        self._app.consumer.go_back(TP(place.topic, place.partition), offset, gone)
