"""Write values of Kafka Connect's and Debezium's logical types as people read them.

A value alone does not tell what it is: a date is a number of days, a decimal is base64. The
meaning is in the schema's name (cdc-real.md section 4), so it is at hand only where the schema
travels with the record.
"""

import base64
import binascii
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TypeAlias

from connector.cdc.cells import TextOf, digits_of

Schema: TypeAlias = Mapping[str, object]
"""A Connect schema in JSON: `type`, the `fields` of a struct, `name` and `parameters`."""

_DECIMAL = "org.apache.kafka.connect.data.Decimal"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SCALE_MAX = 1_000
"""PostgreSQL's largest declared scale; Oracle's is 127. More is a trap, not a number."""
_UNSCALED_MAX = 1_000
"""Bytes, 2,400 digits: no database has more, and no cell takes them."""
_DAY = 86_400
_DOUBLES = ("double", "float")
"""A tuple: what stands for a type in somebody's JSON need not be a text."""
_FLOAT = struct.Struct("<f")
_FLOAT_DIGITS = 10
"""One more than any float needs."""
_ODD_NUMBERS = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
"""As Connect writes them in JSON, where they are text."""


@dataclass(frozen=True)
class ConnectShape:
    """The shape of a struct whose Connect *schema* came along with it."""

    schema: Schema

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the fields, in the writer's order."""
        return tuple(self._fields)

    @property
    def texts(self) -> Mapping[str, TextOf]:
        """Return how to write those fields whose type alone tells it."""
        return {
            name: text
            for name, each in self._fields.items()
            if ("name" in each or each.get("type") in _DOUBLES)
            and (text := _text(each)) is not None
        }

    def member(self, name: str) -> "ConnectShape | None":
        """Return the shape of a field that is a struct itself, None for any other."""
        each = self._fields.get(name, {})
        return ConnectShape(each) if each.get("type") == "struct" else None

    @cached_property
    def _fields(self) -> Mapping[str, Schema]:
        """Return the schema of each field that has a name."""
        fields = self.schema.get("fields")
        return {
            name: each
            for each in (fields if isinstance(fields, list) else ())
            if isinstance(each, dict) and isinstance(name := each.get("field"), str)
        }


def _text(schema: Schema) -> TextOf | None:
    logical = schema.get("name")
    if isinstance(logical, str):
        parameters = schema.get("parameters")
        scale = parameters.get("scale") if isinstance(parameters, dict) else None
        return logical_text(logical, scale)
    return number_text if schema.get("type") in _DOUBLES else None


def logical_text(logical: str, scale: object = None) -> TextOf | None:
    """Return the writer of values whose schema has the name *logical*, None for no known type.

    *scale* is that of Connect's `Decimal`: a parameter of its schema, there a text.
    """
    return decimal_text(scale) if logical == _DECIMAL else _TEXTS.get(logical)


def decimal_text(scale: object) -> TextOf:
    """Return the writer of decimals of one *scale*, an integer or its text."""
    try:
        places = int(scale) if isinstance(scale, str | int) else None
    except ValueError:
        places = None
    return lambda value: _scaled(value, places)


def number_text(value: object) -> str | None:
    """Return a double's shortest digits without an exponent: 3.0 is `3`, however it was carried.

    JSON's digits are read as the double that their writer had. A value of a `float` is written
    with the digits that tell it from other floats.
    """
    if not isinstance(value, float | Decimal):
        return None
    number = float(value)
    if not math.isfinite(number):
        return _ODD_NUMBERS[str(number)]
    digits = digits_of(Decimal(_shortest(number or 0.0)))  # minus zero is zero
    return digits.rstrip("0").removesuffix(".") if "." in digits else digits


def _shortest(number: float) -> str:
    """Return the fewest digits that give *number* back, as a float where it is one exactly."""
    if _as_float(number) == number:
        for digits in range(1, _FLOAT_DIGITS):
            text = f"{number:.{digits}g}"
            if _as_float(float(text)) == number:
                return text
    return repr(number)


