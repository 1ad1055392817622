"""Read Salesforce's change events: Change Data Capture as its bridges leave it in Kafka.

An update names what changed; null and absence say nothing by themselves (salesforce-cdc.md
section 1). One event can name several leads.
"""

from collections.abc import Iterable

from connector.cdc.cells import Struct, text_of
from connector.cdc.flat import LONGEST_REVISION
from connector.cdc.lead_ids import lead_in
from connector.cdc.lead_rows import Fault
from connector.cdc.salesforce_bitmaps import ForeignSchemaError, is_bitmap, named_by
from connector.cdc.salesforce_body import EventBody, unwrapped
from connector.cdc.salesforce_header import EventHeader, header_beside, header_in
from connector.cdc.salesforce_names import own_name
from connector.cdc.sighting import LeadGone, Refused, RowSeen, Sighting, Unrelated
from connector.cdc.source import SourceSpec
from connector.cdc.wire import Datum, Reader, UndecodableError
from connector.domain.ids import LeadId
from connector.domain.reason import Reason, Stage
from connector.domain.record import Record
from connector.domain.revision import NO_REVISION, Revision

_OBJECT = "Lead"
_GAPS = frozenset({"GAP_CREATE", "GAP_UPDATE", "GAP_DELETE", "GAP_UNDELETE"})
_OTHER_OBJECT = Unrelated("change of another object")
_TOMBSTONE = Unrelated("tombstone: the change before it says it all")
_READ = "read these leads in Salesforce and bring contacts and opt-outs up to date by hand"
_HEADLESS = (
    "no ChangeEventHeader, and no Kafka headers that say id, type and changed fields: see how the "
    "bridge is set up (docs/sources.md has the layouts that can be read)"
)


