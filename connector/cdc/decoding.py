"""Make canonical changes of records.

Whatever the bytes are, a record becomes changes, or is known to say nothing about a lead, or
cannot be read; nothing is raised. Pure: no clock, no I/O.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar, assert_never

from connector.cdc.avro import SchemaLookup, avro_encoding, nothing_known
from connector.cdc.cells import InexactError
from connector.cdc.debezium import DebeziumEnvelope
from connector.cdc.debezium_flat import DebeziumFlatEnvelope
from connector.cdc.flat import FlatEnvelope
from connector.cdc.lead_rows import Fault, LeadRow, LeadRows, unusable
from connector.cdc.number_rows import NumberRows
from connector.cdc.salesforce import SalesforceEnvelope
from connector.cdc.sighting import Envelope, LeadGone, Refused, RowSeen, Sighting, Unrelated
from connector.cdc.source import Role, SourceSpec
from connector.cdc.wire import JSON, Encoding, Reader, SchemaWantedError, UndecodableError
from connector.domain.change import (
    Flaw,
    LeadChange,
    LeadDelete,
    LeadOptOut,
    LeadQuarantine,
    LeadUpsert,
    NumbersOptOut,
)
from connector.domain.ids import LeadId, PhoneNumber
from connector.domain.origin import Origin
from connector.domain.reason import Reason, Stage
from connector.domain.record import Record
from connector.domain.revision import Revision
from connector.planning.digest import Digests

ENVELOPES: Mapping[str, Callable[[SourceSpec], Envelope]] = {
    "flat": FlatEnvelope,
    "debezium": DebeziumEnvelope,
    "debezium-flat": DebeziumFlatEnvelope,
    "salesforce": SalesforceEnvelope,
}
"""Envelope of the settings → its reader."""
ENCODINGS: Mapping[str, Callable[[SchemaLookup], Encoding]] = {
    "json": lambda _schemas: JSON,
    "avro": avro_encoding,
}
"""Encoding of the settings → how it is read with the schemas that are known."""

_ADVICE = {
    Reason.UNDECODABLE: "see its source's encoding",
    Reason.SCHEMA_UNKNOWN: "see whether registry.url is the one that its writer uses",
}
_BROKEN = Flaw(Reason.UNDECODABLE, Stage.DECODE)
_NAMELESS = Flaw(Reason.LEAD_ID_MISSING, Stage.VALIDATE)
_ROLE = "this source tells opt-outs only"
_NOT_NOW = "the source's `when` is not met"
_STAYS = "a row of numbers is gone: what is blocked stays so"
_EMPTY = "a row of numbers without one"
_NO_LEAD = "the lead-id field is missing, empty, no text or integer, or thousands of characters"


@dataclass(frozen=True, slots=True)
class Changes:
    """The record says these, in the order of their outcomes; each of another lead."""

    changes: tuple[LeadChange, ...]


@dataclass(frozen=True, slots=True)
class NotALeadChange:
    """The record is understood and of no use. `key` is the lead id where one can be named.

    `also` are further leads that it names; each has an outcome of its own.
    """

    key: str | None
    why: str
    reason: Reason = Reason.NOT_A_LEAD_CHANGE
    also: tuple[LeadId, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The record cannot become a change; `text` is for people and names no cell's content.

    `opt_out` is what it says all the same: to be honoured, and the one that gives the outcome.
    `also` are further leads that it names; each has an outcome of its own, and the same opt-out.
    """

    reason: Reason
    stage: Stage
    text: str
    lead: LeadId | None = None
    revision: Revision | None = None
    opt_out: LeadOptOut | NumbersOptOut | None = None
    also: tuple[LeadId, ...] = ()

    @property
    def opt_outs(self) -> tuple[LeadOptOut | NumbersOptOut, ...]:
        """Return the opt-outs to be honoured, in the order of their outcomes."""
        return () if self.opt_out is None else _for_each(self.opt_out, self.also)


@dataclass(frozen=True, slots=True)
class SchemaWanted:
    """Nothing can be said before more is known of this schema id: ask, then decode again."""

    schema_id: int


C = TypeVar("C", bound=LeadChange)
Told: TypeAlias = Changes | NotALeadChange | Unreadable
Decoded: TypeAlias = Told | SchemaWanted


