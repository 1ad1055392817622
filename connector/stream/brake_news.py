"""Tell of brakes: log, metrics, and a note on the ready page.

A pulled brake does not make a worker not ready: it does what a person, or a limit, told it to.
"""

import structlog

from connector.planning.brakes import Brake
from connector.stream.brakes import ALL, Pulled
from connector.stream.health import Health
from connector.stream.moments import rfc3339
from connector.telemetry.metrics import Metrics

log = structlog.get_logger("connector.brakes")


class BrakeNews:
    """Hears what is pulled and released; tells each once, however often it hears it."""

    __slots__ = ("_away", "_health", "_metrics", "_pulled")

    def __init__(self, health: Health, metrics: Metrics) -> None:
        self._health = health
        self._metrics = metrics
        self._pulled: dict[str, Pulled] = {}
        self._away = False

    def pulled(self, pulled: Pulled) -> None:
        """Say that a brake is pulled."""
        known = self._pulled.get(pulled.name)
        self._pulled[pulled.name] = pulled
        since = rfc3339(pulled.since)
        self._health.warns(
            f"brake {pulled.name}",
            f"pulled since {since} by {pulled.by}: {pulled.detail}; {advice(pulled)}",
        )
        self._count()
        if known is None:
            log.error(
                "brake.pulled",
                brake=str(pulled.brake),
                scope=pulled.scope,
                since=since,
                by=pulled.by,
                detail=pulled.detail,
                advice=advice(pulled),
            )

    def ignored(self, pulled: Pulled) -> None:
        """Say that a brake is pulled on a list that is none of ours."""
        log.warning("brake.ignored", place=pulled.name, detail="no list has this name")

    def released(self, brake: Brake, scope: str) -> None:
        """Say that a person let a brake go."""
        known = self._pulled.pop(f"{brake}/{scope}", None)
        if known is None:
            return
        self._health.warns(f"brake {known.name}", None)
        self._count()
        log.info("brake.released", brake=str(brake), scope=scope)

    def unheard(self, why: str) -> None:
        """Say that the control topic cannot be read or written."""
        if not self._away:
            log.warning("brakes.unheard", detail=why)
        self._away = True

    def hears(self) -> None:
        """Say that the control topic is read again."""
        self._away = False

    def _count(self) -> None:
        self._metrics.brakes([each.brake for each in self._pulled.values()])


def advice(pulled: Pulled) -> str:
    """Return what a person does about a brake."""
    scope = "" if pulled.scope == ALL else f" --scope {pulled.scope}"
    return f"once the cause is mended, `connector brakes release {pulled.brake}{scope}`"
