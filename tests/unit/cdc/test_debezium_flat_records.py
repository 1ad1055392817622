"""What records mean that Debezium's ExtractNewRecordState has flattened."""

from dataclasses import replace

import pytest

from connector.cdc.decoding import Decoded, Decoder
from connector.domain.change import LeadDelete, LeadOptOut, LeadQuarantine, LeadUpsert
from connector.domain.reason import Reason, Stage
from connector.domain.record import Headers, Record
from connector.domain.revision import NO_REVISION, Position, Revision
from tests.support.decoded import no_change, one, refused
from tests.support.records import COMMITTED, a_record, envelope, source_block, with_schema
from tests.support.sources import DEBEZIUM_FLAT

DECODER = Decoder(DEBEZIUM_FLAT)
MOBILE = "+12125550101"
MOVED: Headers = (("__debezium.newkey", b'{"lead_id":"L-2"}'),)
ADDED = {
    "__op": "u",
    "__table": "crm_lead",
    "__source_lsn": 26_458_288,
    "__source_ts_us": COMMITTED * 1_000 + 378,
    "__source_snapshot": None,
}
STREAMED = Revision(Position("lsn", (26_458_288,)), COMMITTED)
SNAPSHOT = Revision(snapshot=True)
BINLOG = {"file": "mysql-bin.000001", "pos": 4890, "row": 2, "server_id": 7}
SQL_SERVER = {
    "commit_lsn": "00000027:00000758:0005",
    "change_lsn": "00000027:00000758:0003",
    "event_serial_no": 2,
}
ORACLE = {"scn": "361326981", "rs_id": "0x0037b0.0019521d.0010", "ssn": 3}


def _row(**fields: object) -> dict[str, object]:
    return {"lead_id": "L-1", **fields}


def _of_source(**fields: object) -> dict[str, object]:
    return {f"__source_{name}": value for name, value in fields.items()}


def _decode(value: object, key: object = None, headers: Headers = ()) -> Decoded:
    key = {"lead_id": "L-1"} if key is None else key
    return DECODER.decode(a_record(value, key, headers), "topic-id")


def test_a_row_is_an_upsert_placed_in_the_log() -> None:
    """What the transformation added orders it and is no part of the row."""
    change = one(_decode(_row(first_name="Ana", source="web", op="x", **ADDED)), LeadUpsert)
    assert (change.lead, change.revision) == ("L-1", STREAMED)
    assert change.row.fields == {"first_name": "Ana"}


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"do_not_call": True}, LeadOptOut),
        ({"do_not_call": 1}, LeadOptOut),
        ({"status": "Disqualified"}, LeadQuarantine),
        ({"do_not_call": False}, LeadUpsert),
    ],
)
@pytest.mark.parametrize("deleted", [{}, {"__deleted": "false"}, {"__deleted": False}])
def test_the_row_is_a_state(
    fields: dict[str, object], kind: type[object], deleted: dict[str, object]
) -> None:
    """There is no row before it: the flag as it is now counts, with or without added fields."""
    one(_decode(_row(**fields, **deleted)), kind)


def test_what_the_database_did_not_log_is_absent() -> None:
    """The marker of a large value is never sent on, and null is null."""
    record = _row(first_name="__debezium_unavailable_value", status=None)
    assert one(_decode(record), LeadUpsert).row.fields == {"status": ""}


@pytest.mark.parametrize(
    "marker",
    [{"__deleted": "true"}, {"__deleted": True}, {"__op": "d"}, {"__deleted": "true", **ADDED}],
)
def test_a_deleted_row_names_the_lead_and_nothing_else(marker: dict[str, object]) -> None:
    """Flags in it are those before the delete, or a column's default."""
    change = one(_decode(_row(do_not_call=True, phone_mobile=MOBILE, **marker)), LeadDelete)
    assert (change.lead, change.moved_to, change.tombstone) == ("L-1", None, False)


def test_a_deleted_row_has_its_place_in_the_log() -> None:
    """A repeat of it is known again."""
    deleted = _row(**ADDED | {"__deleted": "true", "__op": "d"})
    assert one(_decode(deleted), LeadDelete).revision == STREAMED


