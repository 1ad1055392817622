"""Commit what is settled, each second, also when nothing moved: a commit is a fenced proof of
membership, and so the lease (design.md section 2).
"""

import asyncio
from collections.abc import Callable, Mapping

from connector.domain.record import TopicPartition
from connector.stream.group import Group
from connector.stream.lease import Lease, LeaseLapsed

EVERY_SECONDS = 1.0


class Commits:
    """Commits the positions that `positions` tells and renews the lease by them.

    `confirmed` is called for each commit that the group confirmed.
    """

    def __init__(
        self,
        group: Group,
        lease: Lease,
        positions: Callable[[], Mapping[TopicPartition, int]],
        clock: Callable[[], float],
        fatal: Callable[[BaseException], None],
        confirmed: Callable[[], None],
    ) -> None:
        self._group = group
        self._lease = lease
        self._positions = positions
        self._clock = clock
        self._confirmed = confirmed
        self._fatal = fatal

    async def once(self) -> bool:
        """Commit now, and say whether it was confirmed; the lease counts from the sending."""
        positions = self._positions()
        if not positions:
            self._lease.confirmed(self._clock())
            return True
        sent_at = self._clock()
        if not await self._group.commit(positions):
            return False
        self._lease.confirmed(sent_at)
        self._confirmed()
        return True

    async def run(self) -> None:
        """Commit each second until cancelled; a lapsed lease ends the worker."""
        try:
            while True:
                self._lease.check()
                try:
                    async with asyncio.timeout(EVERY_SECONDS * 10):
                        await self.once()
                except TimeoutError:
                    continue  # the coordinator is away: the lease decides how long that may be
                await asyncio.sleep(EVERY_SECONDS)
        except asyncio.CancelledError:
            raise
        except LeaseLapsed as lapsed:
            self._fatal(lapsed)
        except BaseException as failure:  # noqa: BLE001 - a bug here must stop the worker
            self._fatal(failure)
