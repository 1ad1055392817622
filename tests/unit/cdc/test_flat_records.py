"""What flat records mean."""

from dataclasses import replace

import pytest

from connector.cdc.decoding import Decoded, Decoder
from connector.cdc.source import Role
from connector.domain.change import LeadDelete, LeadOptOut, LeadQuarantine, LeadUpsert
from connector.domain.origin import Origin
from connector.domain.reason import Reason, Stage
from connector.domain.record import Record
from connector.domain.revision import NO_REVISION
from tests.support.decoded import no_change, one, refused
from tests.support.records import COMMITTED, TOPIC, a_record, flat, with_schema
from tests.support.sources import FLAT

MOBILE = "+12125550101"
HOME = "+12125550151"
LONG = "x" * 513


def _decode(record: Record, decoder: Decoder | None = None) -> Decoded:
    return (decoder or Decoder(FLAT)).decode(record, "topic-id")


def test_a_row_is_an_upsert_with_its_named_fields() -> None:
    """Named fields become text, numbers E.164, the rest stays behind."""
    record = flat(
        "L-1", first_name="Ana", phone_mobile="(212) 555-0101", state="NY", email="a@b.c"
    )
    change = one(_decode(record), LeadUpsert)
    assert change.lead == "L-1"
    assert change.row.fields == {"first_name": "Ana", "phone_mobile": MOBILE, "state": "NY"}
    assert (change.row.whole, change.row.dropped) == (True, False)


def test_a_change_says_where_it_comes_from() -> None:
    """Source, topic and its id, partition, offset and time of the record are kept."""
    change = one(_decode(a_record({"lead_id": 7}, partition=2, offset=41)), LeadUpsert)
    assert change.origin == Origin("default", TOPIC, "topic-id", 2, 41, COMMITTED + 50)
    assert change.lead == "7"


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"status": "New"}, LeadUpsert),
        ({"status": " disqualified "}, LeadQuarantine),
        ({"status": "DNC_Requested"}, LeadOptOut),
        ({"do_not_call": True}, LeadOptOut),
        ({"do_not_call": 1}, LeadOptOut),
        ({"do_not_call": "T"}, LeadOptOut),
        ({"do_not_call": "yes"}, LeadOptOut),
        ({"do_not_call": 0}, LeadUpsert),
        ({"do_not_call": None}, LeadUpsert),
        ({"do_not_call": True, "status": "Disqualified"}, LeadOptOut),
    ],
)
def test_rules_make_the_kind(fields: dict[str, object], kind: type[object]) -> None:
    """Any match of an opt-out rule wins over any match of a quarantine rule."""
    one(_decode(flat("L-1", **fields)), kind)


def test_null_is_empty_and_absent_is_absent() -> None:
    """The platform's value goes with null and stays with a field that is not there."""
    change = one(_decode(flat("L-1", first_name=None)), LeadUpsert)
    assert change.row.fields == {"first_name": ""}


def test_numbers_keep_their_digits() -> None:
    """A fraction is written as the source wrote it, and a large integer is not rounded."""
    value = b'{"lead_id":123456789012345678901,"score":1250.50}'
    change = one(_decode(a_record(value)), LeadUpsert)
    assert change.lead == "123456789012345678901"
    assert change.row.fields == {"score": "1250.50"}


def test_a_number_written_as_a_decimal_is_that_number() -> None:
    """A phone column of doubles does not gain a digit."""
    change = one(_decode(flat("L-1", phone_mobile=2125550101.0)), LeadUpsert)
    assert change.row.fields == {"phone_mobile": MOBILE}
    change = one(_decode(flat("L-1", phone_mobile=2125550101)), LeadUpsert)
    assert change.row.fields == {"phone_mobile": MOBILE}


def test_a_bad_number_beside_a_good_one_is_left_empty() -> None:
    """The row goes on without it and says so."""
    change = one(_decode(flat("L-1", phone_mobile="12", phone_home=HOME)), LeadUpsert)
    assert change.row.fields == {"phone_mobile": "", "phone_home": HOME}
    assert change.row.dropped


@pytest.mark.parametrize("blank", ["", "   ", None])
def test_a_row_without_a_number_is_no_bad_row(blank: str | None) -> None:
    """No number was given, so none is bad."""
    change = one(_decode(flat("L-1", phone_mobile=blank)), LeadUpsert)
    assert change.row.fields == {"phone_mobile": ""}
    assert not change.row.dropped


@pytest.mark.parametrize("status", ["New", "Disqualified"])
def test_a_row_whose_numbers_are_all_bad_is_refused(status: str) -> None:
    """Numbers were given and none is left: the row before stays."""
    unreadable = refused(_decode(flat("L-1", phone_mobile="12", phone_home="x", status=status)))
    assert (unreadable.reason, unreadable.stage) == (Reason.PHONE_INVALID, Stage.VALIDATE)
    assert (unreadable.lead, unreadable.opt_out) == ("L-1", None)
    assert "phone_home, phone_mobile" in unreadable.text


def test_a_value_longer_than_a_cell_is_refused() -> None:
    """512 characters fit, one more does not; the text names the field and not the value."""
    one(_decode(flat("L-1", first_name=LONG[:512])), LeadUpsert)
    unreadable = refused(_decode(flat("L-1", first_name=LONG)))
    assert (unreadable.reason, unreadable.stage) == (Reason.VALUE_TOO_LONG, Stage.VALIDATE)
    assert "first_name" in unreadable.text
    assert LONG[:20] not in unreadable.text
    assert refused(_decode(flat(LONG))).reason is Reason.VALUE_TOO_LONG


