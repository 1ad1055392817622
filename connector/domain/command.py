"""Hold the commands: each asks the platform for one thing about one lead at one place.

A command is its own identity: two are equal if they ask for the same. Cells and statuses take no
part in that (the digest stands for them), so commands compare fast and print nothing personal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeAlias

from connector.domain.ids import ContactId, Digest, DncListId, LeadId, ListId, PhoneNumber


class Urgency(IntEnum):
    """What goes out first when a request slot is free: the lower, but for `planning/turns.py`."""

    __hash__ = int.__hash__  # Enum's own is slow, and these are keys

    BLOCK = 0
    COMPLIANCE = 1
    WRITE = 2


@dataclass(frozen=True, slots=True)
class FindContacts:
    """Look a lead up on a list by `CRM_Lead_ID`."""

    lead: LeadId
    list_id: ListId

    def __hash__(self) -> int:
        return hash(self.lead)


@dataclass(frozen=True, slots=True)
class FetchContact:
    """Read one contact by id."""

    lead: LeadId
    list_id: ListId
    contact: ContactId

    def __hash__(self) -> int:
        return hash(self.lead)


@dataclass(frozen=True, slots=True)
class Write:
    """What a contact shall be: every column of the list as text, and what was read of the rest."""

    data: Mapping[str, str] = field(repr=False)
    callable: bool
    kept: Mapping[str, object] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class UpsertContact:
    """Write a lead's row, new or changed. `digest` is that of the mapped part of the row.

    `new` says that nobody knows a contact of this lead on this list; `priority` that the dialler
    shall take it next (new contacts only), `requeue` that it shall be dialled again. `hastens`
    says that a disqualification of the lead waits for it, so that no brake stops it.
    """

    lead: LeadId
    list_id: ListId
    contact: ContactId
    digest: Digest
    callable: bool
    write: Write = field(compare=False, repr=False)
    new: bool = False
    priority: bool = False
    requeue: bool = False
    hastens: bool = False

    def __hash__(self) -> int:
        return hash(self.lead)


@dataclass(frozen=True, slots=True)
class QuarantineContact:
    """Make a contact uncallable. `digest` is that of the mapped row, None for the row as read.

    `deletes` says that nothing but the lead's deletion asks for it, so that a brake on deletes
    stops it. Such a command asks the brakes and never leaves; one without follows it.
    """

    lead: LeadId
    list_id: ListId
    contact: ContactId
    digest: Digest | None
    write: Write = field(compare=False, repr=False)
    deletes: bool = False

    def __hash__(self) -> int:
        return hash(self.lead)


@dataclass(frozen=True, slots=True)
class RemoveContact:
    """Delete a contact. `hastens` says that a disqualification of the lead takes effect by it, or
    waits for it, so that no brake stops it.
    """

    lead: LeadId
    list_id: ListId
    contact: ContactId
    hastens: bool = False

    def __hash__(self) -> int:
        return hash(self.lead)


@dataclass(frozen=True, slots=True)
class BlockNumber:
    """Put a number on a Do-Not-Call list. There is no command that takes one off."""

    lead: LeadId
    dnc_list: DncListId
    number: PhoneNumber = field(repr=False)

    def __hash__(self) -> int:
        # One lead may have hundreds of numbers waiting, and one number hundreds of leads.
        return hash(self.lead) + 3 * hash(self.number)


ContactCommand: TypeAlias = (
    FindContacts | FetchContact | UpsertContact | QuarantineContact | RemoveContact
)
Command: TypeAlias = ContactCommand | BlockNumber
WriteCommand: TypeAlias = UpsertContact | QuarantineContact | RemoveContact

WRITES = (UpsertContact, QuarantineContact, RemoveContact)
READS = (FindContacts, FetchContact)
"""For `isinstance`: a union in its place is made anew at each call."""
