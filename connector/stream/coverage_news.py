"""Tell whether our lists are covered: log, metrics, and a note on the ready page.

A gap alone leaves a worker ready, new contacts that wait for it do not. Campaigns are named by
their ids: a name from the platform may be anything.
"""

from collections import Counter
from collections.abc import Collection, Mapping

import structlog

from connector.domain.ids import ListId
from connector.planning.coverage import GRAVE, Gap, GapKind
from connector.stream.health import Health
from connector.telemetry.metrics import Metrics

log = structlog.get_logger("connector.coverage")


class CoverageNews:
    """Hears what each look at a list found; tells a gap when it comes, and when all are closed.

    `names` are the settings' names of the lists.
    """

    __slots__ = ("_gaps", "_health", "_held", "_metrics", "_names")

    def __init__(self, health: Health, metrics: Metrics, names: Mapping[ListId, str]) -> None:
        self._health = health
        self._metrics = metrics
        self._names = names
        self._gaps: dict[ListId, frozenset[Gap]] = {}
        self._held: set[ListId] = set()

    def awaits(self, list_id: ListId) -> None:
        """Say that new contacts wait for the first look."""
        self._health.parked(self._what(list_id), "new contacts wait for the first look")

    def found(self, list_id: ListId, gaps: Collection[Gap], *, held: bool) -> None:
        """Say what is missing, and whether new contacts wait because of it."""
        name, what = self._name(list_id), self._what(list_id)
        self._metrics.coverage_gaps(list_id, Counter(each.kind for each in gaps))
        text = "; ".join(f"{each.kind}, {each.subject}: {each.advice}" for each in gaps)
        if held:
            self._health.parked(what, f"new contacts wait: {text}")
        else:
            self._health.freed(what)
        self._health.warns(what, None if held else text or None)
        before = self._gaps.get(list_id, frozenset())
        for each in gaps:
            if each not in before:
                self._gap(name, each)
        if before and not gaps:
            log.info("coverage.whole", list=name)
        self._gaps[list_id] = frozenset(gaps)
        self._tell_held(list_id, held=held)

    def broken(self, bug: Exception) -> None:
        """Say that a bug kept us from looking."""
        log.error("coverage.broken", exc_info=bug)

    def forget(self) -> None:
        """Say nothing of coverage any more: a later tenure tells it anew."""
        self._metrics.no_coverage_gaps()
        for list_id in self._names:
            self._health.warns(self._what(list_id), None)
            self._health.freed(self._what(list_id))
        self._gaps.clear()

    def _gap(self, name: str, gap: Gap) -> None:
        details = {"list": name, "gap": str(gap.kind), "place": gap.subject, "advice": gap.advice}
        if gap.kind in GRAVE:
            log.error("coverage.missing", **details)
        elif gap.kind is GapKind.UNKNOWN:
            log.error("coverage.unknown", **details)
        else:
            log.warning("coverage.at_risk", **details)

    def _tell_held(self, list_id: ListId, *, held: bool) -> None:
        name = self._name(list_id)
        if held and list_id not in self._held:
            self._held.add(list_id)
            log.warning("inserts.held", list=name)
        elif not held and list_id in self._held:
            self._held.discard(list_id)
            log.info("inserts.let_go", list=name)

    def _what(self, list_id: ListId) -> str:
        return f"coverage of {self._name(list_id)}"

    def _name(self, list_id: ListId) -> str:
        return self._names.get(list_id, list_id)
