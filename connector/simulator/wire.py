"""Reach the connection under a request: to break it, and to see what its client has sent."""

import select
import socket
import struct
from asyncio import Transport
from typing import ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol

from connector.simulator.flights import Flights

# Closing a socket that lingers for zero seconds sends RST instead of FIN: socket(7), SO_LINGER.
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_HUNG_UP = getattr(select, "POLLRDHUP", select.POLLHUP)  # POLLRDHUP is Linux's


class SocketWire:
    """One accepted connection."""

    def __init__(self, transport: Transport) -> None:
        self.begun: int | None = None
        self.client: str | None = None
        self._transport = transport
        self._fd = int(transport.get_extra_info("socket").fileno())

    @property
    def gone(self) -> bool:
        """Whether the client has closed its end, noticed by the event loop or not."""
        return self._transport.is_closing() or self._ready(_HUNG_UP)

    @property
    def pending(self) -> bool:
        """Whether unread bytes (or the end of them) lie at the socket."""
        return not self._transport.is_closing() and self._ready(select.POLLIN)

    def reset(self) -> None:
        """Break the connection with a TCP reset; what was not yet written is lost."""
        if self._transport.is_closing():
            return
        with socket.socket(fileno=socket.dup(self._fd)) as same:
            same.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._transport.abort()

    def cut(self) -> None:
        """Close the connection after what was written."""
        self._transport.close()

    def _ready(self, what: int) -> bool:
        poll = select.poll()
        poll.register(self._fd, what)
        return any(seen & what for _, seen in poll.poll(0))


class WiredProtocol(H11Protocol):
    """Uvicorn's HTTP/1.1 with one addition: a request knows its wire (`scope["state"]["wire"]`).

    `flights` is set on a subclass for each server: see `wired`.
    """

    flights: ClassVar[Flights]
    wire: SocketWire

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Register the connection."""
        super().connection_made(transport)
        self.wire = SocketWire(transport)
        self.flights.wires.add(self.wire)
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


def wired(flights: Flights) -> type[WiredProtocol]:
    """Return the protocol class of one server, which numbers its requests with `flights`."""
    return type("WiredProtocol", (WiredProtocol,), {"flights": flights})
