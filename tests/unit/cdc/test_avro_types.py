"""How Avro's values are written: raw as they were, by the one table of connect.py."""

import json
import struct
from base64 import b64encode
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.cdc.avro_schema import UnusableSchemaError, read_schema
from connector.cdc.wire import UndecodableError, read_json, read_json_exactly
from tests.support.avro import framed
from tests.support.recordings import recorded_schemas

_TIME, _CONNECT = "io.debezium.time.", "org.apache.kafka.connect.data."
_DECIMAL = {
    "type": "bytes",
    "scale": 2,
    "precision": 12,
    "connect.parameters": {"scale": "2", "connect.decimal.precision": "12"},
    "connect.name": _CONNECT + "Decimal",
    "logicalType": "decimal",
}
_VARIABLE = {
    "type": "record",
    "name": "VariableScaleDecimal",
    "namespace": "io.debezium.data",
    "fields": [{"name": "scale", "type": "int"}, {"name": "value", "type": "bytes"}],
    "connect.name": "io.debezium.data.VariableScaleDecimal",
}
_BIG = 1_795_488_339_606


def record(kind: object, name: str = "it") -> str:
    """Write the schema of a record with one field."""
    field = {"name": name, "type": kind}
    return json.dumps({"type": "record", "name": "Row", "fields": [field]})


def text(kind: object, value: object) -> str | None:
    """Write a value as Avro, read it, and give its text."""
    schema = record(kind)
    raw = json.loads(
        schema, object_hook=lambda each: {k: v for k, v in each.items() if k != "logicalType"}
    )
    row = read_schema(schema).read(framed(1, json.dumps(raw), {"it": value})).struct()
    assert row is not None
    return row.text("it")


def named(base: str, name: str) -> dict[str, str]:
    """Give a type with a Connect name."""
    return {"type": base, "connect.name": name}


def logical(base: str, name: str, **more: object) -> dict[str, object]:
    """Give a type with one of Avro's logical types alone."""
    return {"type": base, "logicalType": name, **more}


@pytest.mark.parametrize(
    ("kind", "value", "written"),
    [
        ("string", "Ana", "Ana"),
        (["null", "string"], None, ""),
        ("boolean", True, "true"),
        ("int", -3, "-3"),
        ("long", 2**62, str(2**62)),
        ("double", 3.0, "3"),
        ("double", -0.5, "-0.5"),
        ("double", 1e21, "1000000000000000000000"),
        ("double", float("nan"), "NaN"),
        ("double", float("-inf"), "-Infinity"),
        (["null", "double"], 12125550101.0, "12125550101"),
        ("float", 0.1, "0.1"),
        ("float", 16777216.0, "16777216"),
        ("float", 3.4028234663852886e38, "34028235" + "0" * 31),
        ("float", 1e-7, "0.0000001"),
        (["string", "double"], 2.5, "2.5"),
        (["string", "double"], "2.50", "2.50"),
        ("bytes", b"\x00\xff", "AP8="),
        ("bytes", b"__debezium_unavailable_value", None),
        ("string", "__debezium_unavailable_value", None),
        ({"type": "fixed", "name": "F", "size": 2}, b"\x00\xff", "AP8="),
        ({"type": "enum", "name": "E", "symbols": ["OPEN", "WON"]}, "WON", "WON"),
        ({"type": "array", "items": ["null", "string"]}, ["a", None], '["a",null]'),
        ({"type": "array", "items": "bytes"}, [b"\x00\xff"], '["AP8="]'),
        ({"type": "map", "values": "long"}, {"a": 1}, '{"a":1}'),
        (named("string", "io.debezium.data.Uuid"), "6f1c", "6f1c"),
        (named("string", _TIME + "ZonedTimestamp"), "2026-11-01T14:15:30.1Z", "2026-11-01T14:15:30.1Z"),
        (named("int", _TIME + "Date"), 3711, "1980-02-29"),
        (named("long", _TIME + "MicroTimestamp"), _BIG * 1000 + 7, "2026-11-24T02:45:39.606007"),
        (named("long", _TIME + "MicroTime"), 34_200_250_000, "09:30:00.25"),
        (["null", named("int", _TIME + "Time")], 34_200_250, "09:30:00.25"),
        ({**named("long", _CONNECT + "Timestamp"), "logicalType": "timestamp-millis"}, _BIG, "2026-11-24T02:45:39.606"),
        (logical("long", "timestamp-millis"), _BIG, "2026-11-24T02:45:39.606Z"),
        (logical("long", "timestamp-micros"), _BIG * 1000, "2026-11-24T02:45:39.606Z"),
        (logical("long", "timestamp-micros"), 2**62, str(2**62)),
        (logical("long", "local-timestamp-micros"), _BIG * 1000, "2026-11-24T02:45:39.606"),
        (logical("int", "date"), 3711, "1980-02-29"),
        (logical("int", "time-millis"), 34_200_250, "09:30:00.25"),
        (logical("long", "time-micros"), 34_200_250_000, "09:30:00.25"),
        (logical("bytes", "decimal", scale=2, precision=9), b"\x01\xe8z", "1250.50"),
        (logical("bytes", "decimal", precision=9), b"}", "125"),
        (logical("string", "uuid"), "6f1c1d1e-0000-4000-8000-000000000001", "6f1c1d1e-0000-4000-8000-000000000001"),
        ({"type": "fixed", "name": "U", "size": 16, "logicalType": "uuid"}, bytes(15) + b"\1", "00000000-0000-0000-0000-000000000001"),
        (logical("int", "a type of next year"), 7, "7"),
        (_DECIMAL, b"\x01\xe8z", "1250.50"),
        (["null", _DECIMAL], b"\xff", "-0.01"),
        (_VARIABLE, {"scale": 3, "value": b"}"}, "0.125"),
    ],
)  # fmt: skip
def test_a_value_is_written_as_people_read_it(
    kind: object, value: object, written: str | None
) -> None:
    """The writer's own name for a type first, else Avro's logical type, else the raw value."""
    assert text(kind, value) == written


