"""Write moments as people and analysts read them."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)
_LATEST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)


def rfc3339(ms: int) -> str:
    """Return *ms* since 1970 as RFC 3339 in UTC with milliseconds: `2026-01-31T12:00:00.000Z`."""
    seconds, rest = divmod(in_calendar(ms), 1000)
    return f"{_second(seconds)}.{rest:03d}Z"


def in_calendar(ms: int) -> int:
    """Return *ms* since 1970, or the first or last moment of the years 1 to 9999.

    A producer may write any timestamp, and its record shall stop neither a worker nor those who
    read its outcome with a calendar of their own.
    """
    return min(max(ms, _EARLIEST), _LATEST)


@lru_cache(maxsize=1024)
def _second(seconds: int) -> str:
    """Return the text of a whole second: neighbours share it, and it is the dear part."""
    moment = _EPOCH + timedelta(seconds=seconds)
    return moment.isoformat(timespec="seconds").removesuffix("+00:00")
