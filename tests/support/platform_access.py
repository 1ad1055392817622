"""Reach a running simulator through our own client, and deliver batches to it."""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from connector.domain.command import Command, Urgency
from connector.domain.result import Result
from connector.genesys.delivery import Delivery
from connector.genesys.endpoint import Endpoint
from connector.genesys.list_book import ListBook
from connector.genesys.notices import Asked, Notice, Parked, Silenced
from connector.genesys.platform import Platform, Surroundings
from connector.genesys.quota import Quota
from connector.planning.batch import Batch
from connector.planning.pace import Pace
from tests.support.commands import BOOK
from tests.support.simulators import CLIENT

QUICK = 600_000
"""Requests a minute that no test notices: a slot each 0.1 ms."""


def an_endpoint(url: str, **parts: object) -> Endpoint:
    """Return the endpoint of the simulator at *url*."""
    endpoint = Endpoint(url, url, CLIENT["client_id"], CLIENT["client_secret"])
    return replace(endpoint, **parts)  # type: ignore[arg-type]  # the test's own names


def always(_command: Command) -> bool:
    """Withdraw nothing."""
    return True


def permitted() -> None:
    """Permit every request."""


@dataclass
class Access:
    """A platform client, and all that it told those who watch."""

    platform: Platform
    notices: list[Notice] = field(default_factory=list)
    delivery: Delivery | None = None
    """The one of the worker, to the lists of the book that came first."""

    @property
    def asked(self) -> list[Asked]:
        """Return the requests made."""
        return [each for each in self.notices if isinstance(each, Asked)]

    @property
    def parked(self) -> list[Parked]:
        """Return what was parked."""
        return [each for each in self.notices if isinstance(each, Parked)]

    @property
    def silenced(self) -> list[Silenced]:
        """Return the silences demanded."""
        return [each for each in self.notices if isinstance(each, Silenced)]

    async def deliver(
        self,
        batch: Batch,
        sent: Callable[[Command], bool] = always,
        book: ListBook = BOOK,
        urgency: Urgency = Urgency.WRITE,
        stands: Callable[[Command], bool] = always,
        left: Callable[[Command], None] = lambda _command: None,
    ) -> dict[Command, Result]:
        """Deliver as the dispatch does: a slot, then the batch; no command may end twice."""
        await self.platform.quota.slot(urgency)
        results: dict[Command, Result] = {}
        if self.delivery is None:
            self.delivery = self.platform.delivery(book)
        async for command, result in self.delivery.deliver(batch, sent, urgency, stands, left):
            assert command not in results
            results[command] = result
        return results


@asynccontextmanager
async def access(
    url: str,
    *,
    allowance: float = QUICK,
    permit: Callable[[], None] = permitted,
    clock: Callable[[], float] = time.monotonic,
    **parts: object,
) -> AsyncGenerator[Access, None]:
    """Open our client of the simulator at *url*; *parts* replace those of its endpoint."""
    notices: list[Notice] = []
    surroundings = Surroundings(permit, notices.append, clock, lambda: 0.0)
    quota = Quota(Pace(allowance), clock)
    async with Platform(an_endpoint(url, **parts), quota, surroundings) as platform:
        yield Access(platform, notices)
