"""Read Debezium's envelope: `before`, `after`, `op` and `source` around a row.

A consumer of a connector's topics also gets what is no row: heartbeats, transaction markers,
schema changes, logical messages, truncates, and rows of other tables (cdc-real.md section 4).
"""

from collections.abc import Mapping

from connector.cdc.cells import Struct
from connector.cdc.lead_ids import key_changed, lead_in, lead_in_key, moved_to
from connector.cdc.positions import revision_of
from connector.cdc.sighting import LeadGone, RowSeen, Sighting, Unrelated
from connector.cdc.source import SourceSpec
from connector.cdc.wire import Datum, Reader, UndecodableError
from connector.domain.ids import LeadId
from connector.domain.record import Headers, Record
from connector.domain.revision import Revision

_ROWS = frozenset({"c", "u", "r"})
NO_ROWS: Mapping[str, str] = {"t": "truncate", "m": "logical message"}
"""Values of `op` that tell of no row → what they are."""
OPS = _ROWS | {"d"} | NO_ROWS.keys()
"""All values of `op`."""
TRANSACTION_MARKER = frozenset({"status", "id", "event_count", "data_collections", "ts_ms"})
"""Fields of a record that marks the begin or end of a transaction."""
OTHER_TABLE = Unrelated("row of another table: it lacks the fields of this source")
_HEARTBEAT = frozenset({"ts_ms", "ts_us", "ts_ns"})
_TOMBSTONE = "tombstone: the delete before it says it all"


class DebeziumEnvelope:
    """The format that a Debezium connector writes without a transformation."""

    __slots__ = ("_lead_id", "_row_marks")

    def __init__(self, spec: SourceSpec) -> None:
        self._lead_id = spec.lead_id
        self._row_marks = spec.row_marks

    def sight(self, record: Record, read: Reader) -> Sighting:
        """Find the row, that it is gone, or what else the record is.

        Raises:
            UndecodableError: the value is nothing that Debezium writes.
            InexactError: the lead id was read as a double.
        """
        datum = None if record.value is None else read(record.value)
        if datum is None or (datum.value is None and datum.wrapped):
            return Unrelated(_TOMBSTONE, self.key_lead(record, read))
        if not isinstance(datum.value, dict):
            raise UndecodableError("not a Debezium envelope: the value has no fields")
        op, source = datum.value.get("op"), datum.value.get("source")
        # A row can have a column named `source`: only a struct of that name makes an envelope.
        if isinstance(op, str) and isinstance(source, dict):
            return self._changed(record, datum, read, op, revision_of(source, op))
        found = marker(datum.value)
        if found is None:
            raise UndecodableError(
                "not a Debezium envelope: if the rows are flattened, set envelope = debezium-flat"
            )
        return found

    def key_lead(self, record: Record, read: Reader) -> LeadId | None:
        """Return the lead that the key names; a key without the field is of another table."""
        return lead_in_key(record.key, self._lead_id, read, bare=False)

    def _changed(
        self, record: Record, datum: Datum, read: Reader, op: str, revision: Revision
    ) -> Sighting:
        if op in _ROWS:
            return self._row(datum, op, revision)
        if op == "d":
            return self._deleted(record, read, datum.member("before").struct(), revision)
        if op in NO_ROWS:
            return Unrelated(NO_ROWS[op])
        raise UndecodableError("an op that this connector does not know: is Debezium newer?")

    def _row(self, datum: Datum, op: str, revision: Revision) -> Sighting:
        after = datum.member("after").struct()
        if after is None:
            raise UndecodableError("a Debezium envelope without its row: after is null")
        if self._row_marks.isdisjoint(after.values):
            return OTHER_TABLE
        before = datum.member("before").struct() if op == "u" else None
        return RowSeen(after, revision, before)

    def _deleted(
        self, record: Record, read: Reader, before: Struct | None, revision: Revision
    ) -> Sighting:
        """Take nothing but the id, and rather from the key: where the database logs the key
        alone, all else in `before` is null or a column's default (cdc-real.md section 4).
        """
        lead = self.key_lead(record, read)
        if lead is None and before is not None:
            lead = lead_in(before, self._lead_id)
        if lead is None and (before is None or self._lead_id not in before.values):
            return OTHER_TABLE
        return gone(lead, revision, record.headers, self._lead_id)


def gone(lead: LeadId | None, revision: Revision, headers: Headers, name: str) -> Sighting:
    """Return what the deletion of a row says: the lead is gone, or goes on under another id.

    `headers` are its record's, *name* is the lead-id field.
    """
    if not key_changed(headers):
        return LeadGone(lead, revision)
    became = moved_to(headers, name)
    if lead is not None and became == lead:
        return Unrelated("the key changed, the lead did not", lead)
    return LeadGone(lead, revision, moved_to=became)


def marker(value: Mapping[str, object]) -> Unrelated | None:
    """Recognise what a connector writes beside changes of rows, None where it is none of that."""
    if value.keys() <= _HEARTBEAT and "ts_ms" in value:
        return Unrelated("heartbeat")
    if value.get("status") in ("BEGIN", "END") and "id" in value and "event_count" in value:
        return Unrelated("transaction marker")
    if isinstance(value.get("source"), dict) and ("ddl" in value or "tableChanges" in value):
        return Unrelated("schema change")
    return None
