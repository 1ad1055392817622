"""Write a value of a source row as the text that conditions compare and cells hold."""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

import orjson

UNAVAILABLE = "__debezium_unavailable_value"
"""What Debezium writes for a large value that the database did not log (cdc-real.md section 4)."""

_UNAVAILABLE_FORMS = frozenset(
    {
        UNAVAILABLE,
        "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==",  # the same as base64, in a column of bytes
        f'["{UNAVAILABLE}"]',
        f'{{"{UNAVAILABLE}":"{UNAVAILABLE}"}}',
    }
)
_TOO_DEEP = "[" * 1024
"""Stands for a value that is nested deeper than can be written: longer than any cell may be, so it
is refused as that where it is mapped."""
_EXPONENT_MAX = 400
"""Digits that a double can need before or after its point; beyond it a Decimal is a mere trap."""


class InexactError(Exception):
    """A named field holds a number that was read as a double: read its digits instead."""


class TextOf(Protocol):
    """A way to write values of one logical type; None where the value is not of that type."""

    def __call__(self, value: object) -> str | None:
        """Return the text of *value*."""
        ...


@dataclass(frozen=True, slots=True)
class Struct:
    """A row, key or envelope as it was read, with the logical types that came with it.

    `values` is what the format's own reader made of it, `texts` how fields of a logical type are
    written. Personal data: no repr.
    """

    values: Mapping[str, object] = field(repr=False)
    texts: Mapping[str, TextOf] = field(default_factory=dict, repr=False)

    def text(self, name: str) -> str | None:
        """Return the text of the field, None where it is not there or was not available.

        Raises:
            InexactError: it is a number with a fraction or of more than 64 bits, read fast.
        """
        if name not in self.values:
            return None
        value = self.values[name]
        if self.texts and value is not None and name in self.texts:
            text = self.texts[name](value)
            if text is not None:
                return text
        return text_of(value)

    def named(self, names: Iterable[str]) -> dict[str, str]:
        """Return the texts of those fields of *names* that are there and available.

        Raises:
            InexactError: as `text` does.
        """
        texts = self.texts
        values = self.values
        found: dict[str, str] = {}
        for name in names:
            if name in values:
                text = self.text(name) if name in texts else text_of(values[name])
                if text is not None:
                    found[name] = text
        return found


def text_of(value: object) -> str | None:
    """Return *value* as text: null is empty, what the source could not tell is None.

    Raises:
        InexactError: *value* is a double.
    """
    if type(value) is str:
        return None if value in _UNAVAILABLE_FORMS else value
    if value is None:
        return ""
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is int:
        return str(value)
    return _rare(value)


def _rare(value: object) -> str | None:
    if type(value) is float:
        raise InexactError
    if isinstance(value, Decimal):
        return digits_of(value)
    if isinstance(value, bytes):
        text = _base64(value)
    else:
        try:
            text = orjson.dumps(value, default=_plain).decode()
        except TypeError:
            return _TOO_DEEP
    return None if text in _UNAVAILABLE_FORMS else text


def _base64(value: bytes) -> str:
    """Return bytes as JSON has them."""
    return base64.b64encode(value).decode()


def _plain(value: object) -> object:
    """Return as JSON holds it what stands within an array or a struct.

    Raises:
        TypeError: it is nothing that a reader makes.
    """
    if isinstance(value, bytes):
        return _base64(value)
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)


def digits_of(number: Decimal) -> str:
    """Return the number's digits as they were written, without an exponent."""
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) > _EXPONENT_MAX:
        number = Decimal(repr(float(number)))
    return f"{number:f}"
