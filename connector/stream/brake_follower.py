"""Follow the brakes in `A.control`, and pull there what the rates of this worker trip.

The brakes of writes hold gates; who holds something else back for a brake `hears` of it.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from connector.planning.brakes import Brake, Brakes, Trip
from connector.planning.gates import EVERYWHERE, Gates, HoldReason, Scope
from connector.stream.brake_news import BrakeNews
from connector.stream.brakes import ALL, BrakeBook, Hear, Pulled
from connector.stream.control import Control
from connector.stream.held_reports import REPORT_SECONDS, HeldReport, over
from connector.stream.producer import SendFailedError
from connector.stream.reading import ReadFailedError

POLL_SECONDS = 1.0
"""How often a worker reads on: so much later than the first the last one stops."""


@dataclass(frozen=True, slots=True)
class FollowerParts:
    """What following takes.

    `lists` gives the platform's id of a list for its name in the settings. `worker` is how this
    one signs. `fatal` is told of a bug: a worker that does not hear of brakes must not write.
    `clock` is in seconds since 1970.
    """

    lists: Mapping[str, str]
    worker: str
    clock: Callable[[], float]
    fatal: Callable[[BaseException], None]


class BrakeFollower:
    """Holds the gates of what is pulled, and pulls what this worker's rates trip."""

    def __init__(
        self,
        control: Control,
        gates: Gates,
        brakes: Brakes,
        news: BrakeNews,
        parts: FollowerParts,
    ) -> None:
        self._book = BrakeBook(control, self._heard)
        self._gates = gates
        self.brakes = brakes
        self._news = news
        self._parts = parts
        self._unwritten: dict[str, Pulled] = {}
        self._wake = asyncio.Event()
        self._reading = asyncio.Lock()
        self._hearers: list[Hear] = []
        self._control = control
        self._told: float | None = None
        self.held_by: Callable[[Scope], int] = lambda _scope: 0
        brakes.tell = self._tripped

    def hears(self, hear: Hear) -> None:
        """Tell *hear* too of each brake that is pulled or released, from the next reading on."""
        self._hearers.append(hear)

    async def begin(self) -> None:
        """Learn what is pulled; returns once it is known. No write may leave before.

        Whoever takes partitions up asks again: their brakes may have been pulled a moment ago.
        """
        while not await self._read():  # noqa: ASYNC110 - each turn reads the topic
            await asyncio.sleep(POLL_SECONDS)

    async def run(self) -> None:
        """Follow until cancelled."""
        try:
            while True:
                if await self._read():
                    await self._write()
                    await self._report()
                self._wake.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._wake.wait()
        except Exception as bug:  # noqa: BLE001 - handed on: it ends the worker
            self._parts.fatal(bug)

    def pull(self, brake: Brake, scope: str, detail: str) -> None:
        """Pull a brake here at once, and in the other workers as soon as they hear of it."""
        since = round(self._parts.clock() * 1000)
        pulled = Pulled(brake, scope, since, self._parts.worker, detail)
        self._unwritten[pulled.name] = pulled
        self._heard_pulled(pulled)
        self._wake.set()

    def _tripped(self, trip: Trip) -> None:
        self.pull(
            trip.brake,
            ALL,
            f"{trip.count} {trip.brake} were asked for within a minute, more than this worker's "
            f"share of {trip.limit}",
        )

    async def _read(self) -> bool:
        try:
            async with self._reading:
                await self._book.refresh()
        except ReadFailedError as away:
            self._news.unheard(str(away))
            return False
        self._news.hears()
        return True

    async def _write(self) -> None:
        """Write what tripped here, unless another's word was heard since."""
        for pulled in tuple(self._unwritten.values()):
            try:
                await self._book.pull(pulled)
            except SendFailedError as failed:
                self._news.unheard(str(failed))
            else:
                self._unwritten.pop(pulled.name, None)

    async def _report(self) -> None:
        """Tell how much waits here while a brake is pulled, and that it is over."""
        now, worker = self._parts.clock(), self._parts.worker
        held = {
            pulled.name: self.held_by(gate)
            for pulled in self._book.pulled
            if (gate := self._gate(pulled.brake, pulled.scope)) is not None
        }
        if not held and self._told is None:
            return
        if held and self._told is not None and now - self._told < REPORT_SECONDS:
            return
        report = HeldReport(worker, round(now * 1000), held).entry() if held else over(worker)
        with suppress(SendFailedError):  # told again with the next turn
            await self._control.write(report)
            self._told = now if held else None

    def _heard(self, brake: Brake, scope: str, pulled: Pulled | None) -> None:
        self._unwritten.pop(f"{brake}/{scope}", None)
        if pulled is not None:
            self._heard_pulled(pulled)
            return
        gate = self._gate(brake, scope)
        if gate is not None:
            self._gates.let_go(gate, HoldReason.BRAKE)
        if scope == ALL:  # what limits trip
            self.brakes.anew(brake)
        self._news.released(brake, scope)
        for hear in self._hearers:
            hear(brake, scope, None)

    def _heard_pulled(self, pulled: Pulled) -> None:
        gate = self._gate(pulled.brake, pulled.scope)
        if gate is not None:
            self._gates.hold(gate, HoldReason.BRAKE)
        elif pulled.brake.stop is not None:
            self._news.ignored(pulled)
            return
        self._news.pulled(pulled)
        for hear in self._hearers:
            hear(pulled.brake, pulled.scope, pulled)

    def _gate(self, brake: Brake, scope: str) -> Scope | None:
        """Return the gate that a brake holds; None where it holds none of ours."""
        place = EVERYWHERE if scope == ALL else self._parts.lists.get(scope)
        return None if brake.stop is None or place is None else Scope(place, brake.stop)