class SalesforceEnvelope:
    """The format of Salesforce's change events in every layout that can be read.

    Fields may be spelled in the settings as the object or as the event has them.
    """

    __slots__ = ("_fields", "_flags", "_lead_id", "_mapped", "_revision")

    def __init__(self, spec: SourceSpec) -> None:
        self._fields = {name: own_name(name) for name in spec.read_fields}
        self._mapped = tuple(own_name(name) for name in spec.mapped_fields)
        rest = spec.mapped_fields | spec.named | spec.quarantine.keys()
        self._flags = spec.opt_out.keys() - rest
        self._lead_id = own_name(spec.lead_id)
        self._revision = None if spec.revision is None else own_name(spec.revision)

    def sight(self, record: Record, read: Reader) -> Sighting:
        """Find what happened to which leads.

        Raises:
            UndecodableError: the value is no struct.
        """
        datum = Datum(None, wrapped=True) if record.value is None else read(record.value)
        if datum.value is None and datum.wrapped:
            datum = Datum({})
        datum = unwrapped(datum)
        value = datum.value
        if not isinstance(value, dict):
            raise UndecodableError("not a change event: the value is no struct")
        header = header_in(value) or header_beside(record, value, read)
        if header is None:
            if not value:
                return _TOMBSTONE
            row = self._filled(EventBody(datum))
            return _unsupported(_HEADLESS, (), NO_REVISION, row)
        if header.entity and header.entity != _OBJECT:
            return _OTHER_OBJECT
        return self._event(header, EventBody(datum))

    def key_lead(self, record: Record, read: Reader) -> LeadId | None:  # noqa: ARG002 - see there
        """Return None: a key is the bridge's choice, and can be that of another lead."""
        return None

    def _event(self, header: EventHeader, body: EventBody) -> Sighting:
        leads, revision = self._leads(header, body), self._revision_of(header, body)
        unfollowed = _unfollowed(header)
        if unfollowed is not None:
            return Refused(unfollowed, Stage.VALIDATE, leads, revision)
        if not header.entity or header.damaged or not header.ids:
            text = "the header names no object or no record id"
            return _unsupported(text, leads, revision, self._filled(body))
        match header.kind:
            case "CREATE" | "UNDELETE":
                return self._whole(header, body, leads, revision)
            case "UPDATE":
                return self._update(header, body, leads, revision)
            case "DELETE":
                return LeadGone(next(iter(leads), None), revision, also=leads[1:])
            case _:
                text = "a changeType that this connector does not know"
                return _unsupported(text, leads, revision, self._filled(body))

    def _whole(
        self, header: EventHeader, body: EventBody, leads: tuple[LeadId, ...], revision: Revision
    ) -> Sighting:
        row = Struct({name: body.value(own) for name, own in self._fields.items()})
        if header.kind == "UNDELETE" and not any(body.value(own) for own in self._mapped):
            fault = Fault(Reason.GAP, f"a lead came back without its fields: {_READ}")
            return Refused(fault, Stage.VALIDATE, leads, revision, row)
        return _without_differences(RowSeen(row, revision, leads=leads), body.diffed)

    def _update(
        self, header: EventHeader, body: EventBody, leads: tuple[LeadId, ...], revision: Revision
    ) -> Sighting:
        try:
            named, diffed = self._named(header, body)
        except ForeignSchemaError as error:
            return _unsupported(str(error), leads, revision, self._filled(body))
        except UndecodableError as error:
            fault = Fault(Reason.UNDECODABLE, str(error))
            return Refused(fault, Stage.DECODE, leads, revision, self._filled(body))
        row = {name: body.value(own) for name, own in self._fields.items() if own in named}
        for flag in self._flags & row.keys():
            if row[flag] is None:  # it may be hidden from the bridge's user: no re-consent
                del row[flag]
        seen = RowSeen(Struct(row), revision, leads=leads, whole=False)
        return _without_differences(seen, {n for n, own in self._fields.items() if own in diffed})

    def _named(
        self, header: EventHeader, body: EventBody
    ) -> tuple[frozenset[str], frozenset[str]]:
        """Return the own names of the fields that changed, and of those told as a difference.

        Raises:
            ForeignSchemaError: nobody can say which fields are meant.
            UndecodableError: the schema is not that of the record.
        """
        if header.changed is None:
            raise ForeignSchemaError("an update that does not say which fields changed")
        entries, diffed = (*header.changed, *header.nulled), header.diffed
        if any(is_bitmap(each) for each in (*entries, *diffed)):
            if body.shape is not None:
                entries = tuple(named_by(entries, body.shape))
                diffed = tuple(named_by(diffed, body.shape))
            elif header.nulled or diffed:
                raise ForeignSchemaError(
                    "changed fields are bitmaps, fields were set to null, and no schema says which"
                )
            else:
                filled = self._filled(body).values
                return frozenset(self._fields[name] for name in filled), frozenset(body.diffed)
        return _own_names(entries, body), _own_names(diffed, body) | body.diffed

    def _filled(self, body: EventBody) -> Struct:
        """Return the fields that have a value, whether they changed or not."""
        found = {name: body.value(own) for name, own in self._fields.items()}
        return Struct({name: value for name, value in found.items() if value is not None})

    def _leads(self, header: EventHeader, body: EventBody) -> tuple[LeadId, ...]:
        """Return the leads that the event names: record ids, or the field of the settings.

        The field may be an enriched one. Of several records it is that of nobody knows which.
        """
        if not self._lead_id:
            return tuple(LeadId(each) for each in header.ids)
        value = body.value(self._lead_id)
        lead = lead_in(Struct({self._lead_id: value}), self._lead_id)
        return () if lead is None or len(header.ids) > 1 else (lead,)

    def _revision_of(self, header: EventHeader, body: EventBody) -> Revision:
        if self._revision is None:
            return header.revision
        value = body.value(self._revision)
        text = None if value is None else text_of(value)
        if not text or len(text) > LONGEST_REVISION:
            return NO_REVISION
        return Revision(commit_time=header.revision.commit_time, named=text)


def _unfollowed(header: EventHeader) -> Fault | None:
    """Return why an event that tells of a change does not tell the change."""
    if header.kind == "GAP_OVERFLOW":
        return Fault(
            Reason.OVERFLOW,
            "more changed at once than Salesforce tells: compare all leads by hand",
        )
    if header.wildcard:
        return Fault(
            Reason.WILDCARD, "all leads changed, and none is named: compare them all by hand"
        )
    if header.kind in _GAPS:
        return Fault(Reason.GAP, f"Salesforce says that something changed, not what: {_READ}")
    return None


def _unsupported(text: str, leads: tuple[LeadId, ...], revision: Revision, row: Struct) -> Refused:
    return Refused(Fault(Reason.UNSUPPORTED_LAYOUT, text), Stage.DECODE, leads, revision, row)


def _without_differences(seen: RowSeen, diffed: Iterable[str]) -> Sighting:
    """Return *seen*, refused where a field of it holds a difference in place of its text."""
    bad = sorted(seen.row.values.keys() & set(diffed))
    if not bad:
        return seen
    rest = {name: value for name, value in seen.row.values.items() if name not in bad}
    text = f"{', '.join(bad)}: sent as a difference, not as text: {_READ}"
    fault = Fault(Reason.GAP, text)
    return Refused(fault, Stage.VALIDATE, seen.leads or (), seen.revision, Struct(rest))


def _own_names(paths: Iterable[str], body: EventBody) -> frozenset[str]:
    """Return the own names of fields, and of all that a compound named by itself stands for."""
    found: set[str] = set()
    for path in paths:
        found.add(own_name(path))
        if "." not in path:
            found |= body.covered(path)
    return frozenset(found)
