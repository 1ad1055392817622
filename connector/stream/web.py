"""Serve a worker's health and metrics over HTTP, inside its own event loop (contract.md 5)."""

import asyncio
import hmac
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from connector.stream.health import Health, Report

GRACE = 2
"""Seconds that an answer under way may take to end when the worker stops."""

Render = Callable[[], tuple[bytes, str]]
"""Returns the metrics and their content type."""


class ListenError(Exception):
    """The address cannot be listened on; the operator names another (exit code 3)."""


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to listen, and the token to demand there; None demands none."""

    host: str
    port: int
    token: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


class Web:
    """The HTTP side of a worker: `/health/live`, `/health/ready`, `/health/worker`, `/metrics`.

    Runs in the loop that starts it and leaves the signals alone. All of it is read-only.
    """

    def __init__(self, health: Health, render: Render, listen: Listen) -> None:
        self._listen = listen
        self._app = _application(health, render, listen.token)
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None
        self.address = str(listen)
        """`host:port` that is listened on, once started; the real port where 0 was asked for."""

    async def start(self) -> None:
        """Listen.

        Raises:
            ListenError: the address is taken, or is none of this machine's.
        """
        opened = _opened(self._listen)
        self.address = str(Listen(self._listen.host, opened.getsockname()[1]))
        config = uvicorn.Config(
            self._app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        )
        self._server = _Server(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[opened]))
        up = asyncio.create_task(self._server.up.wait())
        await asyncio.wait({up, self._serving}, return_when=asyncio.FIRST_COMPLETED)
        if self._serving.done():
            up.cancel()
            self._serving.result()

    async def stop(self) -> None:
        """Close the socket and wait for the answers under way, `GRACE` seconds at most."""
        if self._server is None or self._serving is None:
            return
        self._server.should_exit = True
        await self._serving
        self._server = self._serving = None


class _Server(uvicorn.Server):
    """A server that leaves SIGTERM and SIGINT to the worker, and says when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        self.up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Guard:
    """Demand the token for everything but health."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer 401."""
        if scope["type"] == "http" and not scope["path"].startswith("/health/"):
            given = dict(scope["headers"]).get(b"authorization", b"")
            if not hmac.compare_digest(given, self._expected):
                refusal = PlainTextResponse(
                    "the token of ops.token is missing\n",
                    status_code=401,
                    headers={"WWW-Authenticate": "Bearer"},
                )
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _application(health: Health, render: Render, token: str | None) -> Starlette:
    async def metrics(_request: Request) -> Response:
        body, content_type = render()
        return Response(body, headers={"Content-Type": content_type})

    routes = [
        _health("/health/live", health.live),
        _health("/health/ready", health.ready),
        _health("/health/worker", health.worker),
        Route("/metrics", metrics),
    ]
    guard = [Middleware(_Guard, token=token)] if token is not None else []
    return Starlette(routes=routes, middleware=guard)


def _health(path: str, ask: Callable[[], Report]) -> Route:
    async def answer(_request: Request) -> Response:
        report = ask()
        body: dict[str, object] = {
            "ok": report.well,
            "missing": list(report.lines),
            "warnings": list(report.warnings),
        }
        if report.compliance is not None:
            body["compliance"] = {
                "ok": report.compliance.well,
                "seconds": round(report.compliance.seconds, 1),
                "line": report.compliance.line,
            }
        return JSONResponse(body, status_code=200 if report.well else 503)

    return Route(path, answer)


def _opened(listen: Listen) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(
            listen.host, listen.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server((str(address[0]), listen.port), family=family)
    except OSError as failure:
        reason = failure.strerror or "no such address"
        raise ListenError(f"ops.listen: {listen}: {reason}; name another address") from None
