"""Raise an alarm when a mass of people opts out: all of it is carried out, and somebody must look.

A CRM job gone wrong can opt everybody out, and no brake stops an opt-out. Only those that did
something count: what was honoured before, a nightly list above all, is no news.
"""

from collections import deque
from collections.abc import Callable

import structlog

from connector.domain.change import ChangeKind
from connector.domain.outcome import Outcome
from connector.domain.reason import Verdict
from connector.stream.health import Health
from connector.telemetry.metrics import Metrics

log = structlog.get_logger("connector.worker")

MINUTE = 60.0

MASS = 500
"""Opt-outs honoured in a minute, over all workers, above which it is a mass: eight people a second
say so to no call centre. Each worker counts against its share.
"""

ADVICE = (
    "see in the CRM whether they are meant; if not, stop its job, and lift what it opted out "
    "by `connector opt-outs lift --file`"
)

_NEVER_CALL = (ChangeKind.OPT_OUT, ChangeKind.NUMBERS)


class OptOutMass:
    """Counts opt-outs that did something in the last minute. `clock` is in seconds."""

    __slots__ = ("_clock", "_health", "_limit", "_metrics", "_recent", "_told")

    def __init__(self, health: Health, metrics: Metrics, clock: Callable[[], float]) -> None:
        self._health = health
        self._metrics = metrics
        self._clock = clock
        self._recent: deque[float] = deque()
        self._limit = float(MASS)
        self._told = False

    def share(self, share: float) -> None:
        """Say which share of all partitions is this worker's, from now on."""
        self._limit = MASS * share
        self._recent.clear()

    def told(self, outcome: Outcome) -> None:
        """Take an outcome that the broker has."""
        if outcome.change in _NEVER_CALL and outcome.verdict is Verdict.APPLIED:
            self._recent.append(self._clock())

    def look(self) -> None:
        """Tell how many there are now. Call it now and then."""
        now = self._clock()
        while self._recent and self._recent[0] <= now - MINUTE:
            self._recent.popleft()
        count = len(self._recent)
        self._metrics.recent_opt_outs(count)
        if count > self._limit:
            self._health.warns("mass of opt-outs", f"{count} in the last minute: {ADVICE}")
            if not self._told:
                log.error("opt_outs.mass", count=count, advice=ADVICE)
            self._told = True
        elif self._told and count <= self._limit / 2:
            self._health.warns("mass of opt-outs", None)
            log.info("opt_outs.mass_over", count=count)
            self._told = False
