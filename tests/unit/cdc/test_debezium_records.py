"""What Debezium's records mean."""

import pytest

from connector.cdc.decoding import Changes, Decoded, Decoder
from connector.domain.change import LeadDelete, LeadOptOut, LeadQuarantine, LeadUpsert
from connector.domain.reason import Reason
from connector.domain.record import Record
from connector.domain.revision import Position, Revision
from tests.support.decoded import no_change, one, refused
from tests.support.records import (
    COMMITTED,
    a_record,
    debezium,
    envelope,
    source_block,
    struct_schema,
    with_schema,
)
from tests.support.sources import DEBEZIUM

DECODER = Decoder(DEBEZIUM)
STREAMED = Revision(Position("lsn", (26_458_288,)), COMMITTED)
MOBILE = "+12125550101"
HOME = "+12125550151"
MOVED = (("__debezium.newkey", b'{"lead_id":"L-2"}'),)


def _row(**fields: object) -> dict[str, object]:
    return {"lead_id": "L-1", **fields}


def _decode(record: Record) -> Decoded:
    return DECODER.decode(record, "topic-id")


@pytest.mark.parametrize("op", ["c", "u"])
def test_the_row_after_a_change_counts(op: str) -> None:
    """Inserts and edits are upserts of `after`, placed in the source's log."""
    change = one(_decode(debezium(op, _row(first_name="Ana", source="web"))), LeadUpsert)
    assert (change.lead, change.revision) == ("L-1", STREAMED)
    assert change.row.fields == {"first_name": "Ana"}


def test_an_edit_without_effect_is_an_upsert() -> None:
    """Whether there is something to do, the state decides."""
    one(_decode(debezium("u", _row(), _row())), LeadUpsert)


def test_a_snapshot_row_is_a_state() -> None:
    """It has no place in the log, and a flag in it counts."""
    record = debezium("r", _row(), snapshot="last")
    assert one(_decode(record), LeadUpsert).revision == Revision(snapshot=True)
    record = debezium("r", _row(do_not_call=True), snapshot="incremental", lsn=None)
    assert one(_decode(record), LeadOptOut).revision == Revision(snapshot=True)


def test_an_opt_out_takes_the_numbers_of_both_rows() -> None:
    """The number that the same edit replaced is blocked as well."""
    after = _row(do_not_call=True, phone_mobile=MOBILE)
    before = _row(do_not_call=False, phone_mobile=HOME)
    change = one(_decode(debezium("u", after, before)), LeadOptOut)
    assert change.numbers == {MOBILE, HOME}
    assert change.row.fields["phone_mobile"] == MOBILE


def test_a_disqualification_is_a_quarantine() -> None:
    """The rule reads `after`."""
    one(_decode(debezium("u", _row(status="Disqualified"), _row())), LeadQuarantine)


def test_what_the_database_did_not_log_is_absent() -> None:
    """The marker of a large value is never sent on."""
    record = debezium("u", _row(first_name="__debezium_unavailable_value", status="New"))
    assert one(_decode(record), LeadUpsert).row.fields == {"status": "New"}


def test_a_delete_names_the_lead_and_nothing_else() -> None:
    """Flags in `before` can be column defaults; they are not read."""
    record = debezium("d", None, _row(do_not_call=True, phone_mobile=MOBILE))
    assert one(_decode(record), LeadDelete) == LeadDelete(
        one(_decode(record), LeadDelete).lead, one(_decode(record), LeadDelete).origin, STREAMED
    )
    assert one(_decode(record), LeadDelete).lead == "L-1"


@pytest.mark.parametrize(
    ("before", "key"),
    [
        (None, {"lead_id": "L-1"}),
        ({"lead_id": "", "id": 0}, {"lead_id": "L-1"}),
        ({"lead_id": "L-1", "id": 7}, {"id": 7}),
        ({"lead_id": "L-1"}, None),
    ],
)
def test_key_or_row_names_the_deleted_lead(before: dict[str, object] | None, key: object) -> None:
    """Where the database logs the key only, the key knows better."""
    record = a_record(envelope("d", None, before), key)
    assert one(_decode(record), LeadDelete).lead == "L-1"


def test_a_delete_of_nobody_is_refused() -> None:
    """The row has the field and neither it nor the key has the id."""
    record = a_record(envelope("d", None, {"lead_id": None, "id": 7}), {"id": 7})
    assert refused(_decode(record)).reason is Reason.LEAD_ID_MISSING


