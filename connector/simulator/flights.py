"""Know which requests were in the air at the same time.

Violations that speak of *before* and *after* ("begun after the 429 was sent", "two writes in
flight at once") are decided here by counting, not by clocks: every beginning and every answer
takes the next number. A request has begun once its bytes lie in our kernel, read or not, on a
connection that we have accepted or not, so a client is never blamed for what it had sent before
it could see an answer.
"""

import math
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol


class Wire(Protocol):
    """The connection under a request, as far as the books must know it."""

    begun: int | None
    """When the first bytes of the request that is not yet read arrived."""

    client: str | None
    """The OAuth client that it served last."""

    @property
    def gone(self) -> bool:
        """Whether the client has closed its end."""

    @property
    def pending(self) -> bool:
        """Whether bytes lie at the socket that nobody has read."""

    def reset(self) -> None:
        """Break the connection at once; the client sees a reset."""

    def cut(self) -> None:
        """Close the connection after what was written; the client misses the rest."""


@dataclass(slots=True, eq=False)
class Flight:
    """One request from its first bytes to its answer; `ended` is infinite until then."""

    begun: int
    wire: Wire | None
    ended: float = math.inf
    writes: tuple[tuple[str, str], ...] = field(default=())

    @property
    def given_up(self) -> bool:
        """Whether the client has closed the connection and waits no more."""
        return self.wire is not None and self.wire.gone


class Flights:
    """Hold what is in the air, the connections, and the contacts written a moment ago.

    `accept` puts the connections that wait to be accepted among the `wires`; it is called
    before anything that others may turn out to have begun before.
    """

    def __init__(self) -> None:
        self.wires: set[Wire] = set()
        self.accept: Callable[[], None] = _nobody_waits
        self._ticks = count(1)
        self._open: set[Flight] = set()
        self._writing: dict[tuple[str, str], list[Flight]] = {}
        self._written: dict[tuple[str, str], float] = {}
        self._recent: deque[tuple[float, tuple[tuple[str, str], ...]]] = deque()

    @property
    def remembered(self) -> int:
        """How many contacts are being written, or were a moment ago."""
        return len(self._writing) + len(self._written)

    def tick(self) -> int:
        """Return the next number."""
        return next(self._ticks)

    def moment(self, of: Wire | None = None) -> int:
        """Return the number of what happens now, after all that has begun on other wires."""
        self.accept()
        for wire in self.wires:
            if wire is not of and wire.begun is None and wire.pending:
                wire.begun = self.tick()
        return self.tick()

    def open(self, wire: Wire | None) -> Flight:
        """Begin a request."""
        begun = wire.begun if wire is not None else None
        flight = Flight(self.tick() if begun is None else begun, wire)
        self._open.add(flight)
        return flight

    def write(self, flight: Flight, contacts: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Note which contacts a request writes; return those with another write in the air.

        A contact is a pair of list id and contact id. A write whose client has closed the
        connection is not in the air any more: that client has given it up.
        """
        flight.writes = tuple(dict.fromkeys(contacts))
        overlapping = [one for one in flight.writes if self._in_the_air(one, flight.begun)]
        for one in flight.writes:
            self._writing.setdefault(one, []).append(flight)
        return overlapping

    def _in_the_air(self, contact: tuple[str, str], begun: int) -> bool:
        if self._written.get(contact, 0) > begun:
            return True
        return any(not other.given_up for other in self._writing.get(contact, ()))

    def answer(self, flight: Flight) -> None:
        """Say that the answer leaves now; call it right before the first byte is written."""
        flight.ended = self.moment(flight.wire)
        if flight.writes and not flight.given_up:
            for one in flight.writes:
                self._written[one] = flight.ended
            self._recent.append((flight.ended, flight.writes))

    def close(self, flight: Flight) -> None:
        """Let go of a request, answered or not."""
        self._open.discard(flight)
        if math.isinf(flight.ended):
            flight.ended = self.moment(flight.wire)
        for one in flight.writes:
            others = self._writing.get(one, [])
            if flight in others:
                others.remove(flight)
            if not others:
                self._writing.pop(one, None)
        flight.writes = ()
        flight.wire = None
        self._forget()

    def shares(self, flight: Flight, client: str) -> bool:
        """Return whether a client has another connection open beside the one of a request."""
        return any(
            wire.client == client and wire is not flight.wire and not wire.gone
            for wire in self.wires
        )

    def break_off(self) -> None:
        """Close the connections whose requests are still open: the simulator stops."""
        for flight in self._open:
            if flight.wire is not None:
                flight.wire.cut()

    def _forget(self) -> None:
        """Drop what no request that is still open, or lies unread, can overlap."""
        begun = [flight.begun for flight in self._open]
        begun.extend(wire.begun for wire in self.wires if wire.begun is not None)
        oldest = min(begun, default=math.inf)
        while self._recent and self._recent[0][0] < oldest:
            ended, contacts = self._recent.popleft()
            for one in contacts:
                if self._written.get(one) == ended:
                    del self._written[one]


def _nobody_waits() -> None:
    """Accept nothing: where there is no socket there is no queue."""
