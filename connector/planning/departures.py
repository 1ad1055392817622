"""Count what has left within a minute, and what is about to: slots are even, departures are not.

A slot is granted at one moment, and its request leaves some time later: a connection is opened, or
the loop has more to do. Where one leaves late and those behind it do not, a window holds more of
them than slots stand in it (seen: 301 at 300 a minute, with the loop half a second late).
"""

from collections import deque

WINDOW = 60.0
"""Seconds over which the platform counts requests (genesys-api.md, rate limits)."""

ABOUT = 30.0
"""Seconds after which what was granted a slot leaves no more: `genesys.request_timeout` spans the
wait for a connection, and what was not sent at all needs no other end."""


class Departures:
    """What left, and what was granted a slot and has not left. Synchronous, in seconds.

    If one more is granted only where `wait` says 0, no `WINDOW` holds more than *most* departures:
    of those in it, the one that was granted last was granted beside all others.
    """

    __slots__ = ("_about", "_left")

    def __init__(self) -> None:
        self._about: deque[float] = deque()
        self._left: deque[float] = deque()

    def granted(self, now: float) -> None:
        """Take note of a slot that was granted."""
        self._about.append(now)

    def given_back(self) -> None:
        """Take note that a slot will not be used."""
        if self._about:
            self._about.pop()

    def left(self, now: float) -> None:
        """Take note that a request left."""
        if self._about:
            self._about.popleft()
        self._left.append(now)

    def forget(self) -> None:
        """Count from nothing: another allowance holds from now on."""
        self._left.clear()

    def wait(self, now: float, most: float) -> float:
        """Return the seconds until one more may be granted where *most* may leave in a window."""
        while self._left and self._left[0] <= now - WINDOW:
            self._left.popleft()
        while self._about and self._about[0] <= now - ABOUT:
            self._about.popleft()
        if len(self._left) + len(self._about) < max(1.0, most):
            return 0.0
        ends = [
            each[0] + span for each, span in ((self._left, WINDOW), (self._about, ABOUT)) if each
        ]
        return min(ends) - now
