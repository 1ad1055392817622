"""Name what an envelope finds in a record, before the settings' rules are applied to it."""

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from connector.cdc.cells import Struct
from connector.cdc.lead_rows import Fault
from connector.cdc.wire import Reader
from connector.domain.ids import LeadId
from connector.domain.reason import Stage
from connector.domain.record import Record
from connector.domain.revision import Revision


@dataclass(frozen=True, slots=True)
class RowSeen:
    """A row as it is now. `before` is the row before an edit, where the source tells it.

    `leads` are named outside of the row, each of which it is the row of; where it is None, the row
    names its lead itself. `whole` is False where the row holds only what changed.
    """

    row: Struct
    revision: Revision
    before: Struct | None = None
    leads: tuple[LeadId, ...] | None = None
    whole: bool = True


@dataclass(frozen=True, slots=True)
class LeadGone:
    """A row was deleted; the lead is None where neither row nor key names one.

    `also` are further leads that the same record deletes.
    """

    lead: LeadId | None
    revision: Revision
    moved_to: LeadId | None = None
    tombstone: bool = False
    also: tuple[LeadId, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """The record tells of leads, but not in a way that can be followed: somebody must look.

    `row` is what can be read of it all the same; nothing but an opt-out is taken from there.
    """

    fault: Fault
    stage: Stage
    leads: tuple[LeadId, ...]
    revision: Revision
    row: Struct | None = None


@dataclass(frozen=True, slots=True)
class Unrelated:
    """The record is understood and says nothing about a lead."""

    why: str
    lead: LeadId | None = None


Sighting: TypeAlias = RowSeen | LeadGone | Refused | Unrelated


class Envelope(Protocol):
    """A format around a row."""

    def sight(self, record: Record, read: Reader) -> Sighting:
        """Find what *record* tells, its value read by *read*.

        Raises:
            UndecodableError: it is not of this format.
            InexactError: a field that must be exact was read as a double.
        """
        ...

    def key_lead(self, record: Record, read: Reader) -> LeadId | None:
        """Return the lead that the record's key names, None where it names none.

        A key in Confluent's framing is read by *read*, any other as JSON or text.
        """
        ...
