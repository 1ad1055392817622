"""Hand out the slots of the request budget, each to the one whose turn it is."""

import asyncio
import math
from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from connector.domain.command import Urgency
from connector.planning.pace import Pace
from connector.planning.turns import Turns

Waited: TypeAlias = Callable[[Urgency, float], None]


class Quota:
    """Slots over a `Pace`: one slot is one request, tokens and look-ups included.

    `clock` returns seconds and never goes backwards. Who was granted a slot and sends nothing
    gives it back at once with `refund`. `waited` is told for how many seconds each one was waited.
    """

    __slots__ = (
        "_clock",
        "_pace",
        "_rows",
        "_silent",
        "_timer",
        "_turns",
        "_waited",
        "departed",
        "granted",
    )

    def __init__(
        self, pace: Pace, clock: Callable[[], float], waited: Waited = lambda _urgency, _s: None
    ) -> None:
        self._pace = pace
        self._clock = clock
        self._waited = waited
        self._turns = Turns()
        self._rows: dict[Urgency, deque[asyncio.Future[None]]] = {
            each: deque() for each in Urgency
        }
        self._timer: asyncio.TimerHandle | None = None
        self._silent = -math.inf
        self.granted = 0
        """Slots granted less slots given back: the requests made, and those about to be."""
        self.departed = 0
        """Requests whose first byte left."""

    async def slot(self, urgency: Urgency) -> None:
        """Wait for a slot. Cancelling gives up the place in the row, or the slot."""
        slot = asyncio.get_running_loop().create_future()
        self._rows[urgency].append(slot)
        begun = self._clock()
        self._serve()
        try:
            await slot
        except asyncio.CancelledError:
            if not slot.cancelled():
                self.refund()
            raise
        self._waited(urgency, self._clock() - begun)

    def refund(self) -> None:
        """Give a slot back for which nothing was sent."""
        self.granted -= 1
        self._pace.refund()
        self._serve()

    def left(self) -> None:
        """Take note that a request leaves now, in a slot that was granted."""
        self.departed += 1
        self._pace.left(self._clock())

    def close(self, seconds: float) -> None:
        """Let nothing leave for *seconds*: the platform answered 429."""
        until = self._clock() + seconds
        self._silent = max(self._silent, until)
        self._pace.close(until)
        self._serve()

    def share(self, fraction: float) -> None:
        """Take *fraction* of the allowance from now on: the partitions moved."""
        self._pace.share(fraction, self._clock())
        self._serve()

    def reserve(self, name: str, requests: float, until: float) -> bool:
        """Leave room for a command until that time of the clock; False where that is too much."""
        reserved = self._pace.reserve(name, requests, until, self._clock())
        self._serve()
        return reserved

    @property
    def silence(self) -> float:
        """Return for how many seconds a 429 still forbids every request, slot or not."""
        return max(0.0, self._silent - self._clock())

    def _serve(self) -> None:
        """Grant what may be granted now, and come back when the next slot is due."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while waiting := self._waiting():
            urgency = self._turns.next(waiting)
            now = self._clock()
            wait = self._pace.wait(now, urgency)
            if wait > 0:
                if math.isfinite(wait):
                    loop = asyncio.get_running_loop()
                    self._timer = loop.call_later(wait, self._serve)
                return
            self._pace.take(now)
            self._turns.took(urgency, waiting)
            self.granted += 1
            self._rows[urgency].popleft().set_result(None)

    def _waiting(self) -> list[Urgency]:
        """Return what is waited for, and drop at the head of each row who waits no longer."""
        for row in self._rows.values():
            while row and row[0].cancelled():
                del row[0]
        return [urgency for urgency, row in self._rows.items() if row]