def test_a_long_value_that_fills_no_cell_is_no_fault() -> None:
    """A field that only a rule reads may be of any length."""
    one(_decode(flat("L-1", state=LONG)), LeadUpsert)


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"first_name": "Ana"},
        {"lead_id": None},
        {"lead_id": ""},
        {"lead_id": "  "},
        {"lead_id": 1.5},
        {"lead_id": ["L-1"]},
        {"lead_id": "x" * 4_097},
    ],
)
def test_a_row_without_a_lead_id_is_refused(value: dict[str, object]) -> None:
    """The key does not help: what the row says counts."""
    unreadable = refused(_decode(a_record(value, b"L-1")))
    assert (unreadable.reason, unreadable.stage) == (Reason.LEAD_ID_MISSING, Stage.VALIDATE)
    assert unreadable.lead is None


@pytest.mark.parametrize(
    "value", [b"", b"{", b"null", b"[]", b"7", b'"text"', b"\xff\xfe", b"\x00\x00"]
)
def test_what_is_no_row_is_undecodable(value: bytes) -> None:
    """It is refused, under the lead that its key names."""
    unreadable = refused(_decode(a_record(value, b"L-1")))
    assert (unreadable.reason, unreadable.stage) == (Reason.UNDECODABLE, Stage.DECODE)
    assert (unreadable.lead, unreadable.opt_out) == ("L-1", None)


@pytest.mark.parametrize("key", [b"L-1", b'"L-1"', {"lead_id": "L-1"}, with_schema("L-1", {})])
@pytest.mark.parametrize("value", [None, with_schema(None, None)])
def test_a_tombstone_is_a_delete_of_its_key(key: object, value: object) -> None:
    """A null value ends the lead that the key names; it has no revision."""
    change = one(_decode(a_record(value, key)), LeadDelete)
    assert change.lead == "L-1"
    assert change.tombstone
    assert change.revision == NO_REVISION


def test_a_tombstone_that_names_no_lead_is_refused() -> None:
    """Nobody can be deleted by it."""
    for key in (None, b"", {"id": 1}, b"x" * 4_097):
        assert refused(_decode(a_record(None, key))).reason is Reason.LEAD_ID_MISSING


def test_a_revision_as_long_as_a_book_is_none() -> None:
    """It would stand in outcomes and in the state; the record counts as newer."""
    spec = replace(FLAT, revision="updated_at")
    for length, named in ((512, "9" * 512), (513, None)):
        record = flat("L-1", updated_at="9" * length)
        assert one(Decoder(spec).decode(record, "topic-id"), LeadUpsert).revision.named == named


def test_the_tombstone_of_a_changed_key_is_no_delete() -> None:
    """The person goes on under another id."""
    headers = (("__debezium.newkey", b'{"lead_id":"L-2"}'),)
    assert no_change(_decode(a_record(None, b"L-1", headers))).key == "L-1"


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("2026-11-02T10:00:00Z", "2026-11-02T10:00:00Z"),
        (17, "17"),
        (1.5, "1.5"),
        (None, None),
        ("", None),
    ],
)
def test_the_named_field_is_the_revision(value: object, named: str | None) -> None:
    """Its text orders the changes; a record without one has no revision."""
    change = one(_decode(flat("L-1", updated_at=value)), LeadUpsert)
    assert change.revision.named == named
    assert one(_decode(flat("L-1")), LeadUpsert).revision == NO_REVISION


def test_a_list_with_columns_of_its_own_is_minded() -> None:
    """Phone columns of such a list are numbers, its cells have a length, its fields are kept."""
    spec = replace(FLAT, list_columns=({"Mobile": "phone_work", "Notes": "notes"},))
    decoder = Decoder(spec)
    change = one(_decode(flat("L-1", phone_work="212 555 0101", notes="n"), decoder), LeadUpsert)
    assert change.row.fields == {"phone_work": MOBILE, "notes": "n"}
    assert refused(_decode(flat("L-1", notes=LONG), decoder)).reason is Reason.VALUE_TOO_LONG


def test_a_source_of_opt_outs_tells_nothing_else() -> None:
    """Upserts, quarantines, deletes and bad rows of a second CRM are of no use."""
    decoder = Decoder(replace(FLAT, role=Role.OPT_OUTS))
    one(_decode(flat("L-1", do_not_call=True), decoder), LeadOptOut)
    one(_decode(flat("L-1", do_not_call=True, first_name=LONG), decoder), LeadOptOut)
    records = (
        flat("L-1"),
        flat("L-1", status="Disqualified"),
        flat("L-1", phone_mobile="12"),
        flat("L-1", first_name=LONG),
        a_record(None, b"L-1"),
    )
    for record in records:
        assert no_change(_decode(record, decoder)).key == "L-1"


@pytest.mark.parametrize(("envelope", "encoding"), [("xml", "json"), ("flat", "xml")])
def test_a_format_that_is_not_there_is_refused_at_once(envelope: str, encoding: str) -> None:
    """The decoder is not built, and the text says what there is."""
    with pytest.raises(ValueError, match=r"envelopes: flat, debezium.*; encodings: json, avro"):
        Decoder(replace(FLAT, envelope=envelope, encoding=encoding))
