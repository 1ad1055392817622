"""How the source block becomes a revision."""

import pytest

from connector.cdc.positions import revision_of
from connector.domain.belief import Mark
from connector.domain.origin import Origin
from connector.domain.revision import Position, Revision
from connector.planning.order import Order, order
from tests.support.records import COMMITTED, source_block

_BINLOG = {
    "connector": "mariadb",
    "ts_ms": 1_795_488_349_000,
    "snapshot": "false",
    "server_id": 223344,
    "gtid": "0-223344-7",
    "file": "mysql-bin.000001",
    "pos": 4890,
    "row": 2,
}
_SQL_SERVER = {
    "ts_ms": 5,
    "snapshot": "false",
    "change_lsn": "00000027:00000758:0003",
    "commit_lsn": "00000027:00000758:0005",
    "event_serial_no": 2,
}
_ORACLE = {
    "ts_ms": 1_745_046_563_000,
    "snapshot": "false",
    "txId": "05000e00defe0000",
    "scn": "361326981",
    "commit_scn": "361326982",
    "lcr_position": None,
    "rs_id": "0x0037b0.0019521d.0010",
    "ssn": 3,
    "redo_thread": 1,
}
_NO_GTID = _BINLOG | {"gtid": None}
_UUID = "24bc7850-2c16-11e6-a073-0242ac110002"
_REDO = (0x37B0, 0x19521D, 0x10)


@pytest.mark.parametrize(
    ("source", "position"),
    [
        (source_block(), Position("lsn", (26_458_288,))),
        (_BINLOG, Position("gtid:0-223344", (7, 4890, 2))),
        (_BINLOG | {"gtid": f"{_UUID}:17"}, Position(f"gtid:{_UUID}", (17, 4890, 2))),
        (_BINLOG | {"gtid": f"{_UUID}:blue:17"}, Position(f"gtid:{_UUID}:blue", (17, 4890, 2))),
        (_NO_GTID, Position("binlog:223344", (1, 4890, 2))),
        (_BINLOG | {"gtid": "many"}, Position("binlog:223344", (1, 4890, 2))),
        (_BINLOG | {"gtid": "x" * 200 + ":1"}, Position("binlog:223344", (1, 4890, 2))),
        (_NO_GTID | {"file": "binlog"}, None),
        (_BINLOG | {"pos": None}, None),
        (_BINLOG | {"row": None}, None),
        (_SQL_SERVER, Position("commit_lsn", (0x27, 0x758, 5, 0x27, 0x758, 3, 2))),
        (_SQL_SERVER | {"change_lsn": None}, None),
        (_SQL_SERVER | {"event_serial_no": None}, None),
        (_SQL_SERVER | {"commit_lsn": "NULL"}, None),
        (_ORACLE, Position("scn", (361_326_981, *_REDO, 3))),
        (
            _ORACLE | {"rs_id": " 0x0037b0.0019521d.0010 "},
            Position("scn", (361_326_981, *_REDO, 3)),
        ),
        (_ORACLE | {"rs_id": None}, None),
        (_ORACLE | {"ssn": None}, None),
        (_ORACLE | {"scn": "many"}, None),
        ({"ts_ms": 5}, None),
        (source_block(lsn=2**70), None),
        (source_block(lsn=True), None),
    ],
)
def test_each_database_has_its_position(
    source: dict[str, object], position: Position | None
) -> None:
    """The position is that of the row change in its own log, or none."""
    assert revision_of(source, "u").position == position


def test_the_commit_time_is_in_milliseconds() -> None:
    """Microseconds are preferred and cut; without them the milliseconds serve."""
    assert revision_of(source_block(), "c").commit_time == COMMITTED
    assert revision_of({"ts_ms": 7}, "c").commit_time == 7
    assert revision_of({"ts_ms": "soon"}, "c").commit_time is None


@pytest.mark.parametrize(
    "snapshot",
    [
        "true",
        "first",
        "first_in_data_collection",
        "last_in_data_collection",
        "last",
        "incremental",
    ],
)
def test_a_snapshot_row_has_neither_position_nor_time(snapshot: str) -> None:
    """Whatever the marker, a row that was read is a state and no change."""
    assert revision_of(source_block(snapshot=snapshot), "r") == Revision(snapshot=True)
    assert revision_of(source_block(snapshot=snapshot), "c") == Revision(snapshot=True)
    assert revision_of(source_block(snapshot="false"), "r") == Revision(snapshot=True)


@pytest.mark.parametrize("snapshot", ["false", None, False, ""])
def test_a_streamed_change_is_no_snapshot(snapshot: object) -> None:
    """The marker of streamed changes is a text, null, or missing."""
    assert not revision_of(source_block(snapshot=snapshot), "u").snapshot


def test_positions_rise_where_the_log_goes_on() -> None:
    """A rotated binlog starts at a low place in a higher file."""
    before = revision_of(_NO_GTID | {"pos": 900_000}, "u").position
    after = revision_of(_NO_GTID | {"file": "mysql-bin.000002", "pos": 599}, "u").position
    assert before is not None
    assert after is not None
    assert after.at > before.at


def test_a_transaction_is_known_again_on_another_server() -> None:
    """Its number stays; a later one is newer there, though it stands in a lower file."""
    there = _BINLOG | {"file": "replica-bin.000001", "pos": 120}
    before = revision_of(_BINLOG | {"file": "mysql-bin.000009"}, "u")
    again, later = revision_of(there, "u"), revision_of(there | {"gtid": "0-223344-8"}, "u")
    assert order(_AT, again, _marked(before)) is Order.OLDER
    assert order(_AT, later, _marked(before)) is Order.NEWER
    other = revision_of(there | {"gtid": "0-55-8", "server_id": 55}, "u")
    assert order(_AT, other, _marked(before)) is Order.NEWER


def test_a_key_change_in_sql_server_is_two_changes() -> None:
    """Both halves share commit and change, the serial number tells them apart."""
    left, came = (revision_of(_SQL_SERVER | {"event_serial_no": n}, "u") for n in (1, 2))
    assert order(_AT, came, _marked(left)) is Order.NEWER


_AT = Origin("default", "crm", "t", 0, 8, 0)


def _marked(revision: Revision) -> tuple[Mark, ...]:
    return (Mark("t", 0, 7, revision),)
