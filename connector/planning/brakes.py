"""Count what a CRM job gone wrong asks for, and stop that kind of write before it is too much.

Rates come in, gates are held: what a brake stops waits behind `Gates.hold` until a person lets it
go on. Opt-outs and disqualifications are never counted and never stopped (`cargo.stop_of`).
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

from connector.planning.gates import EVERYWHERE, Gates, HoldReason, Scope, Stop

MINUTE = 60.0
"""Seconds over which writes are counted (contract.md section 3)."""

Contact: TypeAlias = tuple[str, str]
"""A list and a contact there: what a write is about. Repeats of a write are no further one."""


class Brake(StrEnum):
    """What can be stopped for safety (contract.md section 7)."""

    INSERTS = "inserts"
    UPDATES = "updates"
    DELETES = "deletes"
    WRITES = "writes"
    DEAD_LETTERS = "dead_letters"

    @property
    def stop(self) -> Stop | None:
        """Return what its gates hold back; None: it holds records back, and no gate."""
        return None if self is Brake.DEAD_LETTERS else Stop(self.value)


@dataclass(frozen=True, slots=True)
class Trip:
    """A rate shuts its brake in all workers: this one was asked for `count` writes within a
    minute, more than its share of `limit`.
    """

    brake: Brake
    count: int
    limit: int


class Rate:
    """The writes of one kind in the last minute against a limit of all workers together.

    Each write takes as much of the limit as the share of that moment makes it: a rebalance neither
    trips a brake nor forgives what was sent before it. One write alone always passes, for a share
    can be less than one.
    """

    __slots__ = ("_known", "_recent", "_taken", "_weight", "limit")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._weight = Fraction(1)
        self._recent: deque[tuple[float, Contact, Fraction]] = deque()
        self._known: set[Contact] = set()
        self._taken = Fraction(0)

    def __len__(self) -> int:
        return len(self._recent)

    def share(self, own: int, partitions: int) -> None:
        """Say how many of all partitions are this worker's."""
        self._weight = Fraction(partitions, max(1, own))

    def passes(self, contact: Contact, now: float) -> bool:
        """Count a write that is about to leave; False: it is one too many, and was not counted."""
        while self._recent and self._recent[0][0] <= now - MINUTE:
            _, past, weight = self._recent.popleft()
            self._known.discard(past)
            self._taken -= weight
        if contact in self._known:
            return True
        if self._recent and self._taken + self._weight > self.limit:
            return False
        self._recent.append((now, contact, self._weight))
        self._known.add(contact)
        self._taken += self._weight
        return True

    def anew(self) -> None:
        """Forget what was counted."""
        self._recent.clear()
        self._known.clear()
        self._taken = Fraction(0)


class Brakes:
    """The rates of one worker. Synchronous; `now` never goes backwards.

    Asked for each write as its batch is cut: what is planned and withdrawn again never counts,
    and not one more than the limit leaves. `tell` hears of each trip; the gate is held by then.
    """

    __slots__ = ("_gates", "_rates", "tell")

    def __init__(self, gates: Gates, limits: Mapping[Brake, int]) -> None:
        self._gates = gates
        self._rates = {
            brake.stop: (brake, Rate(limit))
            for brake, limit in limits.items()
            if limit and brake.stop is not None
        }
        self.tell: Callable[[Trip], None] = lambda _trip: None

    def share(self, own: int, partitions: int) -> None:
        """Say how many of all partitions are this worker's."""
        for _, rate in self._rates.values():
            rate.share(own, partitions)

    def passes(self, stops: tuple[Stop, ...], contact: Contact, now: float) -> bool:
        """Say whether a write that *stops* stop may leave now, and count it if so."""
        found = self._rates.get(stops[0])
        if found is None:
            return True
        brake, rate = found
        if rate.passes(contact, now):
            return True
        if self._gates.hold(Scope(EVERYWHERE, stops[0]), HoldReason.BRAKE):
            self.tell(Trip(brake, len(rate) + 1, rate.limit))
        return False

    def anew(self, brake: Brake) -> None:
        """Count from nothing: a person let the brake go on."""
        if brake.stop in self._rates:
            self._rates[brake.stop][1].anew()
