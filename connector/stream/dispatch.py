"""Send what waits: grant a slot first, then cut the batch, then deliver it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from connector.domain.command import Command, Urgency
from connector.domain.result import Result
from connector.genesys.quota import Quota
from connector.planning.batch import Batch
from connector.planning.outbox import Outbox
from connector.stream.lanes import Lanes
from connector.stream.ports import Delivers

IN_THE_AIR = 16
"""Requests of one way in the air at once: at 300 a minute, answers of 3 s still cost no slot."""


@dataclass(frozen=True, slots=True)
class Route:
    """What a way out connects: what waits, whose slots it takes, who delivers, who is told.

    `paused` says whether nothing may leave now (too much is unsettled). `fatal` is told of what
    ends the worker, `heard` of each result once its lane has it.
    """

    outbox: Outbox
    lanes: Lanes
    quota: Quota
    delivery: Delivers
    clock: Callable[[], float]
    fatal: Callable[[BaseException], None]
    paused: Callable[[], bool]
    heard: Callable[[Command, Result], None]


class Dispatch:
    """The dispatch of one way out of one tenure.

    Each urgency has its own, so that an opt-out never stands behind a write that waits for its
    answer, nor its numbers behind reads of contacts.
    """

    def __init__(self, urgency: Urgency, route: Route) -> None:
        self._urgency = urgency
        self._route = route
        self._news = asyncio.Event()
        self._room = asyncio.Semaphore(IN_THE_AIR)
        self._air: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Look again: something new waits, or something was settled."""
        self._news.set()

    @property
    def in_the_air(self) -> int:
        """Say how many requests wait for their answer."""
        return len(self._air)

    async def run(self) -> None:
        """Send until cancelled; requests in the air go on."""
        try:
            while True:
                await self._wait_until_due()
                await self._room.acquire()
                if not await self._send_one():
                    self._room.release()
        except asyncio.CancelledError:
            raise
        except BaseException as failure:  # noqa: BLE001 - a bug here must stop the worker
            self._route.fatal(failure)

    async def _wait_until_due(self) -> None:
        while True:
            self._news.clear()
            wait = None if self._route.paused() else self._due()
            if wait is not None and wait <= 0:
                return
            try:
                async with asyncio.timeout(wait):
                    await self._news.wait()
            except TimeoutError:
                continue

    def _due(self) -> float | None:
        return self._route.outbox.due(self._route.clock(), self._urgency)

    async def _send_one(self) -> bool:
        """Take a slot and cut a batch for it; say whether a batch left."""
        await self._route.quota.slot(self._urgency)
        batch = self._route.outbox.take(self._route.clock(), self._urgency)
        if batch is None:
            self._route.quota.refund()
            return False
        task = asyncio.create_task(self._deliver(batch))
        self._air.add(task)
        task.add_done_callback(self._landed)
        return True

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._air.discard(task)
        self._room.release()

    async def _deliver(self, batch: Batch) -> None:
        lanes = self._route.lanes
        try:
            async for command, result in self._route.delivery.deliver(
                batch,
                lambda command: lanes.sent(command, batch.id, self._urgency),
                self._urgency,
                lanes.stands,
                lanes.left,
            ):
                lanes.answered(command, result)
                self._route.heard(command, result)
        except asyncio.CancelledError:
            raise
        except BaseException as failure:  # noqa: BLE001 - a bug here must stop the worker
            self._route.fatal(failure)

    async def drain(self, seconds: float) -> None:
        """Wait for what is in the air, then cut it off: the next owner decides it again."""
        if self._air:
            await asyncio.wait(self._air, timeout=seconds)
        self.cut_off()
        if self._air:
            await asyncio.wait(self._air, timeout=1.0)

    def cut_off(self) -> None:
        """Break off every request that waits for its answer."""
        for task in self._air:
            task.cancel()
