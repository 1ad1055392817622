"""Put the client of the platform together from its parts."""

from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from connector.genesys.asking import Asking
from connector.genesys.auth import Tokens
from connector.genesys.client import Client
from connector.genesys.delivery import Delivery
from connector.genesys.endpoint import Endpoint
from connector.genesys.exchange import Exchange
from connector.genesys.list_book import ListBook
from connector.genesys.notices import Watch
from connector.genesys.quota import Quota


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the client takes from outside.

    `permit` is called right before each request leaves and may raise; `watch` is told what
    happens; `clock` returns seconds, never backwards; `jitter` numbers from 0 up to 1.
    """

    permit: Callable[[], None]
    watch: Watch
    clock: Callable[[], float]
    jitter: Callable[[], float]


class Platform:
    """One worker's access to the platform. Leaving it as a context closes its connections."""

    __slots__ = ("_client", "_endpoint", "_surroundings", "exchange", "quota")

    def __init__(self, endpoint: Endpoint, quota: Quota, surroundings: Surroundings) -> None:
        clock, jitter = surroundings.clock, surroundings.jitter
        self._endpoint = endpoint
        self._surroundings = surroundings
        self._client = Client(endpoint, surroundings.permit)
        self.quota = quota
        asking = Asking(self._client, quota, surroundings.watch, clock, endpoint.retry_after_limit)
        self.exchange = Exchange(asking, Tokens(asking, quota, endpoint, clock, jitter), quota)

    def delivery(self, book: ListBook) -> Delivery:
        """Return what delivers batches to the lists of *book*."""
        request_bytes, jitter = self._endpoint.request_bytes, self._surroundings.jitter
        return Delivery(self.exchange, self.quota, book, request_bytes, jitter)

    async def aclose(self) -> None:
        """Close all connections; what is in the air may have been done."""
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()
