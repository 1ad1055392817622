"""Serve the simulator on a socket until it is told to stop."""

import asyncio
import signal
import socket
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

import uvicorn
import uvloop

from connector.simulator.acceptor import Acceptor
from connector.simulator.app import build
from connector.simulator.flights import Flights
from connector.simulator.moments import Clock
from connector.simulator.seed import Seed
from connector.simulator.wire import WiredProtocol

INTERRUPTED = 130  # exit code after SIGINT; contract, section 2
_BACKLOG = 2048  # connections that may wait to be accepted
_HEAD_BYTES = 65_536  # of an address with headers; 250 ids of 100 characters must fit
_GRACE = 1  # seconds that open requests have once the simulator stops, then a second to go
_KEEP_ALIVE = 75  # seconds that an idle connection stays open


class CannotListenError(OSError):
    """Say that the address cannot be had; raised by `serve`, shown to the operator."""


class Server(uvicorn.Server):
    """Uvicorn that says when it listens, accepts by `Acceptor`, and handles no signals.

    Its own signal handlers raise the signal again at the end, which would hide the exit code.
    """

    def __init__(
        self, config: uvicorn.Config, flights: Flights, on_started: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._flights = flights
        self._on_started = on_started
        self._acceptor: Acceptor | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections on the one socket that is given, then say so."""
        await super().startup([])
        assert sockets is not None, "the server is given its socket"  # noqa: S101 - uvicorn's type
        (listening,) = sockets
        self._acceptor = Acceptor(listening, self._flights, self._protocol)
        self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let open requests end, and break off those that are held back for longer."""
        asyncio.get_running_loop().call_later(_GRACE, self._flights.break_off)
        if self._acceptor is not None:
            await self._acceptor.close()
        await super().shutdown(sockets)

    def _protocol(self) -> WiredProtocol:
        protocol = WiredProtocol(self.config, self.server_state, self.lifespan.state)
        protocol.flights = self._flights
        return protocol

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave signals to who runs the server."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """Bind an address; port 0 takes a free one. Raises `CannotListenError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise CannotListenError(
            f"cannot listen on {host}:{port} ({error.strerror}); give another --host or --port"
        ) from None


def address(listening: socket.socket) -> str:
    """Return the address of a bound socket as clients write it."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def server(seed: Seed, on_started: Callable[[], None], clock: Clock = time.time) -> Server:
    """Return a quiet server of a fresh simulator; it logs errors only."""
    app = build(seed, clock)
    flights: Flights = app.state.simulation.flights
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=_HEAD_BYTES,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_GRACE + 1,
    )
    return Server(config, flights, on_started)


def serve(host: str, port: int, seed: Seed, on_listening: Callable[[str], None]) -> int:
    """Serve until SIGTERM or SIGINT; return the exit code (0, 130).

    `on_listening` gets the address once connections are accepted. To be called in the main
    thread. Raises `CannotListenError`.
    """
    with listen(host, port) as listening:
        return uvloop.run(_serve(listening, seed, on_listening))


async def _serve(listening: socket.socket, seed: Seed, on_listening: Callable[[str], None]) -> int:
    serving = server(seed, lambda: on_listening(address(listening)))
    stopped_by: list[signal.Signals] = []

    def stop(by: signal.Signals) -> None:
        stopped_by.append(by)
        serving.should_exit = True

    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop, one)
    await serving.serve(sockets=[listening])
    return INTERRUPTED if signal.SIGINT in stopped_by else 0
