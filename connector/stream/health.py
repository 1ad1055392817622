"""Hold a worker's health: what it lacks, since when, in lines that a person understands."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

STALLED = 30.0
"""Seconds without progress of the loop after which an orchestrator should restart the worker:
the loop tells of itself many times a second."""


class Fact(StrEnum):
    """What a worker needs before it can do its work."""

    JOINED = "group"
    ASSIGNED = "partitions"
    RESTORED = "state"
    REACHABLE = "platform"


_AT_FIRST = {
    Fact.JOINED: "has not joined the consumer group yet",
    Fact.ASSIGNED: "none are assigned yet",
    Fact.RESTORED: "is not restored yet",
    Fact.REACHABLE: "has not answered yet",
}

_WORKER = (Fact.JOINED, Fact.RESTORED)


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that is missing: what, why, and since when (seconds of the health's clock)."""

    what: str
    why: str
    since: float


@dataclass(frozen=True, slots=True)
class Compliance:
    """How well opt-outs are honoured: the age in seconds of the oldest that is not, or may not be,
    known or unread; and a line for people.
    """

    well: bool
    seconds: float
    line: str


@dataclass(frozen=True, slots=True)
class Report:
    """The answer to one question: whether all is well, and a line for each thing that is not.

    `warnings` are lines about what wants a look though the worker can do its work. `compliance`
    is told of a worker that has its partitions and its state.
    """

    well: bool
    lines: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    compliance: Compliance | None = None


class Health:
    """Facts about a worker, told by those who know them. Holds no decision but the questions.

    `clock` returns seconds and never goes backwards.
    """

    __slots__ = ("_clock", "_compliance", "_missing", "_parked", "_progress", "_warnings")

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        now = clock()
        self._progress = now
        self._missing = {fact: Missing(fact, why, now) for fact, why in _AT_FIRST.items()}
        self._parked: dict[str, Missing] = {}
        self._warnings: dict[str, str] = {}
        self._compliance: Compliance | None = None

    def progressed(self) -> None:
        """Say that the loop is alive."""
        self._progress = self._clock()

    def has(self, fact: Fact) -> None:
        """Say that *fact* is given."""
        self._missing.pop(fact, None)

    def lacks(self, fact: Fact, why: str) -> None:
        """Say that *fact* is not given. It is counted from the first time in a row."""
        known = self._missing.get(fact)
        self._missing[fact] = Missing(fact, why, known.since if known else self._clock())

    def parked(self, scope: str, why: str, since: float | None = None) -> None:
        """Say that nothing goes to *scope* (a list of the settings, `all`, the outcomes) or comes
        from it (a source). It is counted from *since*, else from the first time in a row.
        """
        known = self._parked.get(scope)
        first = known.since if known else self._clock()
        self._parked[scope] = Missing(scope, why, first if since is None else since)

    def freed(self, scope: str) -> None:
        """Say that *scope* works again."""
        self._parked.pop(scope, None)

    def warns(self, what: str, why: str | None) -> None:
        """Say what wants a look about *what*; None: nothing any more."""
        if why is None:
            self._warnings.pop(what, None)
        else:
            self._warnings[what] = why

    def complies(self, compliance: Compliance | None) -> None:
        """Say how well opt-outs are honoured; None: nobody knows, no partition is ours."""
        self._compliance = compliance

    def live(self) -> Report:
        """Answer `/health/live`: the loop made progress of late."""
        stalled = self._clock() - self._progress
        if stalled < STALLED:
            return Report(well=True, lines=())
        return Report(well=False, lines=(f"loop: no progress for {stalled:.0f} s; restart it",))

    def ready(self) -> Report:
        """Answer `/health/ready`: partitions, state, platform, and nothing parked."""
        warnings = tuple(f"{what}: {why}" for what, why in self._warnings.items())
        report = self._report((*self._missing.values(), *self._parked.values()))
        return replace(report, warnings=warnings, compliance=self._compliance)

    def worker(self) -> Report:
        """Answer `/health/worker`: joined and restored; a spare without partitions is."""
        missing = (self._missing.get(fact) for fact in _WORKER)
        return self._report(tuple(each for each in missing if each is not None))

    def _report(self, missing: tuple[Missing, ...]) -> Report:
        now = self._clock()
        lines = tuple(f"{each.what}: {each.why}, for {now - each.since:.0f} s" for each in missing)
        return Report(well=not lines, lines=lines)
