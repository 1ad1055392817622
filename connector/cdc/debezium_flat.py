"""Read what Debezium's ExtractNewRecordState leaves of its envelope: the row, and what it adds.

`add.fields` writes `op` as `__op`, `source.lsn` as `__source_lsn` and `lsn` as `__lsn`;
`add.headers` writes headers of the same names. A row can come without any of them. Heartbeats,
transaction markers and logical messages pass the transformation as they were (cdc-real.md
section 4).
"""

from collections.abc import Mapping

from connector.cdc.cells import Struct
from connector.cdc.debezium import (
    NO_ROWS,
    OPS,
    OTHER_TABLE,
    TRANSACTION_MARKER,
    gone,
    marker,
)
from connector.cdc.lead_ids import key_changed, lead_in, lead_in_key
from connector.cdc.positions import revision_of
from connector.cdc.sighting import LeadGone, RowSeen, Sighting, Unrelated
from connector.cdc.source import SourceSpec
from connector.cdc.wire import Reader, UndecodableError
from connector.domain.ids import LeadId
from connector.domain.record import Headers, Record
from connector.domain.revision import NO_REVISION, Revision

_ADDED = "__"
_OF_SOURCE = "source_"
_NOT_OF_SOURCE = frozenset({"ts_ms", "ts_us", "ts_ns"})
"""Without `source.` in `add.fields` these are the times when the connector saw the change."""


class DebeziumFlatEnvelope:
    """The format of a Debezium connector with the transformation ExtractNewRecordState."""

    __slots__ = ("_lead_id", "_row_marks")

    def __init__(self, spec: SourceSpec) -> None:
        self._lead_id = spec.lead_id
        self._row_marks = spec.row_marks

    def sight(self, record: Record, read: Reader) -> Sighting:
        """Find the row, that it is gone, or what else the record is.

        Raises:
            UndecodableError: the value is nothing that the transformation leaves.
            InexactError: the lead id was read as a double.
        """
        datum = None if record.value is None else read(record.value)
        if datum is None or (datum.value is None and datum.wrapped):
            return self._tombstone(record, read)
        row = datum.struct()
        if row is None:
            raise UndecodableError("not a flattened row: the value is no object")
        return self._passed_through(row) or self._row(record, read, row)

    def key_lead(self, record: Record, read: Reader) -> LeadId | None:
        """Return the lead that the key names, as a struct or by itself."""
        return lead_in_key(record.key, self._lead_id, read, bare=True)

    def _passed_through(self, row: Struct) -> Unrelated | None:
        """Recognise what was not flattened: it lacks the fields of this source. Where one is `id`,
        which a transaction marker has too, the marker's own fields tell it from a row.
        """
        if self._is_row(row) and not row.values.keys() <= TRANSACTION_MARKER:
            return None
        op, source = row.values.get("op"), row.values.get("source")
        if isinstance(op, str) and isinstance(source, dict):
            if op in NO_ROWS:
                return Unrelated(NO_ROWS[op])
            raise UndecodableError(
                "a Debezium envelope that is not flattened: set envelope = debezium"
            )
        return marker(row.values)

    def _row(self, record: Record, read: Reader, row: Struct) -> Sighting:
        added = _added(row.values, record.headers)
        if added.get("deleted") in ("true", True) or added.get("op") == "d":
            return self._deleted(record, read, row, _revision(added))
        if not self._is_row(row):
            return OTHER_TABLE
        return RowSeen(row, _revision(added))

    def _is_row(self, row: Struct) -> bool:
        return not self._row_marks.isdisjoint(row.values)

    def _deleted(self, record: Record, read: Reader, row: Struct, revision: Revision) -> Sighting:
        """Take nothing but the id: the row is the one before, or the key and column defaults.

        A key that is one value by itself can be that of another column: the row knows better.
        """
        lead = lead_in_key(record.key, self._lead_id, read, bare=False)
        if lead is None and self._lead_id not in row.values:
            return OTHER_TABLE
        return gone(lead or lead_in(row, self._lead_id), revision, record.headers, self._lead_id)

    def _tombstone(self, record: Record, read: Reader) -> Sighting:
        lead = self.key_lead(record, read)
        if key_changed(record.headers):
            return Unrelated("tombstone of a changed key", lead)
        return LeadGone(lead, NO_REVISION, tombstone=True)


def _added(values: Mapping[str, object], headers: Headers) -> dict[str, object]:
    """Return what the transformation added, by the names in Debezium's envelope.

    A field counts more than a header of the same name, for a header is text.
    """
    added: dict[str, object] = {}
    for name, data in headers:
        if name.startswith(_ADDED):
            added |= _named(name, None if data is None else data.decode(errors="replace"))
    for name, value in values.items():
        if name.startswith(_ADDED):
            added |= _named(name, value)
    return added


def _named(name: str, value: object) -> dict[str, object]:
    name = name.removeprefix(_ADDED)
    if name.startswith(_OF_SOURCE):
        return {name.removeprefix(_OF_SOURCE): value}
    return {} if name in _NOT_OF_SOURCE else {name: value}


def _revision(added: Mapping[str, object]) -> Revision:
    """Return position and commit time only where the row says that it is no snapshot's.

    A snapshot row can have a higher position than the change that follows it (decisions/0003).
    """
    op = added.get("op")
    known = op if isinstance(op, str) and op in OPS else ""
    return revision_of(added, known) if known or "snapshot" in added else NO_REVISION
