"""Look at every list again and again: how many contacts it holds, in one task for all lists.

A side job. Whatever becomes of it, no lead waits. One worker does it for all, the one that owns
the first partition of lead changes: the platform is asked once, and an alarm comes once.
"""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass

from connector.domain.ids import ListId
from connector.genesys.failed import Failed
from connector.genesys.list_sizes import ListSizes
from connector.stream.lease import LeaseLapsed
from connector.stream.list_news import ListNews

_CUT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class RoundParts:
    """What a round takes. `interval` is in seconds; `fatal` is told of what ends the worker: a
    lease that has lapsed.
    """

    sizes: ListSizes
    news: ListNews
    interval: float
    fatal: Callable[[BaseException], None]


class ListRounds:
    """Looks at *lists* as soon as a tenure begins, and then each `interval`.

    Lives as long as the worker; `begin` and `end` frame the tenures in which it is ours to look.
    """

    def __init__(self, lists: Collection[ListId], parts: RoundParts) -> None:
        self._lists = tuple(lists)
        self._sizes, self._news = parts.sizes, parts.news
        self._interval, self._fatal = parts.interval, parts.fatal
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Begin to look."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def end(self) -> None:
        """Look no more; a request in the air is given up, for it changes nothing."""
        task = self._task
        self.cut_off()
        if task is not None:
            await asyncio.wait((task,), timeout=_CUT_SECONDS)

    def cut_off(self) -> None:
        """Look no more, at once, and say nothing of what was seen."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
            self._news.forget()

    async def _run(self) -> None:
        try:
            while True:
                for each in self._lists:
                    await self._look(each)
                await asyncio.sleep(self._interval)
        except LeaseLapsed as lapsed:
            self._fatal(lapsed)

    async def _look(self, list_id: ListId) -> None:
        try:
            told = await self._sizes.of(list_id)
        except LeaseLapsed:
            raise
        except Exception as bug:  # noqa: BLE001 - told with its trace; a side job stops no worker
            self._news.broken(list_id, bug)
            return
        if isinstance(told, Failed):
            self._news.failed(list_id, told)
        else:
            self._news.size(list_id, told)
