"""Records that would take time, memory or the process, were they believed."""

import json
from dataclasses import replace
from typing import Any

import pytest

from connector.cdc.avro_schema import read_schema
from connector.cdc.connect import ConnectShape, logical_text
from connector.cdc.decoding import ENVELOPES, Decoder
from connector.domain.change import LeadUpsert
from connector.domain.reason import Reason
from tests.fuzz.giants import GIANTS
from tests.fuzz.laws import judged
from tests.support import salesforce
from tests.support.avro import framed
from tests.support.decoded import one, refused
from tests.support.records import a_record
from tests.support.sources import FLAT

_ENDLESS = b"\xff" * 8 + b"\x7f"
"""2**62 or so: a count or length that no record can hold."""


@pytest.mark.parametrize("giant", GIANTS)
@pytest.mark.parametrize("envelope", ENVELOPES)
def test_a_record_of_a_megabyte_costs_no_more_than_moments(giant: str, envelope: str) -> None:
    """Digits, nesting, fields, schemas, ids: none costs the square of its length."""
    spec = salesforce.SALESFORCE if envelope == "salesforce" else replace(FLAT, envelope=envelope)
    judged(Decoder(spec), a_record(GIANTS[giant]()), ())


def test_a_decimal_of_more_digits_than_a_cell_takes_stays_as_it_was_written() -> None:
    """A column that holds it is refused as too long."""
    text = logical_text("org.apache.kafka.connect.data.Decimal", 0)
    assert text is not None
    assert len(text(b"\x7f" * 1_000) or "") == 2_408
    assert text(b"\x7f" * 1_001) is None


def test_a_connect_schema_whose_types_are_no_words_says_nothing() -> None:
    """Whoever wrote it: the key of a record can be anything."""
    schema: dict[str, object] = {"fields": [{"field": "lead_id", "type": ["string"]}]}
    assert ConnectShape(schema).texts == {}


@pytest.mark.parametrize(
    "kind",
    [
        "bytes",
        "string",
        {"type": "array", "items": "boolean"},
        {"type": "array", "items": {"type": "array", "items": "long"}},
        {"type": "map", "values": "null"},
        {"type": "enum", "name": "E", "symbols": ["a"]},
        ["null", "int"],
    ],
)
@pytest.mark.parametrize(
    "count", [_ENDLESS, b"\xfe" + _ENDLESS, b"\xff" * 9 + b"\x01", b"\x80" * 99]
)
def test_counts_and_lengths_that_are_not_there_are_refused_at_once(
    kind: object, count: bytes
) -> None:
    """Nothing is made room for before it was read."""
    decoder = _decoder("score", kind)
    record = a_record(b"\0\0\0\0\1" + count + b"\0\2")
    decoded, _ = judged(decoder, record, ())
    assert refused(decoded).reason is Reason.UNDECODABLE


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ({"type": "double", "connect.name": "io.debezium.time.Date"}, 1.5, "1.5"),
        ({"type": "double", "logicalType": "timestamp-millis"}, 17.0, "17"),
        (["null", {"type": "float", "logicalType": "date"}], float("nan"), "NaN"),
        ({"type": "fixed", "name": "F", "size": 3, "logicalType": "uuid"}, b"abc", "YWJj"),
        ({"type": "map", "values": "double"}, {"a": 0.5}, '{"a":0.5}'),
    ],
)
def test_a_schema_that_gives_a_value_a_meaning_of_another_type_takes_it_as_it_is(
    kind: object, value: object, text: str
) -> None:
    """The schema is somebody's mistake, and no reason to stop."""
    schema = _schema("score", kind)
    row = {"score": value, "lead_id": "L-1"}
    decoded = _decoder("score", kind).decode(a_record(framed(1, schema, row)), "id")
    assert one(decoded, LeadUpsert).row.fields["score"] == text


def test_bitmaps_of_a_foreign_schema_are_refused_with_words() -> None:
    """A person reads the reason in the dead letter."""
    line = next(each for each in salesforce.corpus("a") if each.means)
    unreadable = refused(salesforce.decoder("avro").decode(line.record(salesforce.FOREIGN), "id"))
    assert unreadable.reason is Reason.UNSUPPORTED_LAYOUT
    assert "not Salesforce's own" in unreadable.text


def _schema(name: str, kind: Any) -> str:
    fields = [{"name": name, "type": kind}, {"name": "lead_id", "type": "string"}]
    return json.dumps({"type": "record", "name": "R", "fields": fields})


def _decoder(name: str, kind: object) -> Decoder:
    schema = read_schema(_schema(name, kind))
    return Decoder(replace(FLAT, encoding="avro"), schemas=lambda _: schema)
