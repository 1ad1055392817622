"""Records in Confluent's framing: value and key each by the schema that they name."""

import json
from dataclasses import replace

import pytest

from connector.cdc.avro import NoSchema
from connector.cdc.avro_schema import AvroSchema, read_schema
from connector.cdc.decoding import Decoder, SchemaWanted
from connector.domain.change import LeadDelete, LeadOptOut, LeadUpsert
from connector.domain.reason import Reason
from tests.support.avro import KEY, LEAD, a_lead, framed
from tests.support.decoded import one, refused
from tests.support.records import a_record
from tests.support.sources import DEBEZIUM, FLAT

OTHER_KEY = json.dumps(
    {"type": "record", "name": "Key2", "fields": [{"name": "lead_id", "type": ["null", "string"]}]}
)
SCHEMAS: dict[int, AvroSchema | NoSchema] = {
    1: read_schema(LEAD),
    2: read_schema(KEY),
    3: read_schema(OTHER_KEY),
    4: read_schema('"string"'),
    5: read_schema('"long"'),
    6: read_schema('"double"'),
    8: NoSchema(Reason.SCHEMA_UNKNOWN, "the registry does not know it"),
    9: NoSchema(Reason.UNDECODABLE, "it is no Avro schema"),
}
DECODER = Decoder(replace(FLAT, encoding="avro"), schemas=SCHEMAS.get)
ENVELOPE = Decoder(replace(DEBEZIUM, encoding="avro"), schemas=SCHEMAS.get)
VALUE = a_lead(1, "L-1", phone_mobile="+12125550101")


def test_a_row_is_read_by_the_schema_that_it_names() -> None:
    """Fields, numbers, opt-outs: as in JSON."""
    change = one(DECODER.decode(a_record(VALUE), "id"), LeadUpsert)
    assert change.row.fields == {
        "first_name": "",
        "phone_mobile": "+12125550101",
        "do_not_call": "false",
    }
    out = a_lead(1, "L-1", phone_mobile="+12125550101", do_not_call=True)
    assert one(DECODER.decode(a_record(out), "id"), LeadOptOut).numbers == {"+12125550101"}


@pytest.mark.parametrize(
    ("key", "lead"),
    [
        (framed(2, KEY, {"lead_id": "L-1"}), "L-1"),
        (framed(3, OTHER_KEY, {"lead_id": "L-1"}), "L-1"),
        (framed(3, OTHER_KEY, {"lead_id": None}), None),
        (framed(4, '"string"', "L-1"), "L-1"),
        (framed(5, '"long"', 17), "17"),
        (framed(6, '"double"', 17.0), "17"),
        (framed(6, '"double"', 1e300), None),
        (b'{"lead_id":"L-1"}', "L-1"),
        (b'"L-1"', "L-1"),
        (b"L-1", "L-1"),
        (b"0017", "0017"),
        (b"\0\0\0\0\2", None),
        (b"\0\0\0\0\2\6L-1!", None),
        (b"\0\0\0\0\x08\6L-1", None),
        (b"\0\0\0\x11", None),
        (b"\0", None),
        (b"", None),
        (None, None),
    ],
)
def test_the_key_of_a_tombstone_is_read_by_its_own_first_byte(
    key: bytes | None, lead: str | None
) -> None:
    """A schema of the key's own, another one in mid-topic, JSON or text beside Avro values."""
    decoded = DECODER.decode(a_record(None, key), "id")
    if lead is None:
        assert refused(decoded).reason is Reason.LEAD_ID_MISSING
    else:
        assert one(decoded, LeadDelete).lead == lead


