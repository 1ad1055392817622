"""Hold the answer classes: what an answer of the platform can mean (design.md section 6)."""

from dataclasses import dataclass
from typing import TypeAlias

from connector.planning.gates import GateReason


@dataclass(frozen=True, slots=True)
class Applied:
    """It was done, and the body says what."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """It may have been done or not. `after` is the platform's wish in seconds, if it has one."""

    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Nothing was done: the service is away. `after` is its wish in seconds, if it has one."""

    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Busy:
    """Nothing was done: something else is going on with the list (clearing, importing). `after`
    is the platform's wish in seconds, if it has one.
    """

    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Collided:
    """Nothing was done: the dialler holds one of the contacts. `after` is the platform's wish in
    seconds, if it has one.
    """

    code: str | None = None
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Outdated:
    """Nothing was done: what was read is no longer the latest; read again, decide again."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Nothing was done: the contact or campaign that was named does not exist."""


@dataclass(frozen=True, slots=True)
class Doubted:
    """Nothing was done: the contact or its list does not exist; asking for the list tells."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """Nothing was done: the data of one of the commands were refused, and will be again."""

    code: str | None = None


@dataclass(frozen=True, slots=True)
class Oversized:
    """Nothing was done: too much for one request."""

    code: str | None = None


@dataclass(frozen=True, slots=True)
class TokenSpent:
    """Nothing was done: the token is no longer taken."""

    code: str | None = None


@dataclass(frozen=True, slots=True)
class Environment:
    """Nothing was done, and no command is at fault: credentials, permissions, lists, limits."""

    reason: GateReason
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Throttled:
    """Nothing was done: the whole client shall be silent for `after` seconds."""

    after: float


Answer: TypeAlias = (
    Applied
    | Unclear
    | Unavailable
    | Busy
    | Collided
    | Outdated
    | Missing
    | Doubted
    | Unfit
    | Oversized
    | TokenSpent
    | Environment
    | Throttled
)


def wish(answer: Answer) -> float:
    """Return the seconds that the platform asked to wait at least before a repeat, 0 if none."""
    match answer:
        case (
            Unclear(after=after)
            | Unavailable(after=after)
            | Busy(after=after)
            | Collided(after=after)
            | Throttled(after=after)
        ):
            return after
        case _:
            return 0.0
