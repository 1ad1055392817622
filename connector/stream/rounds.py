"""Look at every list again and again, in a tenure: how full it is, whether it is covered.

Side jobs. Whatever becomes of them, no opt-out waits.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from connector.domain.ids import ListId
from connector.genesys.failed import Failed
from connector.genesys.list_sizes import ListSizes
from connector.stream.coverage import CoverageRounds
from connector.stream.lease import LeaseLapsed
from connector.stream.list_news import ListNews
from connector.stream.repeating import Repeating


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
    """Asks how many contacts *lists* hold as soon as a tenure begins, and then each `interval`.

    Lives as long as the worker; `begin` and `end` frame the tenures in which it is ours to look.
    """

    def __init__(self, lists: Collection[ListId], parts: RoundParts) -> None:
        self._lists = tuple(lists)
        self._sizes, self._news = parts.sizes, parts.news
        self._interval = parts.interval
        self._repeating = Repeating(self._round, parts.fatal)

    def begin(self) -> None:
        """Begin to look."""
        self._repeating.begin()

    async def end(self) -> None:
        """Look no more, and say nothing of what was seen."""
        await self._repeating.end()
        self._news.forget()

    def cut_off(self) -> None:
        """Look no more, at once, and say nothing of what was seen."""
        self._repeating.cut_off()
        self._news.forget()

    async def _round(self) -> float:
        for each in self._lists:
            await self._look(each)
        return self._interval

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


class TenureRounds:
    """All rounds of a worker. Sizes are asked for by one worker for all, the one that owns the
    first partition, so that an alarm comes once; coverage too, unless it holds new contacts back:
    then each worker sees for itself.
    """

    def __init__(self, sizes: ListRounds, coverage: CoverageRounds) -> None:
        self._sizes = sizes
        self._coverage = coverage

    def begin(self, *, first: bool) -> None:
        """Begin to look; *first*: the first partition is ours."""
        if first:
            self._sizes.begin()
        if first or self._coverage.holds:
            self._coverage.begin()

    async def end(self) -> None:
        """Look no more."""
        await self._sizes.end()
        await self._coverage.end()

    def cut_off(self) -> None:
        """Look no more, at once."""
        self._sizes.cut_off()
        self._coverage.cut_off()