def _as_float(number: float) -> float:
    try:
        value: float = _FLOAT.unpack(_FLOAT.pack(number))[0]
    except OverflowError:
        return math.inf
    return value


def _variable_scale(value: object) -> str | None:
    if not isinstance(value, dict):
        return None
    return _scaled(value.get("value"), value.get("scale"))


def _scaled(value: object, scale: object) -> str | None:
    """Return an unscaled integer in big-endian two's complement, base64 in JSON, as a decimal."""
    if not isinstance(scale, int) or abs(scale) > _SCALE_MAX:
        return None
    try:
        data = base64.b64decode(value, validate=True) if isinstance(value, str) else value
    except (binascii.Error, ValueError):
        return None
    if not isinstance(data, bytes) or len(data) > _UNSCALED_MAX:
        return None
    number = int.from_bytes(data, "big", signed=True)
    if scale <= 0:
        return str(number * 10**-scale)
    digits = str(abs(number)).rjust(scale + 1, "0")
    return f"{'-' if number < 0 else ''}{digits[:-scale]}.{digits[-scale:]}"


def _date(value: object) -> str | None:
    """Return days since 1970 as a date; infinity and what no calendar holds stay numbers."""
    moment = _moment(value, _DAY, 1)
    return None if moment is None else moment[0].date().isoformat()


def _timestamp(per_second: int) -> TextOf:
    """Return the writer of a wall clock's time, without a zone for the database names none."""

    def text(value: object) -> str | None:
        moment = _moment(value, 1, per_second)
        if moment is None:
            return None
        seconds, rest = moment
        return seconds.replace(tzinfo=None).isoformat() + _fraction(rest, per_second)

    return text


def _time(per_second: int) -> TextOf:
    """Return the writer of a time of day, which can be 24:00 and, in MySQL, negative or longer."""

    def text(value: object) -> str | None:
        if not isinstance(value, int):
            return None
        seconds, rest = divmod(abs(value), per_second)
        minutes, second = divmod(seconds, 60)
        hour, minute = divmod(minutes, 60)
        sign = "-" if value < 0 else ""
        return f"{sign}{hour:02}:{minute:02}:{second:02}{_fraction(rest, per_second)}"

    return text


def _moment(value: object, seconds: int, per_second: int) -> tuple[datetime, int] | None:
    """Return the whole second since 1970 and the units that are left."""
    if not isinstance(value, int):
        return None
    whole, rest = divmod(value, per_second)
    try:
        return _EPOCH + timedelta(seconds=whole * seconds), rest
    except OverflowError:
        return None


def _fraction(rest: int, per_second: int) -> str:
    if not rest:
        return ""
    return "." + str(rest).rjust(len(str(per_second)) - 1, "0").rstrip("0")


_MILLIS, _MICROS, _NANOS = 10**3, 10**6, 10**9
_TEXTS: Mapping[str, TextOf] = {
    "io.debezium.data.VariableScaleDecimal": _variable_scale,
    "io.debezium.time.Date": _date,
    "io.debezium.time.Timestamp": _timestamp(_MILLIS),
    "io.debezium.time.MicroTimestamp": _timestamp(_MICROS),
    "io.debezium.time.NanoTimestamp": _timestamp(_NANOS),
    "io.debezium.time.Time": _time(_MILLIS),
    "io.debezium.time.MicroTime": _time(_MICROS),
    "io.debezium.time.NanoTime": _time(_NANOS),
    "org.apache.kafka.connect.data.Date": _date,
    "org.apache.kafka.connect.data.Timestamp": _timestamp(_MILLIS),
    "org.apache.kafka.connect.data.Time": _time(_MILLIS),
}
"""Types whose value is no text yet; the others (Enum, Uuid, ZonedTimestamp) are one already."""
