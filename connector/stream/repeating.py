"""Do a side job again and again, in a task of its own that nobody waits for."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from connector.stream.lease import LeaseLapsed

log = structlog.get_logger("connector.rounds")

_CUT_SECONDS = 1.0
_BROKEN_SECONDS = 60.0


class Repeating:
    """Does *once* again and again, each time after as many seconds as it returned.

    A bug in it is told and it is done again: a side job stops no worker. `fatal` is told of what
    ends the worker, a lease that has lapsed.
    """

    def __init__(
        self, once: Callable[[], Awaitable[float]], fatal: Callable[[BaseException], None]
    ) -> None:
        self._once = once
        self._fatal = fatal
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Begin, at once."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def end(self) -> None:
        """Do it no more; a request in the air is given up, for it changes nothing."""
        task = self._task
        self.cut_off()
        if task is not None:
            await asyncio.wait((task,), timeout=_CUT_SECONDS)

    def cut_off(self) -> None:
        """Do it no more, at once."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        while True:
            try:
                pause = await self._once()
            except LeaseLapsed as lapsed:
                self._fatal(lapsed)
                return
            except Exception:
                log.exception("rounds.broken")
                pause = _BROKEN_SECONDS
            await asyncio.sleep(pause)
