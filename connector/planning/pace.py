"""Space the requests of one worker so that its share of the platform's budget is never passed.

Virtual scheduling: slots stand `T` seconds apart; compliance may run `ahead` slots early. The
worst window of 60 s then holds `60 / T + ahead + 1` requests, so a gap `T` of
`60 / (allowance - ahead - 1)` keeps the allowance exactly. A bucket with a reserve either breaks
the limit or wastes the reserve (measured at 300 a minute: 540 requests in 60 s, or 80 % used; this
way 300 and 99.3 %).
"""

import math
from collections.abc import Sequence

from connector.domain.command import Urgency
from connector.planning.departures import WINDOW, Departures

LATE = 0.5
"""How much of what compliance may run ahead makes good for writes that left late: a busy loop
comes to its timer some ms late, and each late slot would push all that follow. It costs nothing
of the allowance, for the worst window is counted with the whole."""

MOST = 0.5
"""How much of the allowance commands may have reserved together: opt-outs need the rest."""


class Pace:
    """When the next request may leave. Synchronous; `now` never goes backwards.

    `allowance` is that of the OAuth client, in requests per minute; `share` says how much of it
    is this worker's. A share below two requests a minute is spaced two of its intervals apart;
    below one it keeps to one request in any minute, which over many such workers may pass the
    client's allowance: give a connector of many workers an allowance that feeds them.
    """

    __slots__ = (
        "_ahead",
        "_allowance",
        "_before",
        "_closed",
        "_departures",
        "_due",
        "_early",
        "_gap",
        "_quiet_until",
        "_reserved",
        "_share",
    )

    def __init__(self, allowance: float, ahead: int = 1) -> None:
        self._allowance = allowance
        self._ahead = ahead
        self._share = 1.0
        self._closed = -math.inf
        self._departures = Departures()
        self._due: float | None = None
        self._before: float | None = None
        self._reserved: dict[str, tuple[float, float]] = {}
        self._quiet_until = -math.inf
        self._gap, self._early = _spacing(allowance, ahead)

    def wait(self, now: float, urgency: Urgency) -> float:
        """Return the seconds until a request of this *urgency* may leave: 0 is now, `inf` never
        (no share).
        """
        self._lapse(now)
        if math.isinf(self._gap):
            return math.inf
        early = self._early * self._gap * (LATE if urgency is Urgency.WRITE else 1.0)
        return max(
            0.0,
            self._due_at(now) - early - now,
            self._closed - now,
            self._departures.wait(now, self._usable() - 1),
        )

    def take(self, now: float) -> None:
        """Use the slot that `wait` just called free."""
        due = self._due_at(now)
        self._before = due
        self._due = max(due, now) + self._gap
        self._departures.granted(now)

    def left(self, now: float) -> None:
        """Take note that a request leaves, in a slot that was taken some time ago."""
        self._departures.left(now)

    def refund(self) -> None:
        """Give back the slot taken last, if nothing was taken and no share changed since.

        An older one is lost: given back late, it would let two requests leave in the wrong
        window, and a lost slot costs one gap.
        """
        self._departures.given_back()
        if self._before is not None:
            self._due, self._before = self._before, None

    def close(self, until: float) -> None:
        """Let nothing leave before *until*: the platform answered 429 (whole client)."""
        self._closed = max(self._closed, until)

    def share(self, fraction: float, now: float) -> None:
        """Take *fraction* (0 .. 1) of the allowance from now on, and start empty.

        The first request leaves a whole gap later, compliance too: what the old share sent counts
        in the same window.
        """
        if fraction == self._share:
            return
        self._share = fraction
        self._respace(now)

    def reserve(self, name: str, requests: float, until: float, now: float) -> bool:
        """Leave room for a command that sends at most *requests* in any minute, the last before
        *until*; False, and nothing is left, where commands would have more than `MOST` together.

        First the slots of that many requests are let pass in silence, for what was sent before
        counts in the same minute as the command: it begins after `quiet`. The room stays for
        `WINDOW` after *until*, as long as the command's last request counts. The same *name*
        again can only make it shorter.
        """
        self._lapse(now)
        end = until + WINDOW
        if name in self._reserved:
            requests, ends = self._reserved[name]
            self._reserved[name] = requests, min(end, ends)
            self._lapse(now)
            return True
        if end <= now or requests > self._allowance * MOST - self._taken():
            return False
        if math.isinf(self._gap):  # what others sent of a share that comes here counts too
            silence = quiet((requests,), self._allowance - self._taken())
        else:
            silence = requests * self._share * self._gap
        self._reserved[name] = requests, end
        self._quiet_until = max(self._quiet_until, now) + silence
        self._respace(now)
        return True

    def _usable(self) -> float:
        return (self._allowance - self._taken()) * self._share

    def _taken(self) -> float:
        return sum(requests for requests, _ in self._reserved.values())

    def _lapse(self, now: float) -> None:
        """Take back the room of commands whose requests count no more."""
        over = [name for name, (_, end) in self._reserved.items() if end <= now]
        for name in over:
            del self._reserved[name]
        if over:
            self._respace(now)

    def _respace(self, now: float) -> None:
        """Go on with another gap, as if nothing had been saved up."""
        early = self._early
        self._gap, self._early = _spacing(self._usable(), self._ahead)
        self._departures.forget()
        self._due = max(now, self._quiet_until) + self._gap * (1 + max(early, self._early))
        self._before = None

    def _due_at(self, now: float) -> float:
        """Return the time of the next ordinary slot; the first one of all is a gap away."""
        if self._due is None:
            self._due = now + self._gap
        return self._due

    def __repr__(self) -> str:
        return f"Pace({self._allowance * self._share:g} a minute, a slot each {self._gap:.3f} s)"


def _spacing(allowance: float, ahead: int) -> tuple[float, int]:
    """Return the seconds between two slots and how many slots compliance may run ahead."""
    if allowance <= 0:
        return math.inf, 0
    usable = allowance - ahead - 1
    if usable >= allowance / 2:
        return WINDOW / usable, ahead
    return WINDOW / max(allowance - 1, allowance / 2), 0


def quiet(claims: Sequence[float], allowance: float) -> float:
    """Return for how many seconds at most a worker is silent that hears these claims one after
    another, however small its share (`_spacing` stretches no gap beyond twice the even one).
    """
    seconds, left = 0.0, allowance
    for requests in claims:
        seconds += 2 * WINDOW * requests / left
        left -= requests
    return seconds
