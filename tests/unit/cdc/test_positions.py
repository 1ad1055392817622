"""How the source block becomes a revision."""

import pytest

from connector.cdc.positions import revision_of
from connector.domain.revision import Position, Revision
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
_ORACLE = {"ts_ms": 5, "snapshot": "false", "scn": "2868546", "ssn": 3}


@pytest.mark.parametrize(
    ("source", "position"),
    [
        (source_block(), Position("lsn", (26_458_288,))),
        (_BINLOG, Position("binlog:223344", (1, 4890, 2))),
        (_BINLOG | {"file": "binlog", "row": None}, None),
        (_BINLOG | {"pos": None}, None),
        (_SQL_SERVER, Position("commit_lsn", (0x27, 0x758, 5, 0x27, 0x758, 3, 2))),
        (_SQL_SERVER | {"change_lsn": None}, Position("commit_lsn", (0x27, 0x758, 5, 0, 0, 0, 2))),
        (_SQL_SERVER | {"commit_lsn": "NULL"}, None),
        (_ORACLE, Position("scn", (2_868_546, 0, 0, 0, 3))),
        (
            _ORACLE | {"rs_id": " 0x00012d.00001b3a.0010 "},
            Position("scn", (2_868_546, 0x12D, 0x1B3A, 0x10, 3)),
        ),
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
    before = revision_of(_BINLOG | {"pos": 900_000}, "u").position
    after = revision_of(_BINLOG | {"file": "mysql-bin.000002", "pos": 599}, "u").position
    assert before is not None
    assert after is not None
    assert after.at > before.at