_TYPES: dict[str, tuple[dict[str, Any], dict[str, Any], st.SearchStrategy[Any]]] = {
    "string": ({"type": "string"}, {"type": "string"}, st.text(max_size=20)),
    "bytes": ({"type": "bytes"}, {"type": "bytes"}, st.binary(max_size=20)),
    "int32": ({"type": "int"}, {"type": "int32"}, st.integers(-(2**31), 2**31 - 1)),
    "int64": ({"type": "long"}, {"type": "int64"}, st.integers(-(2**63), 2**63 - 1)),
    "double": (
        {"type": "double"},
        {"type": "double"},
        st.floats(allow_nan=False, allow_infinity=False),
    ),
    "boolean": ({"type": "boolean"}, {"type": "boolean"}, st.booleans()),
    "decimal": (
        _DECIMAL,
        {"type": "bytes", "name": _CONNECT + "Decimal", "parameters": {"scale": "2"}},
        st.binary(min_size=1, max_size=8),
    ),
    **{
        name: (
            {"type": "long", "connect.name": name},
            {"type": "int64", "name": name},
            st.integers(-(2**63), 2**63 - 1),
        )
        for name in (
            _TIME + "Timestamp",
            _TIME + "MicroTimestamp",
            _TIME + "NanoTimestamp",
            _TIME + "MicroTime",
            _TIME + "NanoTime",
            _CONNECT + "Timestamp",
        )
    },
    **{
        name: (
            {"type": "int", "connect.name": name},
            {"type": "int32", "name": name},
            st.integers(-(2**31), 2**31 - 1),
        )
        for name in (_TIME + "Date", _TIME + "Time", _CONNECT + "Date", _CONNECT + "Time")
    },
}


@given(st.data())
def test_the_same_value_has_the_same_text_in_avro_and_in_json_with_its_schema(
    data: st.DataObject,
) -> None:
    """Whoever changes the converter of a pipeline changes no contact."""
    avro, connect, values = _TYPES[data.draw(st.sampled_from(sorted(_TYPES)))]
    value = data.draw(values)
    carried = b64encode(value).decode() if isinstance(value, bytes) else value
    schema = {"type": "struct", "fields": [{**connect, "field": "it"}]}
    whole = json.dumps({"schema": schema, "payload": {"it": carried}}).encode()
    for read in (read_json, read_json_exactly):
        row = read(whole).struct()
        assert row is not None
        assert row.text("it") == text(avro, value)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float_is_written_with_digits_that_give_it_back(value: float) -> None:
    """The shortest ones, never an exponent, and no fraction where there is none."""
    written = text("float", value)
    assert written is not None
    assert struct.pack("<f", float(written)) == struct.pack("<f", value) or value == 0
    assert "e" not in written
    assert not written.endswith(".0")