@pytest.mark.parametrize("decoder", [DECODER, ENVELOPE])
@pytest.mark.parametrize(
    ("value", "reason", "told"),
    [
        (VALUE[:-4], Reason.UNDECODABLE, "EOFError"),
        (VALUE + b"\0", Reason.UNDECODABLE, "1 bytes are left over"),
        (b'{"lead_id":"L-1"}', Reason.UNDECODABLE, "Confluent's framing"),
        (b"\0\0\0\0", Reason.UNDECODABLE, "Confluent's framing"),
        (b"", Reason.UNDECODABLE, "Confluent's framing"),
        (b"\1" + VALUE[1:], Reason.UNDECODABLE, "Confluent's framing"),
        (framed(8, LEAD, {"lead_id": "L-1", "do_not_call": False}), Reason.SCHEMA_UNKNOWN, "schema 8: the registry does not know it"),
        (framed(9, LEAD, {"lead_id": "L-1", "do_not_call": False}), Reason.UNDECODABLE, "schema 9: it is no Avro schema"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_names_its_lead_by_the_key(
    decoder: Decoder, value: bytes, reason: Reason, told: str
) -> None:
    """Somebody must look at it, and finds the lead."""
    key = framed(2, KEY, {"lead_id": "L-1"})
    unreadable = refused(decoder.decode(a_record(value, key), "id"))
    assert (unreadable.reason, unreadable.lead) == (reason, "L-1")
    assert told in unreadable.text


@pytest.mark.parametrize(
    ("value", "key", "wanted"),
    [
        (framed(77, LEAD, {"lead_id": "L-1", "do_not_call": False}), None, 77),
        (VALUE, framed(78, KEY, {"lead_id": "L-1"}), None),
        (None, framed(78, KEY, {"lead_id": "L-1"}), 78),
        (VALUE + b"\0", framed(78, KEY, {"lead_id": "L-1"}), 78),
        (b"\0\xff\xff\xff\xff", None, 2**32 - 1),
    ],
)
def test_a_schema_that_is_not_known_yet_is_wanted(
    value: bytes | None, key: bytes | None, wanted: int | None
) -> None:
    """That of the key only where the key must be read."""
    decoded = DECODER.decode(a_record(value, key), "id")
    assert (decoded.schema_id if isinstance(decoded, SchemaWanted) else None) == wanted


def test_without_a_registry_no_schema_is_waited_for() -> None:
    """A decoder by itself refuses what it can never read."""
    unreadable = refused(Decoder(replace(FLAT, encoding="avro")).decode(a_record(VALUE), "id"))
    assert unreadable.reason is Reason.SCHEMA_UNKNOWN


@pytest.mark.parametrize(("lead_id", "lead"), [(9007199254740994.0, "9007199254740994"), (17.0, "17"), (1.5, None), (float("nan"), None)])  # fmt: skip
def test_a_lead_id_that_is_a_double_is_exact_as_it_was_read(
    lead_id: float, lead: str | None
) -> None:
    """Avro has no digits to read again."""
    schema = json.dumps(
        {"type": "record", "name": "R", "fields": [{"name": "lead_id", "type": "double"}]}
    )
    decoder = Decoder(replace(FLAT, encoding="avro"), schemas=lambda _: read_schema(schema))
    decoded = decoder.decode(a_record(framed(1, schema, {"lead_id": lead_id})), "id")
    if lead is None:
        assert refused(decoded).reason is Reason.LEAD_ID_MISSING
    else:
        assert one(decoded, LeadUpsert).lead == lead


@pytest.mark.parametrize(
    "kind",
    [
        {"type": "double", "connect.name": "io.debezium.time.Date"},
        {"type": "double", "logicalType": "decimal", "scale": 2},
        {"type": "double", "logicalType": "timestamp-millis"},
    ],
)
def test_a_double_under_an_odd_logical_type_is_a_number(kind: dict[str, object]) -> None:
    """Whatever a schema calls it, no record may stop the worker."""
    assert _status({"type": "record", "name": "R", "fields": _fields(kind)}) == "1.5"


def test_a_double_that_no_shape_knows_is_a_number() -> None:
    """A record that shares its union with another, and a row that is a map."""
    known = {"type": "record", "name": "R", "fields": _fields("string")}
    other = {"type": "record", "name": "S", "fields": _fields("double")}
    assert _status([known, other]) == "1.5"
    assert _status({"type": "map", "values": ["string", "double"]}) == "1.5"


def _fields(status: object) -> list[dict[str, object]]:
    return [{"name": "lead_id", "type": "string"}, {"name": "status", "type": status}]


def _status(schema: object) -> str:
    text = json.dumps(schema)
    decoder = Decoder(replace(FLAT, encoding="avro"), schemas=lambda _: read_schema(text))
    raw = text.replace("logicalType", "was")
    value = framed(1, raw, {"lead_id": "L-1", "status": 1.5})
    return one(decoder.decode(a_record(value), "id"), LeadUpsert).row.fields["status"]
