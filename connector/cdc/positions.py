"""Read the order of a change out of Debezium's `source` block.

Positions only tell repeats from changes; Kafka's offset is the order (design.md section 4). What
is said here of PostgreSQL and MariaDB was measured (cdc-real.md section 5), the rest is from
Debezium's documentation.
"""

import re
from collections.abc import Mapping

from connector.domain.revision import Position, Revision

Block = Mapping[str, object]

_NOT_SNAPSHOT = frozenset({None, "", "false", False})
"""Else it is `true`, `first`, `last`, `incremental`, … and the row is a state, not a change."""
_FILE_NUMBER = re.compile(r"[0-9]{1,18}$", re.ASCII)
_LARGEST = 2**63 - 1
"""What our own topics and every database hold; more is no position."""
_LSN_PARTS = 3
"""SQL Server's `00000027:00000758:0005`: log file, block, slot."""


def revision_of(source: Block, op: str) -> Revision:
    """Return position and commit time of a streamed change; a snapshot row has neither."""
    snapshot = source.get("snapshot")
    if op == "r" or not (isinstance(snapshot, str | bool | None) and snapshot in _NOT_SNAPSHOT):
        return Revision(snapshot=True)
    return Revision(_position(source), _commit_time(source))


def _commit_time(source: Block) -> int | None:
    """Return when the database committed, in ms; MariaDB tells whole seconds only."""
    micros = _integer(source.get("ts_us"))
    return _integer(source.get("ts_ms")) if micros is None else micros // 1_000


def _position(source: Block) -> Position | None:
    lsn = _integer(source.get("lsn"))
    if lsn is not None:
        return Position("lsn", (lsn,))
    if "file" in source:
        return _binlog(source)
    if "commit_lsn" in source:
        return _sql_server(source)
    return _oracle(source) if "scn" in source else None


def _binlog(source: Block) -> Position | None:
    """Return file number, position and row, which start again on another server.

    So the server is part of the kind: after a failover nothing is compared with the old log, and
    nothing is taken for old because of it.
    """
    file, at = source.get("file"), _integer(source.get("pos"))
    number = _FILE_NUMBER.search(file) if isinstance(file, str) else None
    if number is None or at is None:
        return None
    server = _integer(source.get("server_id")) or 0
    row = _integer(source.get("row")) or 0
    return Position(f"binlog:{server}", (int(number[0]), at, row))


def _sql_server(source: Block) -> Position | None:
    """Return commit, change and serial number: two changes of a row can share the commit's."""
    commit = _hex_parts(source.get("commit_lsn"))
    change = _hex_parts(source.get("change_lsn"))
    if len(commit) != _LSN_PARTS:
        return None
    change = change if len(change) == _LSN_PARTS else (0,) * _LSN_PARTS
    serial = _integer(source.get("event_serial_no")) or 0
    return Position("commit_lsn", (*commit, *change, serial))


def _oracle(source: Block) -> Position | None:
    """Return the change number and its place in the redo log: two changes can share the number."""
    scn = _integer(source.get("scn"))
    if scn is None:
        return None
    text = source.get("rs_id")
    redo = _hex_parts(text.strip(), ".") if isinstance(text, str) else ()
    place = redo if len(redo) == _LSN_PARTS else (0,) * _LSN_PARTS
    return Position("scn", (scn, *place, _integer(source.get("ssn")) or 0))


def _hex_parts(text: object, separator: str = ":") -> tuple[int, ...]:
    if not isinstance(text, str):
        return ()
    try:
        parts = tuple(int(part, 16) for part in text.split(separator))
    except ValueError:
        return ()
    return parts if all(0 <= part <= _LARGEST for part in parts) else ()


def _integer(value: object) -> int | None:
    """Return an integer that may be written as text, as Oracle's change number is."""
    if isinstance(value, str) and len(value) < len(str(_LARGEST)) and value.isascii():
        value = int(value) if value.isdigit() else None
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if abs(value) <= _LARGEST else None