class Decoder:
    """Decoder of one source.

    `digests` names numbers without a lead; where it is None, an opt-out without a lead id is
    refused only, and a source of numbers cannot be read. `schemas` tells what is known of the
    schemas that records name by id.
    """

    __slots__ = ("_digests", "_encoding", "_envelope", "_number_rows", "_rows", "_spec")

    def __init__(
        self,
        spec: SourceSpec,
        digests: Digests | None = None,
        schemas: SchemaLookup = nothing_known,
    ) -> None:
        """Build it once.

        Raises:
            ValueError: the envelope or encoding of *spec* is unknown, or there are no *digests*
                for its role.
        """
        if spec.envelope not in ENVELOPES or spec.encoding not in ENCODINGS:
            raise ValueError(
                f"source {spec.name}: cannot read envelope {spec.envelope} as {spec.encoding}; "
                f"envelopes: {', '.join(ENVELOPES)}; encodings: {', '.join(ENCODINGS)}"
            )
        if spec.role is Role.NUMBERS and digests is None:
            raise ValueError(f"source {spec.name}: numbers without a lead need digests")
        self._spec = spec
        self._digests = digests
        self._envelope = ENVELOPES[spec.envelope](spec)
        self._encoding = ENCODINGS[spec.encoding](schemas)
        self._rows = LeadRows(spec)
        self._number_rows = NumberRows(spec) if spec.role is Role.NUMBERS else None

    def decode(self, record: Record, topic_id: str) -> Decoded:
        """Say what *record* of the topic with Kafka's *topic_id* means."""
        origin = Origin(
            self._spec.name,
            record.topic,
            topic_id,
            record.partition,
            record.offset,
            record.timestamp,
        )
        try:
            return self._decoded_or_not(record, origin)
        except SchemaWantedError as wanted:
            return SchemaWanted(wanted.schema_id)

    @property
    def source(self) -> str:
        """Return the name of the source in the settings."""
        return self._spec.name

    def _decoded_or_not(self, record: Record, origin: Origin) -> Decoded:
        try:
            return self._decoded(record, origin)
        except UndecodableError as error:
            return self._undecodable(record, origin, error)

    def _decoded(self, record: Record, origin: Origin) -> Decoded:
        """Decode fast, and once more exactly where a number asks for it."""
        try:
            return self._changes(record, origin, self._encoding.read)
        except InexactError:
            return self._changes(record, origin, self._encoding.read_exactly)

    def _changes(self, record: Record, origin: Origin, read: Reader) -> Decoded:
        seen = self._envelope.sight(record, read)
        if self._number_rows is not None:
            return self._numbers_seen(seen, self._number_rows, origin)
        match seen:
            case RowSeen(leads=leads):
                row = self._rows.read(seen.row, leads, whole=seen.whole)
                decoded = self._row(seen, row, origin)
                return decoded if leads is None else _shared(decoded, leads[1:])
            case LeadGone():
                return self._gone(seen, origin)
            case Refused():
                return self._refused(seen, origin)
            case Unrelated(why=why, lead=lead):
                return NotALeadChange(lead, why)
            case _:
                assert_never(seen)

    def _row(self, seen: RowSeen, row: LeadRow, origin: Origin) -> Decoded:
        if row.opts_out:
            return self._opt_out(seen, row, origin)
        if self._spec.role is Role.OPT_OUTS:
            return NotALeadChange(row.lead, _ROLE)
        if row.lead is None:
            return _no_lead(seen.revision)
        if row.fault is not None:
            return _refused(row.lead, row.fault, seen.revision)
        kind = LeadQuarantine if row.quarantined else LeadUpsert
        change = kind(row.lead, origin, seen.revision, row.row)
        return Changes(_numbered((change, *self._left(seen, row.lead, origin))))

    def _opt_out(self, seen: RowSeen, row: LeadRow, origin: Origin) -> Decoded:
        """Honour it, whatever else is wrong with the row (design.md section 4)."""
        numbers = row.numbers
        if seen.before is not None:
            numbers |= self._rows.numbers(seen.before)
        if row.lead is None:
            opt_out = self._numbers(numbers, origin, seen.revision, _NAMELESS)
            return replace(_no_lead(seen.revision), opt_out=opt_out)
        change = LeadOptOut(row.lead, origin, seen.revision, row.row, numbers)
        if row.fault is None:
            left = () if self._spec.role is Role.OPT_OUTS else self._left(seen, row.lead, origin)
            return Changes(_numbered((change, *left)))
        flawed = replace(change, flaw=Flaw(row.fault.reason, Stage.VALIDATE))
        return replace(_refused(row.lead, row.fault, seen.revision), opt_out=flawed)

    def _numbers(
        self,
        numbers: frozenset[PhoneNumber],
        origin: Origin,
        revision: Revision,
        flaw: Flaw | None,
    ) -> NumbersOptOut | None:
        """Make an opt-out without a lead one of its numbers; the lane is that of the first."""
        if self._digests is None or not numbers:
            return None
        lane = self._digests.lead_of(min(numbers))
        return NumbersOptOut(lane, origin, revision, numbers, flaw)

    def _numbers_seen(self, seen: Sighting, rows: NumberRows, origin: Origin) -> Decoded:
        """Make each number of a row a change of its own; a bad one refuses the record, and the
        others are honoured by its one outcome, as with any opt-out.
        """
        match seen:
            case RowSeen(row=struct, revision=revision):
                row = rows.read(struct)
            case LeadGone():
                return NotALeadChange(None, _STAYS)
            case Refused():
                return self._refused(seen, origin)
            case Unrelated(why=why):
                return NotALeadChange(None, why)
            case _:
                assert_never(seen)
        if not row.counts:
            return NotALeadChange(None, _NOT_NOW)
        if row.bad:
            fault = unusable(row.bad)
            numbers = frozenset(row.numbers)
            flaw = Flaw(fault.reason, Stage.VALIDATE)
            opt_out = self._numbers(numbers, origin, revision, flaw)
            return Unreadable(fault.reason, Stage.VALIDATE, fault.text, None, revision, opt_out)
        made = (self._numbers(frozenset({each}), origin, revision, None) for each in row.numbers)
        changes = _numbered(change for change in made if change is not None)
        return Changes(changes) if changes else NotALeadChange(None, _EMPTY, Reason.NO_PHONE)

    def _left(self, seen: RowSeen, lead: LeadId, origin: Origin) -> tuple[LeadDelete, ...]:
        """Return the end of the id that this edit took away, where the lead id is no key.

        A key that changes comes as two records; a column that changes as one.
        """
        old = None if seen.before is None else self._rows.lead(seen.before)
        if old is None or old == lead:
            return ()
        return (LeadDelete(old, origin, seen.revision, moved_to=lead),)

    def _gone(self, seen: LeadGone, origin: Origin) -> Decoded:
        if self._spec.role is Role.OPT_OUTS:
            return NotALeadChange(seen.lead, _ROLE, also=seen.also)
        if seen.lead is None:
            return Unreadable(
                Reason.LEAD_ID_MISSING,
                Stage.VALIDATE,
                "a row was deleted, and neither the record's key nor the row names the lead",
            )
        change = LeadDelete(seen.lead, origin, seen.revision, seen.moved_to, seen.tombstone)
        return Changes(_for_each(change, seen.also))

    def _refused(self, seen: Refused, origin: Origin) -> Unreadable:
        """Refuse the record for each of its leads, but honour an opt-out that it holds."""
        fault, lead = seen.fault, next(iter(seen.leads), None)
        refused = Unreadable(
            fault.reason, seen.stage, fault.text, lead, seen.revision, also=seen.leads[1:]
        )
        row = None if seen.row is None else self._rows.read(seen.row, seen.leads, whole=False)
        if row is None or not row.opts_out:
            return refused
        flaw = Flaw(fault.reason, seen.stage)
        if lead is None:
            return replace(
                refused, opt_out=self._numbers(row.numbers, origin, seen.revision, flaw)
            )
        opt_out = LeadOptOut(lead, origin, seen.revision, row.row, row.numbers, flaw)
        return replace(refused, opt_out=opt_out)

    def _undecodable(self, record: Record, origin: Origin, error: UndecodableError) -> Unreadable:
        """Refuse the record, but look for an opt-out in what can be read of it."""
        read = self._encoding.read
        opt_out, also = self._salvaged(record, origin)
        return Unreadable(
            error.reason,
            Stage.DECODE,
            f"{error}; if every record of the topic fails so, {_ADVICE[error.reason]}",
            None if self._number_rows is not None else self._envelope.key_lead(record, read),
            opt_out=opt_out,
            also=also,
        )

    def _salvaged(
        self, record: Record, origin: Origin
    ) -> tuple[LeadOptOut | NumbersOptOut | None, tuple[LeadId, ...]]:
        """Return the opt-out in what is broken, and the further leads that it is of."""
        value = None if record.value is None else self._encoding.mend(record.value)
        if value is None:
            return None, ()
        try:
            decoded = self._decoded(replace(record, value=value), origin)
        except UndecodableError:
            return None, ()
        match decoded:
            case Changes(changes=(LeadOptOut() as found, *others)):
                also = tuple(each.lead for each in others if isinstance(each, LeadOptOut))
                return replace(found, flaw=_BROKEN), also
            case Changes(changes=(NumbersOptOut(revision=revision), *_) as each):
                numbers = frozenset[PhoneNumber]().union(
                    *(change.numbers for change in each if isinstance(change, NumbersOptOut))
                )
                return self._numbers(numbers, origin, revision, _BROKEN), ()
            case Unreadable(opt_out=found, also=also) if found is not None:
                return replace(found, flaw=_BROKEN), also
            case _:
                return None, ()