def test_a_changed_key_moves_the_lead() -> None:
    """The leaving half is a delete that says where the person went."""
    change = one(_decode(debezium("d", None, _row(), MOVED)), LeadDelete)
    assert (change.lead, change.moved_to) == ("L-1", "L-2")


def test_a_key_that_changed_beside_the_lead_deletes_nobody() -> None:
    """Part of a composite key changed; the same lead comes in again."""
    headers = (("__debezium.newkey", b'{"lead_id":"L-1","region":"B"}'),)
    assert no_change(_decode(debezium("d", None, _row(), headers))).key == "L-1"


def test_a_lead_id_that_is_no_key_can_change_within_an_edit() -> None:
    """One record then ends the old id and begins the new one, and is two outcomes."""
    decoded = _decode(debezium("u", _row(), {"lead_id": "L-0"}))
    assert isinstance(decoded, Changes)
    came, went = decoded.changes
    assert isinstance(came, LeadUpsert)
    assert isinstance(went, LeadDelete)
    assert (came.lead, came.origin.part) == ("L-1", 1)
    assert (went.lead, went.moved_to, went.origin.part) == ("L-0", "L-1", 2)


@pytest.mark.parametrize(
    ("headers", "key"), [((), {"lead_id": "L-1"}), (MOVED, {"lead_id": "L-1"})]
)
@pytest.mark.parametrize("value", [None, with_schema(None, None)])
def test_a_tombstone_says_nothing(
    headers: tuple[tuple[str, bytes]], key: object, value: object
) -> None:
    """The delete before it said it; the lead is named for the outcome."""
    assert no_change(_decode(a_record(value, key, headers))).key == "L-1"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"ts_ms": 1}, "heartbeat"),
        ({"status": "BEGIN", "id": "1:2", "event_count": None, "ts_ms": 1}, "transaction"),
        ({"status": "END", "id": "1:2", "event_count": 2, "data_collections": []}, "transaction"),
        ({"source": source_block(), "ddl": "ALTER …", "tableChanges": []}, "schema change"),
        (envelope("t"), "truncate"),
        ({"op": "m", "source": source_block(), "message": {"prefix": "crm"}}, "logical message"),
        (envelope("c", {"phone": MOBILE}), "another table"),
        (envelope("d", None, {"id": "x", "type": "execute-snapshot"}), "another table"),
        (envelope("d"), "another table"),
    ],
)
def test_what_is_no_row_of_the_table_is_recognised(value: object, why: str) -> None:
    """It has no lead, and is no error."""
    nothing = no_change(_decode(a_record(value, {"id": "1"})))
    assert why in nothing.why
    assert nothing.key is None


@pytest.mark.parametrize(
    "value",
    [
        {"lead_id": "L-1", "op": "c", "source": "web"},
        {"lead_id": "L-1", "source": {}},
        {},
        [],
        envelope("x"),
        envelope("c"),
        envelope("u", None, {"lead_id": "L-1"}),
        b"null",
    ],
)
def test_what_is_no_envelope_is_undecodable(value: object) -> None:
    """A column named source makes no envelope, and an envelope of a row has one."""
    assert refused(_decode(a_record(value))).reason is Reason.UNDECODABLE


def test_a_row_with_an_empty_lead_id_is_refused() -> None:
    """It is of the table, but names nobody."""
    assert refused(_decode(debezium("c", {"lead_id": None}))).reason is Reason.LEAD_ID_MISSING


def test_the_schema_in_the_record_tells_what_values_mean() -> None:
    """A decimal id and a date are written as people read them, in rows and in keys."""
    decimal = {"name": "org.apache.kafka.connect.data.Decimal", "parameters": {"scale": "0"}}
    row = struct_schema({"lead_id": decimal, "state": {"name": "io.debezium.time.Date"}})
    whole = struct_schema({"before": row, "after": row})
    key = with_schema({"lead_id": "fQ=="}, struct_schema({"lead_id": decimal}))
    inserted = envelope("c", {"lead_id": "fQ==", "state": 3711})
    change = one(_decode(a_record(with_schema(inserted, whole), key)), LeadUpsert)
    assert (change.lead, change.row.fields) == ("125", {"state": "1980-02-29"})
    deleted = a_record(with_schema(envelope("d"), whole), key)
    assert one(_decode(deleted), LeadDelete).lead == "125"
