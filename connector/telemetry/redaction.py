"""Mask what looks like a telephone number or an e-mail address in log lines.

The last line of defence: nothing personal is given to a logger on purpose, but texts of libraries
and of errors end up there too. Names cannot be recognised; they must not get this far.
"""

import re
from collections.abc import Mapping
from typing import TypeAlias

from structlog.typing import EventDict, WrappedLogger

NUMBER_MASK = "<number>"
EMAIL_MASK = "<e-mail>"

PLAIN_KEYS = frozenset(
    {
        "batch_id",
        "campaign",
        "committed",
        "correlation_id",
        "end",
        "lead",
        "lead_id",
        "level",
        "list",
        "offset",
        "offsets",
        "outcome_id",
        "place",
        "scope",
        "source",
        "timestamp",
        "topic",
        "topic_id",
        "version",
    }
)
"""Fields that hold identifiers of ours or the platform's: they may look like numbers, and lines
without them are of no use to an operator."""

_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")

_CANDIDATE = re.compile(r"(?<![\w/.:\-])(?:\+|\()?\d(?:[ ().\-]{0,2}\d){6,}(?![\w/\-])")
"""Seven digits or more, with up to two separators between any two, that belong to no path, date,
UUID or dotted name around them."""

_NOT_A_NUMBER = re.compile(
    r"\d{1,3}(?:\.\d{1,3}){3}"  # an IPv4 address
    r"|\d{1,2}\.\d+"  # a decimal
    r"|\d{4}-\d\d-\d\d \d\d?"  # a date and the hour behind it
    r"|\d{8}-\d{4}-\d{4}-\d{4}-\d{12}"  # a UUID of digits alone
)
_LOCAL_DIGITS = 10
"""Fewest digits of a number without a plus sign: dates have eight, ports and codes fewer."""

Value: TypeAlias = object


def masked(text: str) -> str:
    """Return *text* without what looks like a telephone number or an e-mail address."""
    return _CANDIDATE.sub(_masked_number, _EMAIL.sub(EMAIL_MASK, text))


def redact(_logger: WrappedLogger, _method: str, entry: EventDict) -> EventDict:
    """Mask every text of a log line, a structlog processor."""
    return {key: each if key in PLAIN_KEYS else _clean(each) for key, each in entry.items()}


def _clean(value: Value) -> Value:
    match value:
        case str():
            return masked(value)
        case None | bool() | int() | float():
            return value
        case Mapping():
            return {
                key: each if key in PLAIN_KEYS else _clean(each) for key, each in value.items()
            }
        case list() | tuple() | set() | frozenset():
            return [_clean(each) for each in value]
        case _:
            return masked(str(value))


def _masked_number(match: re.Match[str]) -> str:
    text = match[0]
    digits = sum(each.isdigit() for each in text)
    if _NOT_A_NUMBER.fullmatch(text) or (digits < _LOCAL_DIGITS and not text.startswith("+")):
        return text
    return NUMBER_MASK
