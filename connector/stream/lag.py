"""Tell how far the worker stands behind the ends of its partitions.

The ends are asked for now and then, not taken from what was fetched: a partition that is held,
because too much of it is open, is not fetched, and just then its lag is of interest.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import TypeAlias

import structlog

from connector.domain.record import TopicPartition
from connector.stream.reading import ReadFailedError

log = structlog.get_logger("connector.lag")

EVERY_SECONDS = 15.0
"""A look costs a connection and one question for each partition: some 20 ms of CPU."""

Ends: TypeAlias = Callable[
    [Collection[TopicPartition], threading.Event], Mapping[TopicPartition, int]
]


class Lag:
    """Looks at the ends from time to time. `ends` blocks and runs in a thread.

    `positions` is what may be committed of the partitions that are owned now, `halt` what ends a
    look at those, and `told` hears of each partition. `looked` takes the ends, once they are
    known, and may ask for more.
    """

    def __init__(
        self,
        ends: Ends,
        positions: Callable[[], Mapping[TopicPartition, int]],
        halt: Callable[[], threading.Event],
        told: Callable[[TopicPartition, int], None],
        looked: Callable[[Mapping[TopicPartition, int]], Awaitable[None]],
    ) -> None:
        self._ends = ends
        self._positions = positions
        self._halt = halt
        self._told = told
        self._looked = looked

    async def run(self) -> None:
        """Look until cancelled. Whatever goes wrong with it, the worker goes on."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                await self.once()
            except ReadFailedError as away:
                log.warning("lag.unknown", detail=str(away))
            except Exception:  # a signal is no reason to stop the work
                log.exception("lag.failed")

    async def once(self) -> None:
        """Look now.

        Raises:
            ReadFailedError: the broker refused or did not answer.
        """
        places = tuple(self._positions())
        if not places:
            return
        ends = await asyncio.to_thread(self._ends, places, self._halt())
        for place, position in self._positions().items():
            if place in ends:
                self._told(place, max(0, ends[place] - position))
        await self._looked(ends)
