"""Write `docs/answers.md` from the classifier: `python -m connector.genesys.answers_page`."""

import sys
from collections.abc import Collection, Mapping

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
from connector.genesys.answers import TABLE, Line, classify_broken
from connector.genesys.call import COMMAND_CALLS, CONTACT_WRITES, Call
from connector.genesys.streaks import ENVIRONMENT
from connector.planning.patience import BOUNDS, Bounds, WaitKind

WORDS: Mapping[type[Answer], str] = {
    Applied: "applied",
    Unclear: "unknown",
    Unavailable: "refused",
    Busy: "busy",
    Collided: "collision",
    Outdated: "outdated",
    Missing: "gone",
    Doubted: "gone or environment",
    Unfit: "rejected",
    Oversized: "too large",
    TokenSpent: "token expired",
    Environment: "environment",
    Throttled: "throttled",
}
"""The class of each answer, in the words that people use."""

_HEAD = """# What an answer of the platform means

Generated from `connector/genesys/answers.py`; do not edit. Written anew by
`python -m connector.genesys.answers_page > docs/answers.md`.

Nothing else in the connector looks at a status code. The first line that fits decides. A code is
the `code` of the platform's error body, `*` stands for anything; where none is named, any code and
none fits. The class in brackets is the label `answer` of `connector_requests_total`.

| calls | status | code | class | what happens |
| --- | --- | --- | --- | --- |
"""

_CLASSES = """
## The classes

| class | what is known |
| --- | --- |
"""

_PAUSES = """
## How long until a repeat

Full jitter: a random part of a ceiling that doubles with each failure in a row of that list, from
the first to the longest. What the platform asks for in `Retry-After` is waited first, the jitter
comes on top. Only two things are repeated with the commands in hand: a 401, once, with a new
token, and a 429 whose silence is a second or less, three times. All else waits in the outbox,
where an opt-out can withdraw it.

| class | first ceiling | longest |
| --- | --- | --- |
"""

_PAUSES_END = """
A collision waits 500 ms, then pauses that double to 30 s, without jitter: the dialler lets go when
it is done. It is given up after `genesys.collision_limit`, as a dead letter; an opt-out never is.
After a 429 the whole client is silent for exactly as long as the platform said.
"""


def page() -> str:
    """Return the page."""
    return (
        _HEAD
        + "".join(map(_row, TABLE))
        + _broken("no answer, and the request had left", sent=True)
        + _broken("no answer, and nothing had left", sent=False)
        + _CLASSES
        + "".join(f"| {_class(each)} | {_meaning(each)} |\n" for each in WORDS)
        + _PAUSES
        + "".join(_pause(kind, bounds) for kind, bounds in _BOUNDS.items())
        + _PAUSES_END
    )


def _row(line: Line) -> str:
    codes = ", ".join(f"`{each}`" for each in line.codes)
    if line.readable is not None:
        codes = "the body says what was done" if line.readable else "the body cannot be read"
    meant = line.means(None, None)
    reason = f": {meant.reason}" if isinstance(meant, Environment) else ""
    cells = (_calls(line.calls), _status(line), codes, f"{_class(type(meant))}{reason}", line.then)
    return f"| {' | '.join(cells)} |\n"


def _broken(when: str, *, sent: bool) -> str:
    meant = type(classify_broken(sent=sent))
    then = next(line.then for line in TABLE if isinstance(line.means(None, None), meant))
    return f"| every call |  | {when} | {_class(meant)} | {then} |\n"


def _status(line: Line) -> str:
    if line.first == line.last:
        return str(line.first)
    return "any other" if line.first == 0 else f"{line.first} to {line.last}"


def _class(answer: type[Answer]) -> str:
    return f"{WORDS[answer]} (`{answer.__name__.lower()}`)"


def _meaning(answer: type[Answer]) -> str:
    first, *_more = " ".join((answer.__doc__ or "").split()).split(". `after`")
    return f"{first.rstrip('.')}."


def _calls(calls: Collection[Call]) -> str:
    for word, group in _GROUPS.items():
        if calls == group:
            return word
    named = ", ".join(f"`{call}`" for call in Call if call in calls)
    others = ", ".join(f"`{call}`" for call in Call if call not in calls)
    return named if len(calls) <= len(Call) / 2 else f"every call but {others}"


_GROUPS = {
    "every call": frozenset(Call),
    "calls that carry commands": COMMAND_CALLS,
    "writes of contacts": CONTACT_WRITES,
}


_BOUNDS: Mapping[str, Bounds] = {
    "unknown": BOUNDS[WaitKind.UNKNOWN],
    "refused": BOUNDS[WaitKind.REFUSED],
    "busy": BOUNDS[WaitKind.BUSY],
    "environment": ENVIRONMENT,
}


def _pause(kind: str, bounds: Bounds) -> str:
    return f"| {kind} | {bounds.first:g} s | {bounds.longest:g} s |\n"


if __name__ == "__main__":
    sys.stdout.write(page())