def test_a_deleted_row_without_an_id_is_named_by_its_key() -> None:
    """Where the database logs the key alone, the rest is empty."""
    deleted = {"lead_id": "", "id": 7, "__deleted": "true"}
    assert one(_decode(deleted, {"lead_id": "L-1"}), LeadDelete).lead == "L-1"
    unnamed = refused(_decode(deleted, {"id": 7}))
    assert unnamed.reason is Reason.LEAD_ID_MISSING
    assert no_change(_decode({"id": 7, "__deleted": "true"}, {"id": 7})).key is None


def test_a_key_by_itself_does_not_overrule_the_row() -> None:
    """It can be that of another column, and of another table."""
    assert one(_decode(_row(__deleted="true"), b"7"), LeadDelete).lead == "L-1"
    assert no_change(_decode({"id": 7, "__deleted": "true"}, b"7")).key is None


def test_a_changed_key_moves_the_lead() -> None:
    """The leaving half says where the person went; the coming half is a row as any other."""
    left = one(_decode(_row(__deleted="true", **ADDED), headers=MOVED), LeadDelete)
    assert (left.lead, left.moved_to) == ("L-1", "L-2")
    old_key: Headers = (("__debezium.oldkey", b'{"lead_id":"L-1"}'),)
    came = DECODER.decode(a_record({"lead_id": "L-2"}, {"lead_id": "L-2"}, old_key), "topic-id")
    assert one(came, LeadUpsert).lead == "L-2"


def test_a_key_that_changed_beside_the_lead_deletes_nobody() -> None:
    """Part of a composite key changed; the same lead comes in again."""
    headers: Headers = (("__debezium.newkey", b'{"lead_id":"L-1","region":"B"}'),)
    assert no_change(_decode(_row(__deleted="true"), headers=headers)).key == "L-1"


@pytest.mark.parametrize("key", [{"lead_id": "L-1"}, with_schema({"lead_id": "L-1"}, {}), b"L-1"])
@pytest.mark.parametrize("value", [None, with_schema(None, None)])
def test_a_tombstone_is_a_delete_of_its_key(key: object, value: object) -> None:
    """So it is where deletes are not rewritten; behind a rewritten one intake knows better."""
    twice: Headers = (("__op", b"d"), ("__op", b"d"))
    change = one(_decode(value, key, twice), LeadDelete)
    assert (change.lead, change.tombstone, change.revision) == ("L-1", True, NO_REVISION)


def test_the_tombstone_of_a_changed_key_is_no_delete() -> None:
    """The person goes on under another id."""
    assert no_change(_decode(None, headers=MOVED)).key == "L-1"


@pytest.mark.parametrize(
    ("added", "revision"),
    [
        (ADDED, STREAMED),
        (ADDED | {"__op": "c"}, STREAMED),
        (ADDED | {"__op": "r", "__source_snapshot": "first"}, SNAPSHOT),
        (
            ADDED | {"__op": "r", "__source_lsn": None, "__source_snapshot": "incremental"},
            SNAPSHOT,
        ),
        ({"__op": "r", "__source_lsn": 5}, SNAPSHOT),
        ({"__source_snapshot": "last", "__source_lsn": 5}, SNAPSHOT),
        ({"__source_snapshot": "false", "__source_lsn": 5}, Revision(Position("lsn", (5,)))),
        ({"__op": "u", "__lsn": 5, "__ts_ms": 9}, Revision(Position("lsn", (5,)))),
        ({"__op": "u", "__source_ts_ms": 9}, Revision(None, 9)),
        ({"__source_lsn": 5, "__source_ts_ms": 9}, NO_REVISION),
        ({"__op": "?", "__source_lsn": 5}, NO_REVISION),
        ({"__op": ["u"], "__source_lsn": 5}, NO_REVISION),
        ({}, NO_REVISION),
        (
            {"__op": "u", **_of_source(**BINLOG)},
            Revision(Position("binlog:7", (1, 4890, 2))),
        ),
        (
            {"__op": "u", **_of_source(**BINLOG, gtid="0-7-12")},
            Revision(Position("gtid:0-7", (12, 4890, 2))),
        ),
        ({"__op": "u", **_of_source(gtid="0-7-12")}, Revision()),
        (
            {"__op": "u", **_of_source(**SQL_SERVER)},
            Revision(Position("commit_lsn", (0x27, 0x758, 5, 0x27, 0x758, 3, 2))),
        ),
        ({"__op": "u", **_of_source(commit_lsn="00000027:00000758:0005")}, Revision()),
        (
            {"__op": "u", **_of_source(**ORACLE)},
            Revision(Position("scn", (361_326_981, 0x37B0, 0x19521D, 0x10, 3))),
        ),
    ],
)
def test_the_added_fields_order_the_change(added: dict[str, object], revision: Revision) -> None:
    """A position counts where the row tells a change from a snapshot, and two changes apart."""
    assert one(_decode(_row(**added)), LeadUpsert).revision == revision


