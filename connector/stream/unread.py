"""Tell of records that nobody here can follow: a person must read the CRM.

Salesforce's gap events are the usual case. Hundreds of custom fields make them routine, so each
kind is told at most once a minute; the metric of dead letters counts them all.
"""

from collections.abc import Callable

import structlog

from connector.domain.outcome import Outcome
from connector.domain.reason import Reason

log = structlog.get_logger("connector.worker")

PAUSE = 60.0
"""Seconds between two lines about one topic and reason."""

_REASONS = frozenset(
    {
        Reason.GAP,
        Reason.OVERFLOW,
        Reason.WILDCARD,
        Reason.UNSUPPORTED_LAYOUT,
        Reason.UNDECODABLE,
        Reason.LEAD_ID_MISSING,
    }
)
"""Reasons after which nobody here knows what changed, or for whom: it may have been an opt-out."""


class UnreadRecords:
    """Tells of them in the log. `clock` as in the engine, in seconds."""

    __slots__ = ("_clock", "_quiet_until")

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._quiet_until: dict[tuple[str, Reason], float] = {}

    def told(self, outcome: Outcome) -> None:
        """Take an outcome that the broker has."""
        if outcome.reason not in _REASONS:
            return
        kind, now = (outcome.origin.topic, outcome.reason), self._clock()
        if now >= self._quiet_until.get(kind, now):
            self._quiet_until[kind] = now + PAUSE
            log.error("record.read_crm", reason=str(outcome.reason), detail=outcome.outcome_id)
