"""An opt-out is found however a source says it: every way in every envelope and encoding.

A new envelope is one more writer in `WRITERS`, a new encoding one more of `FORMS`, a new way to say
it one more `Way`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from connector.cdc.avro_schema import read_schema
from connector.cdc.decoding import Decoder
from connector.cdc.source import SourceSpec
from connector.domain.change import LeadOptOut, LeadUpsert
from connector.domain.record import Headers, Record
from connector.planning.conditions import condition
from tests.support.connect_avro import Schema, avro, schema_of
from tests.support.decoded import one
from tests.support.records import (
    COMMITTED,
    a_record,
    envelope,
    source_block,
    struct_schema,
    with_schema,
)
from tests.support.sources import DEBEZIUM, DEBEZIUM_FLAT, FLAT

Row = Mapping[str, object]
Schemas = Mapping[str, Schema]
"""Field → its schema as Connect writes it."""

EVENTS = replace(FLAT, envelope="salesforce", lead_id="", revision=None)
"""Salesforce's events, of a lead that has the fields of the flat one."""

MOBILE = "+12125550101"
NAMES = ("phone_mobile", "flag")
BITS = "0x06"
"""Both, behind the header."""
TEXT = {"type": "string"}
BOOLEAN = {"type": "boolean", "optional": True}
DECIMAL = {
    "type": "bytes",
    "name": "org.apache.kafka.connect.data.Decimal",
    "parameters": {"scale": "0"},
}
VARIABLE = {
    "type": "struct",
    "name": "io.debezium.data.VariableScaleDecimal",
    "fields": [{"field": "scale", "type": "int32"}, {"field": "value", "type": "bytes"}],
}
ENUM = {"type": "string", "name": "io.debezium.data.Enum"}
AVRO_ENUM = {"type": "enum", "symbols": ["New", "DNC"]}

LEAD = "00Q5f000001AbCdEAK"
JSON, SCHEMA, AVRO = "json", "schema", "avro"
FORMS = (JSON, SCHEMA, AVRO)
"""How a value is written: JSON, JSON with its schema, Avro."""
TYPED = (SCHEMA, AVRO)


@dataclass(frozen=True, slots=True)
class Way:
    """A value of the field `flag`, as JSON writes it, and what the settings say of the field.

    `forms` are those in which the value means something. `plain` is False for types that
    databases have and Salesforce has not.
    """

    schema: Mapping[str, object]
    value: object
    wanted: tuple[str | bool | float, ...] = (True,)
    forms: tuple[str, ...] = field(default=FORMS, kw_only=True)
    plain: bool = field(default=True, kw_only=True)