@pytest.mark.parametrize(
    ("headers", "revision"),
    [
        ((("__op", b"u"), ("__source_lsn", b"5")), Revision(Position("lsn", (5,)))),
        ((("__op", b"r"), ("__source_lsn", b"5")), SNAPSHOT),
        ((("__op", b'"r"'), ("__source_lsn", b"5")), NO_REVISION),
        ((("__source_lsn", b"5"),), NO_REVISION),
        ((("__op", None), ("__source_snapshot", b"\xff")), SNAPSHOT),
    ],
)
def test_added_headers_do_as_well(headers: Headers, revision: Revision) -> None:
    """`add.headers` has the same names; a field of the row counts more."""
    assert one(_decode(_row(), headers=headers), LeadUpsert).revision == revision
    assert one(_decode(_row(**ADDED), headers=headers), LeadUpsert).revision == STREAMED


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"ts_ms": 1}, "heartbeat"),
        ({"status": "BEGIN", "id": "1:2", "event_count": None, "ts_ms": 1}, "transaction"),
        ({"source": source_block(), "ddl": "ALTER …", "tableChanges": []}, "schema change"),
        (envelope("t"), "truncate"),
        ({"op": "m", "source": source_block(), "message": {"prefix": "crm"}}, "logical message"),
        ({"phone": MOBILE, "__op": "c", "__deleted": "false"}, "another table"),
        ({"id": "x", "type": "execute-snapshot"}, "another table"),
    ],
)
def test_what_is_no_row_of_the_table_is_recognised(value: object, why: str) -> None:
    """The transformation lets it pass as it is; it has no lead, and is no error."""
    nothing = no_change(_decode(value, {"id": "1"}))
    assert why in nothing.why
    assert nothing.key is None


def test_a_transaction_marker_is_no_lead_where_the_lead_id_is_called_id() -> None:
    """Nor is a row one that has columns of a marker among others."""
    decoder = Decoder(replace(DEBEZIUM_FLAT, lead_id="id"))
    marker = {"status": "BEGIN", "id": "7:9", "event_count": None, "data_collections": None}
    row = marker | {"id": "L-1", "phone_mobile": MOBILE}
    assert no_change(decoder.decode(a_record(marker | {"ts_ms": 1}), "t")).key is None
    assert one(decoder.decode(a_record(row), "t"), LeadUpsert).lead == "L-1"


@pytest.mark.parametrize("value", [b"null", [], b"7", envelope("c", {"lead_id": "L-1"})])
def test_what_is_not_flattened_is_undecodable(value: object) -> None:
    """An envelope that is still there would hide its opt-outs: it is refused under its key."""
    unreadable = refused(_decode(value))
    assert (unreadable.reason, unreadable.stage) == (Reason.UNDECODABLE, Stage.DECODE)
    assert unreadable.lead == "L-1"


def test_a_row_with_an_empty_lead_id_is_refused() -> None:
    """It is of the table, but names nobody."""
    assert refused(_decode({"lead_id": None})).reason is Reason.LEAD_ID_MISSING
    assert refused(DECODER.decode(a_record(None), "t")).reason is Reason.LEAD_ID_MISSING


def test_a_row_can_have_columns_of_an_envelope() -> None:
    """A struct column `source` beside a text `op` is a row, as long as it has the lead id."""
    record: Record = a_record(_row(op="c", source={"campaign": "fall"}, status="New"))
    assert one(DECODER.decode(record, "t"), LeadUpsert).row.fields == {"status": "New"}
