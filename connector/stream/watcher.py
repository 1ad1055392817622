"""Watch a worker: turn what its parts tell into health, metrics and log lines."""

from collections.abc import Callable, Collection, Mapping
from typing import assert_never

import structlog

from connector.genesys.call import Call
from connector.genesys.notices import Asked, Notice, Parked, Silenced
from connector.planning.gates import EVERYWHERE, GateReason
from connector.stream.health import Fact, Health
from connector.telemetry.metrics import Metrics

log = structlog.get_logger("connector.watcher")

UNREACHABLE_AFTER = 3
"""Requests in a row without a usable answer: one may be the network's mood."""

_NO_ANSWER = frozenset({"unclear", "unavailable"})

_ACTS: Mapping[GateReason, str] = {
    GateReason.CREDENTIALS: "credentials are refused; check genesys.client_id and client_secret",
    GateReason.PERMISSION: "permission is refused; give the OAuth client's role this list",
    GateReason.LIST_MISSING: "the list is not there; restore it or name another in the settings",
    GateReason.LIMIT: "a limit of the organisation is reached; make room on the platform",
    GateReason.OUTAGE: "the platform answers nonsense; look at its status page",
}


class Watcher:
    """Listens to the engine (`engine.Facts`) and to the platform client (`notices.Watch`).

    `places` gives the settings' name for a platform id of a list; `partitions` is how many all
    workers share.
    """

    def __init__(
        self, health: Health, metrics: Metrics, places: Mapping[str, str], partitions: int
    ) -> None:
        self._health = health
        self._metrics = metrics
        self._places = places
        self._partitions = partitions
        self._unanswered = 0
        self._parked: dict[str, GateReason] = {}

    def progressed(self) -> None:
        """Note that the loop is alive."""
        self._health.progressed()

    def assigned(self, partitions: Collection[int]) -> None:
        """Note which partitions came, before their state is restored."""
        self._health.has(Fact.JOINED)
        self._health.lacks(Fact.RESTORED, f"is being restored for {len(partitions)} partitions")
        if partitions:
            self._health.has(Fact.ASSIGNED)
        else:
            self._health.lacks(Fact.ASSIGNED, "this worker is a spare: others own them all")
        self._metrics.assigned(len(partitions), len(partitions) / self._partitions)

    def restored(self, records: int, seconds: float) -> None:
        """Note that the state is there."""
        self._health.has(Fact.RESTORED)
        self._metrics.restored(records, seconds)

    def revoked(self) -> None:
        """Note that all partitions left."""
        self._health.lacks(Fact.JOINED, "is being rebalanced")
        self._health.lacks(Fact.ASSIGNED, "none are assigned now")
        self._metrics.assigned(0, 0.0)
        self.holds(open_records=0, unsettled=0)

    def holds(self, *, open_records: int, unsettled: int) -> None:
        """Note how much the worker holds."""
        self._metrics.open_records(open_records)
        self._metrics.unsettled(unsettled)

    def noticed(self, notice: Notice) -> None:
        """Take what the platform client tells."""
        match notice:
            case Asked():
                self._asked(notice)
            case Parked():
                self._park(notice)
            case Silenced(seconds=seconds, alarm=alarm):
                self._metrics.silenced(seconds)
                say: Callable[..., object] = log.error if alarm else log.warning
                say("platform.silenced", seconds=seconds)
            case _:
                assert_never(notice)

    def _asked(self, notice: Asked) -> None:
        self._metrics.asked(notice.call, notice.answer, notice.took)
        if notice.answer in _NO_ANSWER:
            self._unanswered += 1
            if self._unanswered >= UNREACHABLE_AFTER:
                why = notice.broken or f"status {notice.receipt.http_status}"
                self._health.lacks(Fact.REACHABLE, f"cannot be reached ({why})")
            return
        self._unanswered = 0
        self._health.has(Fact.REACHABLE)
        if notice.answer == "applied":
            self._free(notice.place)
            if notice.call is not Call.TOKEN:
                self._free(EVERYWHERE)

    def _park(self, notice: Parked) -> None:
        if self._parked.get(notice.scope) is notice.reason:
            return
        self._parked[notice.scope] = notice.reason
        self._metrics.parked(self._parked)
        name, act = self._name(notice.scope), _ACTS[notice.reason]
        self._health.parked(name, act)
        log.error(
            "place.parked",
            place=name,
            reason=notice.reason.value,
            code=notice.code,
            correlation_id=notice.receipt.correlation_id,
            act=act,
        )

    def _free(self, scope: str) -> None:
        if self._parked.pop(scope, None) is None:
            return
        self._metrics.parked(self._parked)
        name = self._name(scope)
        self._health.freed(name)
        log.info("place.resumed", place=name)

    def _name(self, scope: str) -> str:
        return scope if scope == EVERYWHERE else self._places.get(scope, scope)
