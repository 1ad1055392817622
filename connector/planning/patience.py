"""Say how long to wait before a command is tried again, and when to give it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class WaitKind(StrEnum):
    """Why a command is tried again (design.md section 6)."""

    UNKNOWN = "unknown"
    REFUSED = "refused"
    BUSY = "busy"
    COLLISION = "collision"
    THROTTLED = "throttled"


@dataclass(frozen=True, slots=True)
class Wait:
    """A repeat is due. `minimum` are the seconds that the server asked for (`Retry-After`)."""

    kind: WaitKind
    minimum: float = 0.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """How patient one delivery is. `attempts` None: never give back.

    `first` and `longest` are the ceilings of the first pause and of every later one, in seconds.
    """

    first: float
    longest: float
    attempts: int | None


BOUNDS: Mapping[WaitKind, Bounds] = {
    WaitKind.UNKNOWN: Bounds(0.5, 10.0, 4),
    WaitKind.REFUSED: Bounds(0.5, 10.0, 4),
    WaitKind.BUSY: Bounds(1.0, 30.0, 6),  # a list that is being cleared takes seconds
    WaitKind.COLLISION: Bounds(0.5, 30.0, None),  # brief.md: 500 ms; design.md 6: doubling to 30 s
    WaitKind.THROTTLED: Bounds(1.0, 180.0, None),  # without Retry-After: as if new
}
"""After 4 attempts a command has waited about 10 s: then it goes back to the outbox, where it
can be withdrawn and holds no slot."""


def pause(wait: Wait, attempt: int, jitter: float, bounds: Bounds) -> float | None:
    """Return the seconds to wait after *attempt* (1 is the first) failed, None to give back.

    Full jitter (0 <= *jitter* < 1) on top of what the server asked for, so that workers that
    failed together do not return together. A collision waits its doubling pause without jitter:
    the brief names 500 ms. What was throttled waits exactly what the server said.
    """
    if bounds.attempts is not None and attempt >= bounds.attempts:
        return None
    ceiling = min(bounds.longest, bounds.first * 2.0 ** min(attempt - 1, 32))
    if wait.kind is WaitKind.COLLISION:
        return max(wait.minimum, ceiling)
    if wait.kind is WaitKind.THROTTLED and wait.minimum > 0:
        return wait.minimum
    return wait.minimum + jitter * ceiling
