"""An opt-out is found however a source says it: every way in every envelope and encoding.

A new envelope or encoding is one more writer in `WRITERS`; a new way to say it one more `Way`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pytest

from connector.cdc.decoding import Decoder
from connector.cdc.source import SourceSpec
from connector.domain.change import LeadOptOut, LeadUpsert
from connector.domain.record import Record
from connector.planning.conditions import condition
from tests.support.decoded import one
from tests.support.records import a_record, envelope, source_block, struct_schema, with_schema
from tests.support.sources import DEBEZIUM, DEBEZIUM_FLAT, FLAT

Row = Mapping[str, object]
Schemas = Mapping[str, Mapping[str, object]]
"""Field → its schema as Connect writes it."""

MOBILE = "+12125550101"
TEXT = {"type": "string"}
BOOLEAN = {"type": "boolean", "optional": True}
DECIMAL = {
    "type": "bytes",
    "name": "org.apache.kafka.connect.data.Decimal",
    "parameters": {"scale": "0"},
}
VARIABLE = {"type": "struct", "name": "io.debezium.data.VariableScaleDecimal"}
ENUM = {"type": "string", "name": "io.debezium.data.Enum"}


@dataclass(frozen=True, slots=True)
class Way:
    """A value of the field `flag`, as JSON writes it, and what the settings say of the field.

    `bare` is False where the value means nothing without its schema.
    """

    schema: Mapping[str, object]
    value: object
    wanted: tuple[str | bool | float, ...] = (True,)
    bare: bool = field(default=True, kw_only=True)


WAYS: Mapping[str, Way] = {
    "boolean": Way(BOOLEAN, value=True),
    "int32": Way({"type": "int32"}, 1),
    "tinyint(1) of MariaDB": Way({"type": "int16"}, 1),
    "double": Way({"type": "double"}, 1.0),
    "decimal": Way(DECIMAL, "AQ==", bare=False),
    "number of Oracle": Way(VARIABLE, {"scale": 0, "value": "AQ=="}, bare=False),
    "decimal as text": Way(TEXT, "1"),
    "t": Way(TEXT, "t"),
    "char(5)": Way(TEXT, "TRUE "),
    "yes": Way(TEXT, "Yes"),
    "status": Way(TEXT, " dnc_requested", ("DNC_Requested",)),
    "enum": Way(ENUM, "DNC", ("New", "DNC")),
    "code": Way({"type": "int32"}, 9, (9,)),
    "no consent": Way(BOOLEAN, value=False, wanted=(False,)),
    "no consent, tinyint": Way({"type": "int16"}, 0, (False,)),
    "no consent, double": Way({"type": "double"}, 0.0, (False,)),
    "no consent, text": Way(TEXT, "N", ("N", False)),
}
SILENT: Mapping[str, Way] = {
    "false": Way(BOOLEAN, value=False),
    "0": Way({"type": "int16"}, 0),
    "null": Way(BOOLEAN, None),
    "empty": Way(TEXT, ""),
    "f": Way(TEXT, "f"),
    "another status": Way(TEXT, "DNC_Request", ("DNC_Requested",)),
    "another number": Way({"type": "int32"}, 10),
    "not logged": Way(TEXT, "__debezium_unavailable_value"),
    "null consent": Way(BOOLEAN, None, (False,)),
}


def _flat(row: Row, schemas: Schemas) -> tuple[object, object]:
    return row, struct_schema(schemas)


def _debezium(op: str) -> "Writer":
    def written(row: Row, schemas: Schemas) -> tuple[object, object]:
        snapshot = "true" if op == "r" else "false"
        of_row = struct_schema(schemas)
        whole = struct_schema({"before": of_row, "after": of_row})
        return envelope(op, row, None, snapshot=snapshot), whole

    return written


def _flattened(op: str) -> "Writer":
    def written(row: Row, schemas: Schemas) -> tuple[object, object]:
        added = {"__op": op, "__deleted": "false", "__source_lsn": source_block()["lsn"]}
        return {**row, **added}, struct_schema({**schemas, "__op": TEXT, "__deleted": TEXT})

    return written


Writer = Callable[[Row, Schemas], tuple[object, object]]
"""Makes a record's value of a row, and the schema of that value."""

WRITERS: Mapping[str, tuple[SourceSpec, Writer]] = {
    "flat": (FLAT, _flat),
    "debezium insert": (DEBEZIUM, _debezium("c")),
    "debezium edit": (DEBEZIUM, _debezium("u")),
    "debezium snapshot": (DEBEZIUM, _debezium("r")),
    "debezium-flat edit": (DEBEZIUM_FLAT, _flattened("u")),
    "debezium-flat snapshot": (DEBEZIUM_FLAT, _flattened("r")),
    "debezium-flat, nothing added": (DEBEZIUM_FLAT, _flat),
}


def _cases(ways: Mapping[str, Way]) -> list[object]:
    return [
        pytest.param(writer, way, typed, id=f"{shape}-{'schema' if typed else 'json'}-{said}")
        for shape, writer in WRITERS.items()
        for said, way in ways.items()
        for typed in (False, True)
        if way.bare or typed
    ]


def _decoded(
    writer: tuple[SourceSpec, Writer], way: Way, *, typed: bool
) -> tuple[Decoder, Record]:
    spec, written = writer
    row = {"lead_id": "L-1", "phone_mobile": MOBILE, "flag": way.value}
    value, schema = written(row, {"lead_id": TEXT, "phone_mobile": TEXT, "flag": way.schema})
    record = a_record(with_schema(value, schema) if typed else value, {"lead_id": "L-1"})
    return Decoder(replace(spec, opt_out=condition({"flag": way.wanted}))), record


@pytest.mark.parametrize(("writer", "way", "typed"), _cases(WAYS))
def test_an_opt_out_is_found(writer: tuple[SourceSpec, Writer], way: Way, *, typed: bool) -> None:
    """Its lead and its number are in it."""
    decoder, record = _decoded(writer, way, typed=typed)
    change = one(decoder.decode(record, "t"), LeadOptOut)
    assert change.lead == "L-1"
    assert change.numbers == {MOBILE}


@pytest.mark.parametrize(("writer", "way", "typed"), _cases(SILENT))
def test_what_is_no_opt_out_is_none(
    writer: tuple[SourceSpec, Writer], way: Way, *, typed: bool
) -> None:
    """Null, the opposite and what resembles it opt nobody out."""
    decoder, record = _decoded(writer, way, typed=typed)
    one(decoder.decode(record, "t"), LeadUpsert)
