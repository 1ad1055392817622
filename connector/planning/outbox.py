"""Hold the commands that wait for a request slot, and cut a batch from them when one is granted.

A pool is what may share a request (`batch.pool_of`). Within a pool the commands of one urgency
wait in one row, apart from those that must stand alone. A row is due when it is urgent, full, or
its oldest command has lingered; nothing is chosen before a slot is there, so that a batch is full
under backlog and a command can be withdrawn until the last moment.
"""

import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice

from connector.domain.command import Command, Urgency
from connector.planning.batch import MOST, Batch, BatchKind, Pool, pool_of
from connector.planning.brakes import Brakes
from connector.planning.cargo import contact_of
from connector.planning.gates import EVERYWHERE, Gates, Scope
from connector.planning.waiting import Line, Row, Waiting

_SHARED = (BatchKind.FIND, BatchKind.FETCH)
"""Reads fill up with what waits for the same read less urgently: it costs no further request."""

_READY_AT_ONCE = (BatchKind.BLOCK, BatchKind.QUARANTINE)
"""A lone number and a lone quarantine leave at once whatever their urgency (design.md 4)."""

PASSED_OVER = 5.0
"""Seconds that a half batch of writes lets full ones go first, where both are due: so much later
is an update at most, and under backlog a request saved is 50 changes more (design.md 4)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may carry and how long it may fill: commands, bytes, seconds.

    `count` is the setting `apply.batch_size` and holds for what writes contacts; reads and DNC
    numbers go by the platform's limits alone (`batch.MOST`).
    """

    count: int
    bytes: int
    linger: float

    def most(self, kind: BatchKind) -> int:
        """Return how many commands of *kind* one request carries."""
        if kind in (BatchKind.UPSERT, BatchKind.QUARANTINE, BatchKind.REMOVE):
            return min(self.count, MOST[kind])
        return MOST[kind]


