"""Say when the campaigns of one list are looked at: soon after contacts were accepted, not often.

A look costs a request, so under a steady stream of new contacts there is one a minute. A lone one
is looked after within seconds: sooner than a call to it could end, so that a campaign which is
`complete` by then had run out before it.
"""

QUIET = 5.0
"""Seconds without a further contact after which a look is due; a call rings longer than that."""

EVERY = 60.0
"""Seconds between two looks while contacts keep coming: 1 of 300 requests a minute."""

FIRST_PAUSE = 15.0
LONGEST_PAUSE = 900.0
"""Seconds after a first failure, doubling to 15 minutes: most want a person, and no lead waits."""


class Looks:
    """When to look at one list. Synchronous; `now` is in seconds and never goes backwards."""

    __slots__ = ("_again", "_failures", "_first", "_held", "_last", "_looked", "accepted_at")

    def __init__(self) -> None:
        self.accepted_at: float | None = None
        """When the newest callable contact was accepted."""
        self._first: float | None = None
        self._last = 0.0
        self._looked: float | None = None
        self._again: float | None = None
        self._held: float | None = None
        self._failures = 0

    def accepted(self, now: float) -> bool:
        """Take note of a callable contact that is new on the list.

        Say whether it is the first since the last look: only that one can bring a look forward.
        """
        self.accepted_at = self._last = now
        if self._first is not None:
            return False
        self._first = now
        return True

    def due(self) -> float | None:
        """Return when to look; None: there is no reason to."""
        if self._held is not None:
            return self._held
        times = [] if self._again is None else [self._again]
        if self._first is not None:
            soon = self._first + QUIET
            later = soon if self._looked is None else max(soon, self._looked + EVERY)
            times.append(min(later, self._last + QUIET))
        return min(times, default=None)

    def begun(self, now: float) -> None:
        """Take note that a look begins: what is accepted from here on wants another."""
        self._looked, self._first, self._again, self._held = now, None, None, None

    def ended(self, again: float | None) -> None:
        """Take note that a look ended; *again* is when its reason comes back, if it does."""
        self._failures = 0
        self._again = again

    def failed(self, now: float, jitter: float, least: float = 0.0) -> float:
        """Take note that a look failed; return the pause, *least* seconds at the shortest.

        Pauses double; *jitter* (from 0 up to 1) takes away up to half, so that workers that failed
        together do not return together.
        """
        self._failures += 1
        ceiling = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self._failures - 1, 16))
        pause = max(least, ceiling * (1 - jitter / 2))
        self._held = now + pause
        return pause