def test_a_row_keeps_the_order_of_its_writer_and_finds_records_in_unions() -> None:
    """Bitmaps count by it; a compound field has a shape of its own."""
    name = {"type": "record", "name": "Person", "fields": [{"name": "Last", "type": "string"}]}
    fields = [{"name": "Z", "type": "long"}, {"name": "Name", "type": ["null", "string", name]}]
    schema = read_schema(json.dumps({"type": "record", "name": "R", "fields": fields}))
    assert schema.shape is not None
    assert schema.shape.names == ("Z", "Name")
    inner = schema.shape.member("Name")
    assert inner is not None
    assert inner.names == ("Last",)
    assert schema.shape.member("Z") is None


def test_named_types_are_found_in_their_namespace_in_references_and_twice() -> None:
    """`before` and `after` share a row; a type can be of another subject, and refer on."""
    kind = json.dumps({"type": "enum", "name": "shop.Kind", "symbols": ["A", "B"]})
    street = json.dumps(
        {
            "type": "record",
            "name": "Street",
            "namespace": "shop",
            "fields": [{"name": "kind", "type": "Kind"}, {"name": "at", "type": _DECIMAL}],
        }
    )
    fields = [
        {"name": "before", "type": ["null", "shop.Street"]},
        {"name": "after", "type": "shop.Street"},
    ]
    lead = json.dumps({"type": "record", "name": "Lead", "fields": fields})
    read = read_schema(lead, (kind, street))
    data = b"\0\0\0\0\1" + b"\2" + b"\2" + b"\6\x01\xe8z" + b"\0" + b"\2}"
    datum = read.read(data)
    assert datum.value == {
        "before": {"kind": "B", "at": b"\x01\xe8z"},
        "after": {"kind": "A", "at": b"}"},
    }
    row = datum.member("after").struct()
    assert row is not None
    assert row.text("at") == "1.25"


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ("", "no Avro schema"),
        ("[]x", "no Avro schema"),
        ('{"type":"record","name":"R"}', "no Avro schema"),
        ('{"type":"thing"}', "defined nowhere"),
        ("17", "no name, list or object"),
        ('{"type":"enum","name":"E","symbols":7}', "no Avro schema"),
        (record({"type": "array", "items": "null"}), "which has no end"),
        (record({"type": "array", "items": {"type": "record", "name": "E", "fields": []}}), "which has no end"),
        (record({"type": "array", "items": {"type": "fixed", "name": "E", "size": 0}}), "which has no end"),
        (record(["null", "Row"]), "holds itself"),
        (record({"type": "array", "items": "Row"}), "holds itself"),
        ('{"type":"array","items":' * 2000 + '"long"' + "}" * 2000, "nested too deep"),
    ],
)  # fmt: skip
def test_a_schema_that_cannot_be_read_is_named_as_that(schema: str, told: str) -> None:
    """No text from elsewhere ends a worker, neither by recursion nor by items without an end."""
    with pytest.raises(UnusableSchemaError, match=told):
        read_schema(schema)


def test_defaults_and_odd_names_of_a_writer_do_no_harm() -> None:
    """Only a reader's schema needs them: many writers get them wrong."""
    field = {"name": "1-2", "type": "int", "default": "x"}
    schema = {"type": "record", "name": "a-b", "namespace": "x-y", "fields": [field]}
    assert read_schema(json.dumps(schema)).read(b"\0\0\0\0\1\2").value == {"1-2": 1}


_RECORDED = sorted(recorded_schemas().items())


@given(st.sampled_from(_RECORDED), st.binary(max_size=200))
def test_any_bytes_are_a_value_or_are_refused(schema: tuple[int, Any], data: bytes) -> None:
    """Whatever stands behind the frame; nothing else is raised, and nothing is held for it."""
    with suppress(UndecodableError):
        datum = schema[1].read(b"\0\0\0\0\1" + data)
        assert datum.struct() is not None
