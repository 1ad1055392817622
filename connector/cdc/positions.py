"""Read the order of a change out of Debezium's `source` block.

Positions only tell repeats from changes; Kafka's offset is the order (design.md section 4). One
that cannot tell two changes of a transaction apart is none, for the second would be taken for a
repeat: a flattened row may carry a part of the block only. What is said here of PostgreSQL and
MariaDB was measured (cdc-real.md section 5), the rest is from Debezium's documentation.
"""

import re
from collections.abc import Mapping

from connector.domain.revision import Position, Revision

Block = Mapping[str, object]

_NOT_SNAPSHOT = frozenset({None, "", "false", False})
"""Else it is `true`, `first`, `last`, `incremental`, … and the row is a state, not a change."""
_FILE_NUMBER = re.compile(r"[0-9]{1,18}$", re.ASCII)
_GTID = re.compile(r"([0-9A-Za-z_:-]{1,100})[:-]([0-9]{1,18})", re.ASCII)
"""MariaDB's `domain-server-number`, MySQL's `uuid:number` and `uuid:tag:number`."""
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
    if "file" in source or "gtid" in source:
        return _binlog(source)
    if "commit_lsn" in source:
        return _sql_server(source)
    return _oracle(source) if "scn" in source else None


def _binlog(source: Block) -> Position | None:
    """Return the transaction's number and the place in it; without numbers, the place in the log.

    A transaction keeps its number when another server takes over, file and position do not. The
    numbers of one server rise, so the kind names who wrote it: the number without its end. Without
    numbers the kind is the server that wrote it; the files are those of the server that is read.
    """
    at, row = _integer(source.get("pos")), _integer(source.get("row"))
    if at is None or row is None:
        return None
    gtid, file = source.get("gtid"), source.get("file")
    numbered = _GTID.fullmatch(gtid) if isinstance(gtid, str) else None
    if numbered is not None:
        return Position(f"gtid:{numbered[1]}", (int(numbered[2]), at, row))
    number = _FILE_NUMBER.search(file) if isinstance(file, str) else None
    if number is None:
        return None
    return Position(f"binlog:{_integer(source.get('server_id')) or 0}", (int(number[0]), at, row))


def _sql_server(source: Block) -> Position | None:
    """Return commit, change and serial number: two changes of a row can share the commit's, and
    both halves of a key change the change's.
    """
    commit = _hex_parts(source.get("commit_lsn"))
    change = _hex_parts(source.get("change_lsn"))
    serial = _integer(source.get("event_serial_no"))
    if len(commit) != _LSN_PARTS or len(change) != _LSN_PARTS or serial is None:
        return None
    return Position("commit_lsn", (*commit, *change, serial))


def _oracle(source: Block) -> Position | None:
    """Return the change number and its place in the redo log: two changes can share the number.

    LogMiner tells all of it; the other adapters tell no place, so theirs is none.
    """
    scn, ssn, text = _integer(source.get("scn")), _integer(source.get("ssn")), source.get("rs_id")
    redo = _hex_parts(text.strip(), ".") if isinstance(text, str) else ()
    if scn is None or ssn is None or len(redo) != _LSN_PARTS:
        return None
    return Position("scn", (scn, *redo, ssn))


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
