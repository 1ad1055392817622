"""Count how often in a row the requests of a place failed, so that pauses grow with it."""

from collections.abc import Callable
from dataclasses import replace

from connector.genesys.answer import Answer, Busy, Environment, Throttled, Unavailable, wish
from connector.planning.patience import BOUNDS, Bounds, Wait, WaitKind, pause

ENVIRONMENT = Bounds(first=2.0, longest=60.0, attempts=None)
"""A person must act there; a minute later is soon enough to see that it was done."""


class Streaks:
    """Failures in a row by place (a contact list or a DNC list), and the pause that follows.

    By place and not by command: an outage is the place's, commands are withdrawn and replaced.
    Attempts that were in the air together count once. `jitter` gives numbers from 0 up to 1.
    """

    __slots__ = ("_counts", "_jitter")

    def __init__(self, jitter: Callable[[], float]) -> None:
        self._jitter = jitter
        self._counts: dict[str, int] = {}

    def at(self, place: str) -> int:
        """Return the count as an attempt at *place* begins; `pause` wants it back."""
        return self._counts.get(place, 0)

    def ended(self, place: str) -> None:
        """Forget the failures: the place answers."""
        self._counts.pop(place, None)

    def pause(self, place: str, begun: int, answer: Answer) -> float:
        """Count a failure of an attempt that began at count *begun*; return the seconds to wait.

        After a 429 exactly what the platform said: that is nobody's failure.
        """
        if isinstance(answer, Throttled):
            return answer.after
        if self._counts.get(place, 0) == begun:
            self._counts[place] = begun + 1
        wait, bounds = _patience(answer)
        return pause(wait, begun + 1, self._jitter(), bounds) or 0.0


def _patience(answer: Answer) -> tuple[Wait, Bounds]:
    match answer:
        case Environment():
            return Wait(WaitKind.REFUSED), ENVIRONMENT
        case Unavailable():
            kind = WaitKind.REFUSED
        case Busy():
            kind = WaitKind.BUSY
        case _:
            kind = WaitKind.UNKNOWN
    wait = Wait(kind, wish(answer))
    return wait, replace(BOUNDS[wait.kind], attempts=None)