WAYS: Mapping[str, Way] = {
    "boolean": Way(BOOLEAN, value=True),
    "int32": Way({"type": "int32"}, 1),
    "tinyint(1) of MariaDB": Way({"type": "int16"}, 1),
    "double": Way({"type": "double"}, 1.0),
    "decimal": Way(DECIMAL, "AQ==", forms=TYPED, plain=False),
    "number of Oracle": Way(VARIABLE, {"scale": 0, "value": "AQ=="}, forms=TYPED, plain=False),
    "decimal as text": Way(TEXT, "1"),
    "t": Way(TEXT, "t"),
    "char(5)": Way(TEXT, "TRUE "),
    "yes": Way(TEXT, "Yes"),
    "status": Way(TEXT, " dnc_requested", ("DNC_Requested",)),
    "enum": Way(ENUM, "DNC", ("New", "DNC")),
    "enum of Avro": Way(AVRO_ENUM, "DNC", ("New", "DNC"), forms=(AVRO,)),
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


Told = tuple[object, Schema]
"""A record's value, and the schema of it."""
Write = Callable[[Row, Schemas], Told]


def _flat(row: Row, schemas: Schemas) -> Told:
    return row, struct_schema(schemas)


def _debezium(op: str) -> Write:
    def written(row: Row, schemas: Schemas) -> Told:
        value = envelope(op, row, None, snapshot="true" if op == "r" else "false")
        of_row = struct_schema(schemas)
        return value, _struct(value, {"before": of_row, "after": of_row})

    return written


def _flattened(op: str) -> Write:
    def written(row: Row, schemas: Schemas) -> Told:
        added = {"__op": op, "__deleted": "false", "__source_lsn": source_block()["lsn"]}
        value = {**row, **added}
        return value, _struct(value, schemas)

    return written


def _struct(value: Row, schemas: Schemas) -> Schema:
    """Return the schema of a struct; what *schemas* does not name goes by its value."""
    return struct_schema({name: schemas.get(name) or schema_of(value[name]) for name in value})


def _event(kind: str, changed: Sequence[str]) -> dict[str, object]:
    return {
        "entityName": "Lead",
        "recordIds": [LEAD],
        "changeType": kind,
        "commitTimestamp": COMMITTED,
        "commitNumber": 1_793_700_942_716_501_507,
        "sequenceNumber": 1,
        "nulledFields": [],
        "changedFields": list(changed),
    }


def _salesforce(kind: str, *changed: str, wrapped: bool = False, tagged: bool = False) -> Write:
    """Write an event: bare, as CometD has it (*wrapped*), or with the tags of Avro's unions."""

    def written(row: Row, schemas: Schemas) -> Told:
        body = {name: _tagged(row[name]) if tagged else row[name] for name in NAMES}
        value = {"ChangeEventHeader": _event(kind, changed), **body}
        if wrapped:
            return {"schema": "aB3dEfGh1jKlMnOpQrStUv", "payload": value}, {}
        return value, _struct(value, schemas)

    return written


def _tagged(value: object) -> object:
    tags = {bool: "boolean", int: "int", float: "double", str: "string"}
    return None if value is None else {tags[type(value)]: value}


def _confluent(kind: str, *changed: str) -> Write:
    """Write the struct of Confluent's connector, with the id in front; its second version has the
    header's facts beside the value.
    """

    def written(row: Row, schemas: Schemas) -> Told:
        header = {"ChangeEventHeader": _event(kind, changed)} if kind else {}
        value = {"Id": LEAD, **header, **{name: row[name] for name in NAMES}}
        return value, _struct(value, schemas)

    return written


@dataclass(frozen=True, slots=True)
class Writer:
    """One writer of records: its source, how it makes a value of a row, and in which forms; the
    headers of its records.
    """

    spec: SourceSpec
    write: Write
    forms: tuple[str, ...] = FORMS
    headers: Headers = ()


_BESIDE: Headers = (
    ("source.entity", b"Lead"),
    ("source.operation", b"UPDATE"),
    ("source.changed.fields", b"phone_mobile,flag"),
)

WRITERS: Mapping[str, Writer] = {
    "flat": Writer(FLAT, _flat),
    "debezium insert": Writer(DEBEZIUM, _debezium("c")),
    "debezium edit": Writer(DEBEZIUM, _debezium("u")),
    "debezium snapshot": Writer(DEBEZIUM, _debezium("r")),
    "debezium-flat edit": Writer(DEBEZIUM_FLAT, _flattened("u")),
    "debezium-flat snapshot": Writer(DEBEZIUM_FLAT, _flattened("r")),
    "debezium-flat, nothing added": Writer(DEBEZIUM_FLAT, _flat),
    "salesforce A create": Writer(EVENTS, _salesforce("CREATE"), (AVRO,)),
    "salesforce A update": Writer(EVENTS, _salesforce("UPDATE", BITS), (AVRO,)),
    "salesforce A-json create": Writer(EVENTS, _salesforce("CREATE"), (JSON,)),
    "salesforce A-json update": Writer(EVENTS, _salesforce("UPDATE", *NAMES), (JSON,)),
    "salesforce A-json, tags and bitmaps": Writer(
        EVENTS, _salesforce("UPDATE", BITS, tagged=True), (JSON,)
    ),
    "salesforce B create": Writer(EVENTS, _salesforce("CREATE", wrapped=True), (JSON,)),
    "salesforce B update": Writer(EVENTS, _salesforce("UPDATE", *NAMES, wrapped=True), (JSON,)),
    "salesforce C create": Writer(EVENTS, _confluent("CREATE")),
    "salesforce C update": Writer(EVENTS, _confluent("UPDATE", *NAMES)),
    "salesforce D update": Writer(EVENTS, _confluent(""), headers=_BESIDE),
}


def _cases(ways: Mapping[str, Way]) -> list[object]:
    return [
        pytest.param(writer, way, form, id=f"{shape}-{form}-{said}")
        for shape, writer in WRITERS.items()
        for said, way in ways.items()
        for form in writer.forms
        if form in way.forms and (way.plain or writer.spec is not EVENTS)
    ]


def _decoded(writer: Writer, way: Way, form: str) -> tuple[Decoder, Record]:
    row = {"lead_id": LEAD, "phone_mobile": MOBILE, "flag": way.value}
    schemas = {"lead_id": TEXT, "phone_mobile": TEXT, "flag": way.schema}
    value, schema = writer.write(row, schemas)
    spec = replace(writer.spec, opt_out=condition({"flag": way.wanted}))
    if form != AVRO:
        told = with_schema(value, schema) if form == SCHEMA else value
        return Decoder(spec), a_record(told, {"lead_id": LEAD}, writer.headers)
    text, data = avro(1, schema, value)
    known = {1: read_schema(text)}
    return Decoder(replace(spec, encoding="avro"), schemas=known.get), a_record(
        data, None, writer.headers
    )


@pytest.mark.parametrize(("writer", "way", "form"), _cases(WAYS))
def test_an_opt_out_is_found(writer: Writer, way: Way, form: str) -> None:
    """Its lead and its number are in it."""
    decoder, record = _decoded(writer, way, form)
    change = one(decoder.decode(record, "t"), LeadOptOut)
    assert change.lead == LEAD
    assert change.numbers == {MOBILE}


@pytest.mark.parametrize(("writer", "way", "form"), _cases(SILENT))
def test_what_is_no_opt_out_is_none(writer: Writer, way: Way, form: str) -> None:
    """Null, the opposite and what resembles it opt nobody out."""
    decoder, record = _decoded(writer, way, form)
    one(decoder.decode(record, "t"), LeadUpsert)
