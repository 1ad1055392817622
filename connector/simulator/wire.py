"""Reach the connection under a request: to break it, and to see what its client has sent."""

import select
import socket
import struct
from asyncio import Transport

from uvicorn.protocols.http.h11_impl import H11Protocol

from connector.simulator.flights import Flights

# Closing a socket that lingers for zero seconds sends RST instead of FIN: socket(7), SO_LINGER.
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_HUNG_UP = getattr(select, "POLLRDHUP", select.POLLHUP)  # POLLRDHUP is Linux's


class SocketWire:
    """One accepted connection; it has no transport until the event loop has taken it over."""

    def __init__(self, fd: int) -> None:
        self.begun: int | None = None
        self.client: str | None = None
        self.transport: Transport | None = None
        self._fd = fd

    @property
    def gone(self) -> bool:
        """Whether the client has closed its end, noticed by the event loop or not."""
        return self._closing or self._ready(_HUNG_UP)

    @property
    def pending(self) -> bool:
        """Whether unread bytes (or the end of them) lie at the socket."""
        return not self._closing and self._ready(select.POLLIN)

    def reset(self) -> None:
        """Break the connection with a TCP reset; what was not yet written is lost."""
        if self.transport is None or self.transport.is_closing():
            return
        with socket.socket(fileno=socket.dup(self._fd)) as same:
            same.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.transport.abort()

    def cut(self) -> None:
        """Close the connection after what was written."""
        if self.transport is not None:
            self.transport.close()

    @property
    def _closing(self) -> bool:
        return self.transport is not None and self.transport.is_closing()

    def _ready(self, what: int) -> bool:
        poll = select.poll()
        poll.register(self._fd, what)
        return any(seen & what for _, seen in poll.poll(0))


class WiredProtocol(H11Protocol):
    """Uvicorn's HTTP/1.1 with one addition: a request knows its wire (`scope["state"]["wire"]`).

    `wire` and `flights` are set by who makes one, before its connection is made.
    """

    flights: Flights
    wire: SocketWire

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Give the wire its transport."""
        super().connection_made(transport)
        self.wire.transport = transport
        self.app_state = {**self.app_state, "wire": self.wire}

    def data_received(self, data: bytes) -> None:
        """Number the beginning of a request when its first bytes arrive."""
        if self.wire.begun is None:
            self.wire.begun = self.flights.tick()
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self.flights.wires.discard(self.wire)
        super().connection_lost(exc)
