"""Hand out the slots of the request budget, the most urgent waiter first."""

import asyncio
import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import TypeAlias

from connector.domain.command import Urgency
from connector.planning.pace import Pace

Waited: TypeAlias = Callable[[Urgency, float], None]


@dataclass(order=True, slots=True)
class _Waiter:
    urgency: Urgency
    number: int
    slot: asyncio.Future[None] = field(compare=False)


class Quota:
    """Slots over a `Pace`: one slot is one request, tokens and look-ups included.

    `clock` returns seconds and never goes backwards. Who was granted a slot and sends nothing
    gives it back at once with `refund`. `waited` is told for how many seconds each one was waited.
    """

    __slots__ = (
        "_clock",
        "_numbers",
        "_pace",
        "_silent",
        "_timer",
        "_waited",
        "_waiters",
        "granted",
    )

    def __init__(
        self, pace: Pace, clock: Callable[[], float], waited: Waited = lambda _urgency, _s: None
    ) -> None:
        self._pace = pace
        self._clock = clock
        self._waited = waited
        self._numbers = count()
        self._waiters: list[_Waiter] = []
        self._timer: asyncio.TimerHandle | None = None
        self._silent = -math.inf
        self.granted = 0
        """Slots granted less slots given back: the requests made, and those about to be."""

    async def slot(self, urgency: Urgency) -> None:
        """Wait for a slot. Cancelling gives up the place in the row, or the slot."""
        waiter = _Waiter(urgency, next(self._numbers), asyncio.get_running_loop().create_future())
        heapq.heappush(self._waiters, waiter)
        begun = self._clock()
        self._serve()
        try:
            await waiter.slot
        except asyncio.CancelledError:
            if not waiter.slot.cancelled():
                self.refund()
            raise
        self._waited(urgency, self._clock() - begun)

    def refund(self) -> None:
        """Give a slot back for which nothing was sent."""
        self.granted -= 1
        self._pace.refund()
        self._serve()

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
        while self._waiters:
            if self._waiters[0].slot.cancelled():
                heapq.heappop(self._waiters)
                continue
            now = self._clock()
            wait = self._pace.wait(now, self._waiters[0].urgency)
            if wait > 0:
                if math.isfinite(wait):
                    loop = asyncio.get_running_loop()
                    self._timer = loop.call_later(wait, self._serve)
                return
            waiter = heapq.heappop(self._waiters)
            self._pace.take(now)
            self.granted += 1
            waiter.slot.set_result(None)
