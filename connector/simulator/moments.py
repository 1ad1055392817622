"""Tell the time as the platform writes it."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

Clock = Callable[[], float]
"""Seconds since the epoch; handed in, so that tests can move it."""


@lru_cache(maxsize=4)  # all contacts of a request have the same
def timestamp(now: float) -> str:
    """Write a moment as the platform does: UTC with milliseconds, `2026-01-01T00:00:00.000Z`."""
    moment = datetime.fromtimestamp(now, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
