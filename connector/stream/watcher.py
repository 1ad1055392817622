"""Tell health and metrics what happens in a worker: the one place that knows both."""

from collections.abc import Callable, Collection

import structlog

from connector.domain.ids import LeadId
from connector.domain.outcome import Outcome
from connector.genesys.call import Call
from connector.genesys.notices import Asked, Notice, Parked, Silenced
from connector.planning.gates import EVERYWHERE, Gates, Scope
from connector.stream.health import Fact, Health
from connector.telemetry.metrics import Metrics

log = structlog.get_logger("connector.worker")

UNREACHABLE_AFTER = 3
"""Requests in a row without a usable answer: one may be the network's mood."""


class Watcher:
    """Hears of everything that people and alerts want to know. `clock` as in the engine."""

    __slots__ = ("_clock", "_gates", "_health", "_metrics", "_partitions", "_unanswered")

    def __init__(
        self,
        health: Health,
        metrics: Metrics,
        gates: Gates,
        partitions: int,
        clock: Callable[[], float],
    ) -> None:
        self._health = health
        self._metrics = metrics
        self._gates = gates
        self._partitions = partitions
        self._clock = clock
        self._unanswered = 0

    def progressed(self) -> None:
        """Say that the loop is alive."""
        self._health.progressed()

    def assigned(self, partitions: Collection[int]) -> None:
        """Say which partitions came, before their state is restored."""
        self._health.has(Fact.JOINED)
        if partitions:
            self._health.has(Fact.ASSIGNED)
        else:
            self._health.lacks(Fact.ASSIGNED, "none for this worker: it is a spare")
        self._metrics.assigned(len(partitions), len(partitions) / self._partitions)

    def restored(self, records: int, seconds: float) -> None:
        """Say that the state is there."""
        self._health.has(Fact.RESTORED)
        self._metrics.restored(records, seconds)

    def revoked(self) -> None:
        """Say that all partitions left."""
        self._health.lacks(Fact.RESTORED, "waits for the next assignment")
        self._health.lacks(Fact.ASSIGNED, "the group rebalances")
        self._metrics.assigned(0, 0.0)

    def holds(self, *, open_records: int, unsettled: int) -> None:
        """Say how much the worker holds."""
        self._metrics.open_records(open_records)
        self._metrics.unsettled(unsettled)

    def told(self, outcome: Outcome) -> None:
        """Count an outcome that was produced."""
        self._metrics.ended(outcome.verdict, outcome.reason, outcome.lane)
        self._metrics.lived(outcome.latency, outcome.lane)

    def late_fence(self, lead: LeadId) -> None:
        """Say that an opt-out had to be produced again."""
        self._metrics.late_fence()
        log.error("opt_out.produced_again", lead=lead)

    def lists_read(self) -> None:
        """Say that the platform answered at start."""
        self._health.has(Fact.REACHABLE)

    def unreachable(self, why: str) -> None:
        """Say that the platform cannot be reached."""
        self._health.lacks(Fact.REACHABLE, why)

    def broker(self, why: str) -> None:
        """Say what keeps the brokers from answering the producer."""
        log.warning("broker.trouble", detail=why)

    def notice(self, notice: Notice) -> None:
        """Take what the platform's client tells."""
        match notice:
            case Asked():
                self._asked(notice)
            case Parked():
                self._parked(notice)
            case Silenced(seconds=seconds, alarm=alarm):
                self._metrics.silenced(seconds)
                level = log.error if alarm else log.warning
                level("platform.throttled", seconds=seconds)

    def _asked(self, notice: Asked) -> None:
        self._metrics.asked(notice.call, notice.answer, notice.took)
        if notice.broken is not None or notice.answer == "unavailable":
            self._unanswered += 1
            if self._unanswered >= UNREACHABLE_AFTER:
                why = notice.broken or f"HTTP {notice.receipt.http_status}"
                self._health.lacks(Fact.REACHABLE, f"no answer to {notice.call} ({why})")
            return
        self._unanswered = 0
        self._health.has(Fact.REACHABLE)
        if notice.answer == "applied":
            self._resumed(notice.place)
            if notice.call is not Call.TOKEN:
                # A token alone does not tell that the API takes it.
                self._resumed(EVERYWHERE)

    def _resumed(self, scope: str) -> None:
        if self._gates.open(Scope(scope)):
            self._health.freed(scope)
            self._tell_gates()
            log.info("list.resumed", scope=scope)

    def _tell_gates(self) -> None:
        shut = self._gates.now_shut.items()
        self._metrics.parked({scope.place: gate.reason for scope, gate in shut})

    def _parked(self, notice: Parked) -> None:
        known = self._gates.reason(Scope(notice.scope))
        self._gates.shut(Scope(notice.scope), notice.reason, self._clock())
        if known is notice.reason:
            return
        self._health.parked(notice.scope, f"{notice.reason} ({notice.code or 'no code'})")
        self._tell_gates()
        log.error(
            "list.parked",
            scope=notice.scope,
            reason=str(notice.reason),
            code=notice.code,
            correlation_id=notice.receipt.correlation_id,
        )
