"""Take connections from a listening socket, at the latest when somebody must know of them.

An event loop accepts when it comes to it. By then the answer to another request may have left,
and a client whose whole request lay in the accept queue would look as if it had begun after
that. So the simulator accepts by itself: `accept` empties the queue on the spot, and what it
takes is a wire at once, long before the event loop has made a protocol of it.
"""

import asyncio
import errno
import logging
import socket
from collections.abc import Callable

from connector.simulator.flights import Flights
from connector.simulator.wire import SocketWire, WiredProtocol

_log = logging.getLogger(__name__)
_NO_ROOM = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_PAUSE = 1.0  # seconds until the next try where the process has no room for a connection


class Acceptor:
    """The accept queue of one listening socket; to be made inside the event loop."""

    def __init__(
        self, listening: socket.socket, flights: Flights, protocol: Callable[[], WiredProtocol]
    ) -> None:
        self._listening = listening
        self._flights = flights
        self._protocol = protocol
        self._loop = asyncio.get_running_loop()
        self._resuming: asyncio.TimerHandle | None = None
        self._taking_over: set[asyncio.Task[None]] = set()
        listening.settimeout(0)
        self._watch()
        flights.accept = self.accept

    def accept(self) -> None:
        """Accept every connection that waits, and hand each to the event loop."""
        while self._resuming is None:
            try:
                accepted, _ = self._listening.accept()
            except (BlockingIOError, InterruptedError):
                return
            except ConnectionAbortedError:
                continue
            except OSError as error:
                if error.errno not in _NO_ROOM:
                    raise
                self._pause(error)
                return
            self._take(accepted)

    async def close(self) -> None:
        """Accept nothing more; return once what was accepted has its protocol."""
        self._flights.accept = lambda: None
        self._loop.remove_reader(self._listening)
        if self._resuming is not None:
            self._resuming.cancel()
        await asyncio.gather(*self._taking_over)

    def _watch(self) -> None:
        self._resuming = None
        self._loop.add_reader(self._listening, self.accept)

    def _pause(self, error: OSError) -> None:
        """Leave the queue alone for a while: it stays readable, and we would spin."""
        _log.error("cannot accept connections (%s): raise the limit of open files", error.strerror)
        self._loop.remove_reader(self._listening)
        self._resuming = self._loop.call_later(_PAUSE, self._watch)

    def _take(self, accepted: socket.socket) -> None:
        accepted.settimeout(0)
        wire = SocketWire(accepted.fileno())
        self._flights.wires.add(wire)
        task = self._loop.create_task(self._hand_over(accepted, wire))
        self._taking_over.add(task)
        task.add_done_callback(self._taking_over.discard)

    async def _hand_over(self, accepted: socket.socket, wire: SocketWire) -> None:
        def protocol() -> WiredProtocol:
            made = self._protocol()
            made.wire = wire
            return made

        try:
            await self._loop.connect_accepted_socket(protocol, accepted)
        except OSError as error:
            self._flights.wires.discard(wire)
            accepted.close()
            _log.debug("a connection broke before it was served: %s", error.strerror)
