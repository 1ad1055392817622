"""Hold the gates: places of the platform to which nothing, or not everything, may go for now."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

EVERYWHERE = "all"
"""The place that stands for every list (contract.md section 7: scope `all`)."""

FIRST_PAUSE = 5.0
LONGEST_PAUSE = 300.0
"""Seconds that a gate holds after the first and after any later environment answer. A person has
to act there (permission, missing list), so 5 s is soon enough and 5 min costs no budget."""


PROBE = 30.0
"""Seconds that a gate holds all else back while one request tries it: longer than any answer
takes (`genesys.request_timeout` is 10 s)."""


class Stop(StrEnum):
    """What a shut gate keeps back. Look-ups, blocks and quarantines stop for `all` only, but for
    quarantines that a deletion alone asks for.
    """

    __hash__ = str.__hash__  # Enum's own is slow, and these are keys

    INSERTS = "inserts"
    UPDATES = "updates"
    DELETES = "deletes"
    WRITES = "writes"
    ALL = "all"


class GateReason(StrEnum):
    """Why a gate is shut: what in the environment a person must put right."""

    CREDENTIALS = "credentials"
    PERMISSION = "permission"
    LIST_MISSING = "list_missing"
    LIMIT = "limit"
    BARRED = "barred"
    OUTAGE = "outage"


class HoldReason(StrEnum):
    """Why we hold a scope back ourselves."""

    BRAKE = "brake"
    UNCOVERED = "uncovered"


@dataclass(frozen=True, slots=True)
class Scope:
    """One gate: a place (id of a contact list or DNC list, or `EVERYWHERE`) and what it stops."""

    place: str
    stop: Stop = Stop.ALL


@dataclass(frozen=True, slots=True)
class Shut:
    """A gate that is shut: since when, until when it holds, and how often it held in a row.

    `tried` says that a request is on its way to see whether it is well.
    """

    reason: GateReason
    since: float
    until: float
    times: int
    tried: bool = False


class Gates:
    """Which scopes are shut. Synchronous; times are seconds of the caller's clock.

    A gate that is shut without an end holds for a pause that grows with each further refusal;
    when the pause is over, one request tries it (`try_out`), and only `open` says that it is well.
    What we `hold` back ourselves nothing tries: it stays until it is `let_go`.
    """

    __slots__ = ("_holds", "_shut")

    def __init__(self) -> None:
        self._shut: dict[Scope, Shut] = {}
        self._holds: dict[Scope, frozenset[HoldReason]] = {}

    def hold(self, scope: Scope, reason: HoldReason) -> bool:
        """Hold a scope back until it is let go, whatever the platform answers; say whether that
        is new.
        """
        reasons = self._holds.get(scope, frozenset())
        self._holds[scope] = reasons | {reason}
        return reason not in reasons

    def let_go(self, scope: Scope, reason: HoldReason) -> bool:
        """End what holds a scope back for *reason*; say whether it did. Another may stay."""
        reasons = self._holds.pop(scope, frozenset())
        if left := reasons - {reason}:
            self._holds[scope] = left
        return reason in reasons

    def shut(
        self, scope: Scope, reason: GateReason, now: float, until: float | None = None
    ) -> Shut:
        """Shut a gate until *until* (`inf`: until opened), else for the next longer pause.

        What comes back from attempts that were in the air together counts once.
        """
        known = self._shut.get(scope)
        if known is not None and now < known.until and until is None and not known.tried:
            return known
        times = known.times + 1 if known else 1
        if until is None:
            until = now + min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(times - 1, 16))
        gate = Shut(reason, known.since if known else now, until, times)
        self._shut[scope] = gate
        return gate

    def in_part(self, place: str, stops: Iterable[Stop]) -> bool:
        """Say whether a gate that lets other commands of *place* through is shut for these."""
        if not self._shut:
            return False
        return any(
            Scope(where, stop) in self._shut
            for stop in stops
            if stop is not Stop.ALL
            for where in (place, EVERYWHERE)
        )

    def try_out(self, place: str, stops: Iterable[Stop], now: float) -> None:
        """Say that a request leaves whose commands *stops* stop at *place*: where a gate has held
        them and its pause is over, it is the one that tries, and the others wait for its answer.
        """
        if not self._shut:
            return
        for stop in stops:
            for where in (place, EVERYWHERE):
                scope = Scope(where, stop)
                gate = self._shut.get(scope)
                if gate is not None:
                    self._shut[scope] = replace(gate, until=now + PROBE, tried=True)

    def passed(self, scope: Scope, now: float) -> None:
        """Say that what tried a gate went well, and says nothing of what it is shut for: let the
        next one try.
        """
        gate = self._shut.get(scope)
        if gate is not None and gate.tried:
            self._shut[scope] = replace(gate, until=now, tried=False)

    def tried(self, scope: Scope) -> bool:
        """Say whether a request is on its way that tries a gate."""
        gate = self._shut.get(scope)
        return gate is not None and gate.tried

    def open(self, scope: Scope) -> bool:
        """Open a gate; say whether it was shut."""
        return self._shut.pop(scope, None) is not None

    def reason(self, scope: Scope) -> GateReason | None:
        """Return why a gate is shut, None if it is open."""
        gate = self._shut.get(scope)
        return None if gate is None else gate.reason

    def held(self, place: str, stops: Iterable[Stop], now: float) -> float:
        """Return for how many seconds commands that any of *stops* stops must wait at *place*:
        0 if none, `inf` where we hold them back ourselves.
        """
        if not (self._shut or self._holds):
            return 0.0
        until = -math.inf
        for stop in stops:
            for where in (place, EVERYWHERE):
                scope = Scope(where, stop)
                if scope in self._holds:
                    return math.inf
                gate = self._shut.get(scope)
                if gate is not None:
                    until = max(until, gate.until)
        return max(0.0, until - now)

    @property
    def now_shut(self) -> Mapping[Scope, Shut]:
        """All gates that the platform's refusals shut, for health and metrics."""
        return dict(self._shut)

    @property
    def now_held(self) -> Mapping[Scope, frozenset[HoldReason]]:
        """All scopes that we hold back ourselves, and why."""
        return dict(self._holds)
