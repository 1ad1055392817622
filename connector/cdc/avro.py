"""Read Avro in Confluent's framing: byte 0, four bytes of a schema id (big endian), the value."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeAlias

from connector.cdc.avro_schema import FRAME, AvroSchema
from connector.cdc.connect import number_text
from connector.cdc.wire import MAGIC, Datum, Encoding, SchemaWantedError, UndecodableError
from connector.domain.reason import Reason


@dataclass(frozen=True, slots=True)
class NoSchema:
    """What is known of a schema id under which nothing can be read, and the reason of refusals."""

    reason: Reason
    text: str


SchemaLookup: TypeAlias = Callable[[int], AvroSchema | NoSchema | None]
"""Tells what is known of a schema id; None: nothing yet."""


class AvroReader:
    """Reader of framed values by the schema that each names."""

    __slots__ = ("_lookup",)

    def __init__(self, lookup: SchemaLookup) -> None:
        self._lookup = lookup

    def __call__(self, data: bytes) -> Datum:
        """Read a value.

        Raises:
            UndecodableError: no framing, no usable schema, or bytes that are not of it.
            SchemaWantedError: nothing is known of its schema yet.
        """
        if len(data) < FRAME or data[:1] != MAGIC:
            raise UndecodableError("not Avro in Confluent's framing: no magic byte and schema id")
        schema_id = int.from_bytes(data[1:FRAME], "big")
        schema = self._lookup(schema_id)
        if schema is None:
            raise SchemaWantedError(schema_id)
        if isinstance(schema, NoSchema):
            raise UndecodableError(f"schema {schema_id}: {schema.text}", schema.reason)
        return schema.read(data)


def avro_encoding(lookup: SchemaLookup) -> Encoding:
    """Return how Avro is read with the schemas that *lookup* knows. Nothing can be mended of it:
    one lost byte shifts the meaning of all that follow.
    """
    read = AvroReader(lookup)

    def read_exactly(data: bytes) -> Datum:
        datum = read(data)
        return replace(datum, value=_exact(datum.value))

    return Encoding(read, read_exactly, lambda _: None)


def _exact(value: object) -> object:
    """Return *value* with its doubles as decimals. Most have a writer in the shape beside them;
    that of a map, of a record that shares its union, or under an odd logical type has none.
    """
    match value:
        case float():
            return Decimal(number_text(value) or 0)
        case dict():
            return {name: _exact(each) for name, each in value.items()}
        case list():
            return [_exact(each) for each in value]
        case _:
            return value


def nothing_known(_schema_id: int) -> AvroSchema | NoSchema | None:
    """Know no schema, as where there is no registry."""
    return NoSchema(Reason.SCHEMA_UNKNOWN, "there is no registry: give the settings a [registry]")
