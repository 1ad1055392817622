"""Send one request over HTTP/1.1 and bring back the answer, or how it broke. Decides nothing."""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import httpx

from connector.domain.command import Urgency
from connector.domain.result import Receipt
from connector.genesys.call import Call
from connector.genesys.endpoint import Endpoint
from connector.genesys.requests import Query, Request

CONNECTIONS = 64
"""Connections of each way. At 300 requests a minute 64 carry answers that take 12 s."""

KEEP_ALIVE = 30.0
"""Seconds that an idle connection is kept: half of what load balancers commonly allow."""

_WRITE = "http11.send_request_headers.started"
"""httpcore's trace name for the moment before the first byte of a request is written."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer. `retry_after` are the seconds of that header. The body may hold personal data."""

    status: int
    body: bytes = field(repr=False)
    retry_after: float | None = None
    correlation_id: str | None = None

    @property
    def receipt(self) -> Receipt:
        """Return what the platform's support asks for."""
        return Receipt(self.status, self.correlation_id)


@dataclass(frozen=True, slots=True)
class Broken:
    """No answer came. `sent` says whether any of the request may have left; `why` is a name of
    the failure, never its text.
    """

    sent: bool
    why: str


Leaves: TypeAlias = Callable[[], bool]
"""Asked right before the first byte of a request, when its connection stands: may it leave?"""


def always() -> bool:
    """Let a request leave."""
    return True


class CalledBackError(Exception):
    """A request was called back before its first byte: `Leaves` said no."""


class _Attempt:
    """Watch one attempt: ask for permission right before the first byte, and remember it left."""

    __slots__ = ("_leaves", "_permit", "sent")

    def __init__(self, permit: Callable[[], None], leaves: Leaves) -> None:
        self._permit = permit
        self._leaves = leaves
        self.sent = False

    async def trace(self, name: str, _info: Mapping[str, object]) -> None:
        """Take one step of httpcore."""
        if name == _WRITE:
            self._permit()
            if not self._leaves():
                raise CalledBackError
            self.sent = True


class _Way:
    """Connections that requests of some urgencies share, each for one request at a time.

    One transport holds one connection: a pool of many looks at every one of them for every
    request, which at 16 in the air doubled what a request costs.
    """

    __slots__ = ("_endpoint", "_idle", "_room", "_trust")

    def __init__(self, endpoint: Endpoint, trust: ssl.SSLContext) -> None:
        self._endpoint = endpoint
        self._trust = trust
        self._room = asyncio.Semaphore(CONNECTIONS)
        self._idle: deque[tuple[float, httpx.AsyncHTTPTransport]] = deque()
        """Since when, and which; the one that was used last stands last."""

    async def send(self, request: httpx.Request) -> httpx.Response:
        """Send *request* and read the whole answer."""
        async with self._room:
            transport = self._idle.pop()[1] if self._idle else self._transport()
            try:
                answer = await transport.handle_async_request(request)
                await answer.aread()
                await answer.aclose()
            except BaseException:
                # Cancelled between connecting and sending, httpcore keeps a connection that is
                # neither in use nor free, and whoever comes next would wait for it for ever.
                await transport.aclose()
                raise
            self._idle.append((asyncio.get_running_loop().time(), transport))
            if len(self._idle) > 1:
                await self._close_old()
            return answer

    async def _close_old(self) -> None:
        """Close what nobody used for long: the other side may have given it up."""
        oldest = asyncio.get_running_loop().time() - KEEP_ALIVE
        while self._idle and self._idle[0][0] < oldest:
            await self._idle.popleft()[1].aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        while self._idle:
            await self._idle.popleft()[1].aclose()

    def _transport(self) -> httpx.AsyncHTTPTransport:
        """Return a transport of one connection; it reads no proxies from the environment."""
        proxy = self._endpoint.proxy
        return httpx.AsyncHTTPTransport(
            verify=self._trust,
            trust_env=False,
            http1=True,
            http2=False,
            proxy=None if proxy is None else httpx.Proxy(proxy),
            limits=httpx.Limits(
                max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEEP_ALIVE
            ),
        )


