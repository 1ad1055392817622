"""Read the bytes of a key or value: what they hold, and the schema where it travels along.

JSON covers both forms of Kafka Connect's converter, with and without
`{"schema": …, "payload": …}`, each record by itself.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

import orjson

from connector.cdc.cells import Struct
from connector.cdc.connect import ConnectShape
from connector.cdc.shape import Shape
from connector.domain.reason import Reason

_WRAPPING = frozenset({"schema", "payload"})


MAGIC = b"\0"
"""First byte of Confluent's framing: no JSON and no text begins with it."""


class UndecodableError(Exception):
    """The bytes are not what the settings say; the text names no cell's content."""

    def __init__(self, text: str, reason: Reason = Reason.UNDECODABLE) -> None:
        super().__init__(text)
        self.reason = reason


class SchemaWantedError(Exception):
    """Nothing is known of the schema that the bytes name: ask for it, then read them again."""

    def __init__(self, schema_id: int) -> None:
        super().__init__(f"schema {schema_id} is not known yet")
        self.schema_id = schema_id


@dataclass(frozen=True, slots=True)
class Datum:
    """A value as it was read, with the writer's schema where it is known. Personal data: no repr.

    Whatever the encoding, a struct is a dict by field name and an array a list. `wrapped` says
    that it stood as the payload beside a schema, so that null is a value.
    """

    value: object = field(repr=False)
    shape: Shape | None = field(default=None, repr=False)
    wrapped: bool = False

    def struct(self) -> Struct | None:
        """Return the value as named fields, None where it is something else."""
        if not isinstance(self.value, dict):
            return None
        if self.shape is None:
            return Struct(self.value)
        return Struct(self.value, self.shape.texts)

    def member(self, name: str) -> "Datum":
        """Return one field of a struct; null where it is not there."""
        if not isinstance(self.value, dict):
            return Datum(None)
        shape = None if self.shape is None else self.shape.member(name)
        return Datum(self.value.get(name), shape)


Reader: TypeAlias = Callable[[bytes], Datum]
"""Raises `UndecodableError`, whatever the bytes are, or `SchemaWantedError`; nothing else."""


def read_json(data: bytes) -> Datum:
    """Read JSON fast: numbers with a fraction or of more than 64 bits become doubles.

    Raises:
        UndecodableError: it is not JSON in UTF-8.
    """
    try:
        return _unwrapped(orjson.loads(data))
    except orjson.JSONDecodeError as error:
        raise UndecodableError(f"not JSON: {_where(error)}") from None


def read_json_exactly(data: bytes) -> Datum:
    """Read JSON with the digits of every number as they were written.

    Raises:
        UndecodableError: it is not JSON in UTF-8, or no number or nesting that Python can hold.
    """
    try:
        return _unwrapped(json.loads(data.decode(), parse_float=_number))
    except (ValueError, RecursionError) as error:
        raise UndecodableError(f"not JSON: {_where(error)}") from None


def mended(data: bytes) -> bytes | None:
    """Return the JSON that *data* was meant to be, None where it is none at all.

    Broken characters become U+FFFD, NaN and infinity null: so an opt-out is found in a record
    whose other fields cannot be read.
    """
    try:
        text = data.decode("utf-8-sig", "replace")
        value = json.loads(text, parse_constant=_nothing, parse_float=_finite)
        text = json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError):
        return None
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def _nothing(_: str) -> None:
    return None


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _unwrapped(value: object) -> Datum:
    if not isinstance(value, dict) or value.keys() != _WRAPPING:
        return Datum(value)
    schema = value["schema"]
    if schema is not None and not isinstance(schema, dict):
        return Datum(value)
    shape = None if schema is None else ConnectShape(schema)
    return Datum(value["payload"], shape, wrapped=True)


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent that only a zero can have
        return Decimal(repr(float(text)))


def _where(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg}: line {error.lineno} column {error.colno}"
    return "nested too deep, or a number too long"


@dataclass(frozen=True, slots=True)
class Encoding:
    """How bytes hold values.

    `read` is fast and may round numbers to doubles, `read_exactly` does not; `mend` returns
    readable bytes of what is broken, None where nothing can be read of them.
    """

    read: Reader
    read_exactly: Reader
    mend: Callable[[bytes], bytes | None]


JSON = Encoding(read_json, read_json_exactly, mended)