class Outbox:
    """The commands that wait for a slot. Synchronous; `now` never goes backwards.

    `name` begins the ids of the batches; it must be unique to this outbox. `brakes` count what
    leaves.
    """

    __slots__ = (
        "_brakes",
        "_gates",
        "_ids",
        "_limits",
        "_name",
        "_numbers",
        "_resting",
        "_rows",
        "_waiting",
    )

    def __init__(
        self, limits: Limits, gates: Gates, name: str, brakes: Brakes | None = None
    ) -> None:
        self._limits = limits
        self._gates = gates
        self._brakes = brakes or Brakes(gates, {})
        self._name = name
        self._ids = count(1)
        self._numbers = count()
        self._waiting: dict[Command, Waiting] = {}
        self._rows: dict[Urgency, dict[tuple[Pool, bool], Row]] = {each: {} for each in Urgency}
        self._resting: dict[Urgency, list[Waiting]] = {each: [] for each in Urgency}

    def put(
        self,
        command: Command,
        urgency: Urgency,
        now: float,
        *,
        not_before: float = 0.0,
        alone: bool = False,
        since: float | None = None,
    ) -> None:
        """Let *command* wait for a slot, no earlier than *not_before*.

        One that waits already is put anew: its urgency, its time and its place in the row are the
        new ones. One that is *alone* (a collision) never shares its request. *since* is for one
        that replaces another of its lead: it has waited since then, and stands there.
        """
        self._wake(now)
        if command in self._waiting:
            self.withdraw(command)
        row = self._row(command, urgency, alone=alone)
        waited = now if since is None else min(since, now)
        since, came = max(waited, not_before), max(now, not_before)
        waiting = Waiting(command, row, next(self._numbers), since, came)
        self._waiting[command] = waiting
        if not_before > now:
            heapq.heappush(self._resting[urgency], waiting)
        else:
            row.add(waiting)

    def withdraw(self, command: Command) -> bool:
        """Take *command* out; say whether it waited."""
        waiting = self._waiting.pop(command, None)
        if waiting is None:
            return False
        waiting.withdrawn = True
        waiting.row.discard(waiting)
        return True

    def due(self, now: float, urgency: Urgency) -> float | None:
        """Return the seconds until a slot of *urgency* is worth asking for: 0 now, None if
        nothing waits or all of it stands behind gates without an end.
        """
        self._wake(now)
        waits = [self._row_due(row, now) for row in self._rows[urgency].values() if row]
        if resting := self._resting[urgency]:
            waits.append(resting[0].since - now)
        soonest = min(waits, default=math.inf)
        return None if math.isinf(soonest) else max(0.0, soonest)

    def take(self, now: float, urgency: Urgency) -> Batch | None:
        """Cut the batch for a slot of *urgency*; None if nothing of it is due.

        From the row whose head waited longest; of writes from a full one first, so that no half
        batch takes a slot that a full one waits for, and fills up itself meanwhile.
        """
        self._wake(now)
        due = [row for row in self._rows[urgency].values() if row and self._row_due(row, now) <= 0]
        if not due:
            return None
        if len(due) > 1 and urgency is Urgency.WRITE:
            best = min(due, key=lambda row: (self._yields(row, now), self._head(row, now)))
            for row in due:
                row.passed = now if row.passed is None else row.passed
        else:
            best = min(due, key=lambda row: self._head(row, now))
        best.passed = None
        return self._cut(best, urgency, now)

    def _yields(self, row: Row, now: float) -> bool:
        """Say whether a due row lets fuller ones go first: not for longer than `PASSED_OVER`."""
        passed = row.passed is not None and now - row.passed >= PASSED_OVER
        return not passed and not self._full(row, self._free(row, now))

    def held_by(self, scope: Scope) -> int:
        """Return how many commands wait that a gate of this scope holds back, or would."""
        return sum(
            len(commands)
            for rows in self._rows.values()
            for row in rows.values()
            if scope.place in (EVERYWHERE, row.pool.place)
            for line, commands in row.lines.items()
            if scope.stop in line
        )

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, command: Command) -> bool:
        return command in self._waiting

    def _row(self, command: Command, urgency: Urgency, *, alone: bool) -> Row:
        pool = pool_of(command)
        rows = self._rows[urgency]
        row = rows.get((pool, alone))
        if row is None:
            most = 1 if alone else self._limits.most(pool.kind)
            patient = urgency is Urgency.WRITE and not alone and pool.kind not in _READY_AT_ONCE
            row = rows[pool, alone] = Row(pool, most, self._limits.linger if patient else 0.0)
        return row

    def _wake(self, now: float) -> None:
        """Let those stand in their row whose time has come; drop withdrawn ones from the heaps."""
        for heap in self._resting.values():
            while heap and (heap[0].withdrawn or heap[0].since <= now):
                waiting = heapq.heappop(heap)
                if not waiting.withdrawn:
                    waiting.number = next(self._numbers)
                    waiting.row.add(waiting)

    def _row_due(self, row: Row, now: float) -> float:
        """Return the seconds until the row may be cut, `inf` behind gates without an end."""
        free = self._free(row, now)
        if not free:
            return min(self._gates.held(row.pool.place, line, now) for line in row.lines)
        if not row.linger or self._full(row, free):
            return 0.0
        return max(0.0, min(self._lingers(row, row.head(line)) for line in free) - now)

    def _lingers(self, row: Row, head: Waiting) -> float:
        """Return until when a row waits to be full: its oldest has waited since its record came.

        Where enough waits to fill a request, each step of a lead (found, read, written) waits
        anew: what was found first would else leave before those that were asked for with it.
        """
        if len(self._waiting) < row.most:
            return head.since + row.linger
        return min(head.came + row.linger, head.since + PASSED_OVER)

    def _full(self, row: Row, free: Sequence[Line]) -> bool:
        """Say whether the *free* lines of a row fill a request."""
        commands = sum(len(row.lines[line]) for line in free)
        return commands >= row.most or sum(row.sizes[line] for line in free) >= self._limits.bytes

    def _free(self, row: Row, now: float) -> list[Line]:
        """Return the lines of a row that no gate holds."""
        place = row.pool.place
        return [line for line in row.lines if not self._gates.held(place, line, now)]

    def _head(self, row: Row, now: float) -> float:
        return min(row.head(line).since for line in self._free(row, now))

    def _in_order(self, row: Row, now: float) -> Iterator[Waiting]:
        free = [row.lines[line].values() for line in self._free(row, now)]
        return heapq.merge(*free, key=lambda each: each.number)

    def _candidates(self, row: Row, urgency: Urgency, now: float) -> Iterator[Waiting]:
        yield from self._in_order(row, now)
        if row.pool.kind in _SHARED and row.most > 1:
            for other in Urgency:
                mates = self._rows[other].get((row.pool, False))
                if other > urgency and mates:
                    yield from self._in_order(mates, now)

    def _cut(self, row: Row, urgency: Urgency, now: float) -> Batch | None:
        """Cut a batch; None where a brake trips at the first. What tries a gate that lets its
        mates through leaves alone: they would be refused with it, and one new contact may have
        room where fifty have none.
        """
        chosen: list[Waiting] = []
        contacts: set[str] = set()
        room = self._limits.bytes
        for waiting in islice(self._candidates(row, urgency, now), 2 * row.most):
            contact = contact_of(waiting.command)
            tries = self._gates.in_part(row.pool.place, waiting.stop)
            if contact in contacts or (tries and chosen):
                continue
            if chosen and waiting.size > room:
                break
            if not self._brakes.passes(waiting.stop, (row.pool.place, contact), now):
                continue
            contacts.add(contact)
            chosen.append(waiting)
            room -= waiting.size
            if tries or len(chosen) == row.most:
                break
        if not chosen:
            return None
        for waiting in chosen:
            self.withdraw(waiting.command)
            self._gates.try_out(row.pool.place, waiting.stop, now)
        commands = tuple(waiting.command for waiting in chosen)
        return Batch(f"{self._name}{next(self._ids)}", row.pool, commands)