class Client:
    """The HTTP client of one worker: connections for compliance, and others for writes.

    It leaves httpx's own client out, whose redirects, cookies and merging of settings we do not
    use, and speaks to its transport. `permit` is called right before the first byte of each
    request leaves; what it raises goes through to the caller of `send`, and nothing has left.
    Close with `aclose`.
    """

    __slots__ = ("_endpoint", "_permit", "_ways")

    def __init__(self, endpoint: Endpoint, permit: Callable[[], None]) -> None:
        self._endpoint = endpoint
        self._permit = permit
        trust = _trust(endpoint.ca)
        compliance, writes = _Way(endpoint, trust), _Way(endpoint, trust)
        self._ways = {
            Urgency.BLOCK: compliance,
            Urgency.COMPLIANCE: compliance,
            Urgency.WRITE: writes,
        }

    async def send(
        self,
        request: Request,
        authorization: str,
        urgency: Urgency = Urgency.WRITE,
        leaves: Leaves = always,
    ) -> Response | Broken:
        """Send *request* once, on a connection of its *urgency*.

        The endpoint's timeout spans all of it, the wait for a connection included. Cancelling
        breaks the connection: what was sent may have been done.

        Raises:
            CalledBackError: *leaves* said no when the connection stood; nothing has left.
        """
        attempt = _Attempt(self._permit, leaves)
        made = httpx.Request(
            request.method,
            _url(self._base(request) + request.path, request.query),
            headers=_headers(request, authorization),
            content=request.body,
            extensions={"trace": attempt.trace},
        )
        try:
            async with asyncio.timeout(self._endpoint.timeout):
                answer = await self._ways[urgency].send(made)
        except TimeoutError:
            return Broken(attempt.sent, "Timeout")
        except httpx.RequestError as failure:
            return Broken(attempt.sent, _why(failure))
        return Response(
            answer.status_code,
            answer.content,
            _seconds(answer.headers.get("retry-after")),
            answer.headers.get("inin-correlation-id"),
        )

    async def aclose(self) -> None:
        """Close all connections."""
        for way in {id(each): each for each in self._ways.values()}.values():
            await way.aclose()

    def _base(self, request: Request) -> str:
        where = self._endpoint.login_url if request.call is Call.TOKEN else self._endpoint.api_url
        return where.rstrip("/")


@lru_cache(maxsize=256)
def _url(address: str, query: Query) -> httpx.URL:
    """Return the URL: a few addresses take nearly all requests, and parsing one is dear."""
    return httpx.URL(address, params=query) if query else httpx.URL(address)


def _trust(ca: str | None) -> ssl.SSLContext:
    """Return the certificates to believe: the file's, else the system's.

    Raises:
        ValueError: the file cannot be used.
    """
    try:
        return ssl.create_default_context(cafile=None if ca is None else Path(ca))
    except (OSError, ssl.SSLError):
        raise ValueError(
            f"genesys.ssl_ca_location: {ca} cannot be read as PEM certificates; "
            "name a file with the certificate of the authority"
        ) from None


_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
    "User-Agent": "genesys-lead-connector",
}


def _headers(request: Request, authorization: str) -> dict[str, str]:
    headers = {**_HEADERS, "Authorization": authorization}
    if request.body is not None:
        form = request.call is Call.TOKEN
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        headers["Content-Type"] = kind
    return headers


def _why(failure: BaseException) -> str:
    """Return the class of the failure and of its root (`ConnectError: gaierror`)."""
    root: BaseException = failure
    while (below := root.__cause__ or root.__context__) is not None:
        root = below
    own, deepest = type(failure).__name__, type(root).__name__
    return own if own == deepest else f"{own}: {deepest}"


def _seconds(header: str | None) -> float | None:
    """Return the whole seconds of `Retry-After` (genesys-api.md section 3.2)."""
    text = "" if header is None else header.strip()
    return float(text) if text.isdecimal() and len(text) < _ABSURD_DIGITS else None


_ABSURD_DIGITS = 10
