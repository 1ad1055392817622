"""Read the hand-written table of answers, `tests/data/answers.txt`, as cases for the classifier."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from connector.genesys.answer import (
    Answer,
    Applied,
    Busy,
    Collided,
    Doubted,
    Environment,
    Missing,
    Outdated,
    Oversized,
    Throttled,
    TokenSpent,
    Unavailable,
    Unclear,
    Unfit,
)
from connector.genesys.call import Call
from connector.planning.gates import GateReason

TABLE = Path(__file__).parents[1] / "data" / "answers.txt"
WISHES = (None, 0.0, 7.0)
"""`Retry-After` as it may come with any answer: none, nothing, some seconds."""


@dataclass(frozen=True, slots=True)
class AnswerCase:
    """One answer of the platform, and what it means."""

    call: Call
    status: int
    code: str | None
    after: float | None
    readable: bool
    means: Answer


def _parked(reason: GateReason) -> Callable[[str | None, float | None], Answer]:
    return lambda code, _after: Environment(reason, code)


MEANINGS: dict[str, Callable[[str | None, float | None], Answer]] = {
    "applied": lambda _code, _after: Applied(),
    "unknown": lambda _code, after: Unclear(after or 0.0),
    "away": lambda _code, after: Unavailable(after or 0.0),
    "busy": lambda _code, after: Busy(after or 0.0),
    "collided": lambda code, after: Collided(code, after or 0.0),
    "outdated": lambda _code, _after: Outdated(),
    "gone": lambda _code, _after: Missing(),
    "doubted": lambda _code, _after: Doubted(),
    "rejected": lambda code, _after: Unfit(code),
    "large": lambda code, _after: Oversized(code),
    "expired": lambda code, _after: TokenSpent(code),
    "throttled": lambda _code, after: Throttled(3.0 if after is None else after),
    "cred": _parked(GateReason.CREDENTIALS),
    "denied": _parked(GateReason.PERMISSION),
    "nolist": _parked(GateReason.LIST_MISSING),
    "limit": _parked(GateReason.LIMIT),
    "barred": _parked(GateReason.BARRED),
    "outage": _parked(GateReason.OUTAGE),
}
"""The words of the table; every class, of an environment every reason."""


def rows() -> Iterator[tuple[str, ...]]:
    """Yield the rows of the table: status, code, and a word for each call; the head first."""
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield tuple(line.split())


def answer_cases() -> tuple[AnswerCase, ...]:
    """Return every combination of call, status and code, with and without a `Retry-After`."""
    (_status, _code, *calls), *body = rows()
    refused = (
        AnswerCase(
            Call(call),
            int(status),
            None if code == "-" else code,
            after,
            readable,
            MEANINGS[word](None if code == "-" else code, after),
        )
        for status, code, *words in body
        for call, word in zip(calls, words, strict=True)
        for after, readable in product(WISHES, (True, False))
    )
    taken = (
        AnswerCase(
            call,
            status,
            None,
            after,
            readable,
            MEANINGS["applied" if readable else "unknown"](None, after),
        )
        for call, status, after in product(Call, (200, 201, 202, 204, 299), WISHES)
        for readable in (True, False)
    )
    return (*refused, *taken)
