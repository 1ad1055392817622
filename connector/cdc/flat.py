"""Read flat records: the value is the row as it is now, a null value a row that is gone."""

from connector.cdc.cells import Struct
from connector.cdc.lead_ids import key_changed, lead_in_key
from connector.cdc.sighting import LeadGone, RowSeen, Sighting, Unrelated
from connector.cdc.source import SourceSpec
from connector.cdc.wire import Reader, UndecodableError
from connector.domain.ids import LeadId
from connector.domain.record import Record
from connector.domain.revision import NO_REVISION, Revision

LONGEST_REVISION = 512
"""Characters of a named revision, which stands in outcomes and in the state; a longer one is none,
so that the record counts as newer (rule 5).
"""


class FlatEnvelope:
    """The format of a source whose records are rows. The key names the lead of a tombstone: the
    id by itself, as text or JSON, or a struct with the lead-id field.
    """

    __slots__ = ("_lead_id", "_revision")

    def __init__(self, spec: SourceSpec) -> None:
        self._lead_id = spec.lead_id
        self._revision = spec.revision

    def sight(self, record: Record, read: Reader) -> Sighting:
        """Find the row, or that it is gone.

        Raises:
            UndecodableError: the value is no row.
            InexactError: the revision was read as a double.
        """
        datum = None if record.value is None else read(record.value)
        if datum is None or (datum.value is None and datum.wrapped):
            return self._tombstone(record, read)
        row = datum.struct()
        if row is None:
            raise UndecodableError("not a row: the value has no fields")
        return RowSeen(row, self._revision_of(row))

    def key_lead(self, record: Record, read: Reader) -> LeadId | None:
        """Return the lead that the key names."""
        return lead_in_key(record.key, self._lead_id, read, bare=True)

    def _tombstone(self, record: Record, read: Reader) -> Sighting:
        lead = self.key_lead(record, read)
        if key_changed(record.headers):
            return Unrelated("tombstone of a changed key", lead)
        return LeadGone(lead, NO_REVISION, tombstone=True)

    def _revision_of(self, row: Struct) -> Revision:
        if self._revision is None:
            return NO_REVISION
        text = row.text(self._revision)
        return Revision(named=text if text and len(text) <= LONGEST_REVISION else None)