def _no_lead(revision: Revision) -> Unreadable:
    return Unreadable(Reason.LEAD_ID_MISSING, Stage.VALIDATE, _NO_LEAD, None, revision)


def _refused(lead: LeadId, fault: Fault, revision: Revision) -> Unreadable:
    return Unreadable(fault.reason, Stage.VALIDATE, fault.text, lead, revision)


def _for_each(change: C, also: tuple[LeadId, ...]) -> tuple[C, ...]:
    """Return *change* and the same of each further lead, as further parts of its record."""
    return _numbered((change, *(replace(change, lead=lead) for lead in also)))


def _numbered(changes: Iterable[C]) -> tuple[C, ...]:
    """Return the *changes* of one record as its parts, in their order."""
    found = tuple(changes)
    if len(found) == 1:
        return found
    return tuple(
        replace(change, origin=replace(change.origin, part=part, parts=len(found)))
        for part, change in enumerate(found, 1)
    )


def _shared(decoded: Decoded, also: tuple[LeadId, ...]) -> Decoded:
    """Return what was decoded of one lead for all that the record names."""
    match decoded:
        case Changes(changes=(change,)):
            return Changes(_for_each(change, also))
        case NotALeadChange() | Unreadable():
            return replace(decoded, also=also)
        case _:
            raise AssertionError("a record of several leads says one thing of each")
