"""Hold what a lane saw of the platform and does not keep: reads, look-ups, blocked numbers.

Personal data live here, so nothing of it is ever stored; it ends with the lane.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from connector.domain.change import LeadChange, OptOutLift
from connector.domain.command import (
    Command,
    QuarantineContact,
    RemoveContact,
    UpsertContact,
    WriteCommand,
)
from connector.domain.contact import Contact
from connector.domain.ids import ContactId, Digest, DncListId, ListId, PhoneNumber

FRESH_SECONDS = 30.0
"""How long a read serves (design.md section 6); what waits longer is read again first."""

Place = tuple[ListId, ContactId]


@dataclass(frozen=True, slots=True)
class Sighting:
    """A read of one contact: None where the list has none of that id."""

    contact: Contact | None
    at: float


@dataclass(frozen=True, slots=True)
class Closing(Sighting):
    """A contact as the quarantine of an opt-out left it, and how often it took one so far."""

    times: int


@dataclass(slots=True, eq=False)
class Sight:
    """What one lane knows for the moment; its lane alone changes it.

    `looked` says when each list was searched last. `ahead` are quarantines whose row is being
    written ahead, `ahead_done` those whose row is durable. `quarantined` are contacts as the
    quarantine of an opt-out left them, where nothing else was written since. `doubted` are writes
    whose answer does not say whether they were done. `refused` are commands that the platform
    refused for good. `written` are the rows that were accepted last, under the digests of their
    cells. `let_through` are quarantines of a deletion that no brake stopped as they came to leave.
    """

    seen: dict[Place, Sighting] = field(default_factory=dict)
    looked: dict[ListId, float] = field(default_factory=dict)
    blocked: set[tuple[DncListId, PhoneNumber]] = field(default_factory=set)
    refused: set[Command] = field(default_factory=set)
    ahead: dict[Place, int] = field(default_factory=dict)
    ahead_done: set[Place] = field(default_factory=set)
    aheads: int = 0
    quarantined: dict[Place, Closing] = field(default_factory=dict)
    doubted: set[Place] = field(default_factory=set)
    written: dict[Place, tuple[Digest, Mapping[str, str]]] = field(default_factory=dict)
    let_through: set[Place] = field(default_factory=set)

    def leaves(self, command: Command) -> None:
        """Take note that *command* is sent: it may take effect, whatever the answer says."""
        if isinstance(command, UpsertContact | RemoveContact):
            self.quarantined.pop((command.list_id, command.contact), None)

    def saw(self, contact: Contact, now: float) -> None:
        """Take note of a contact that was read; none that is uncallable has a quarantine ahead."""
        place = (contact.list_id, contact.id)
        self.seen[place] = Sighting(contact, now)
        if not contact.callable:
            self.forget_ahead(place)

    def begin_ahead(self, place: Place) -> None:
        """Number the writing ahead that begins: the report of an earlier one proves nothing."""
        self.aheads += 1
        self.ahead[place] = self.aheads

    def forget_ahead(self, place: Place) -> None:
        """Forget what was written ahead: something else took effect there."""
        self.ahead.pop(place, None)
        self.ahead_done.discard(place)
        self.let_through.discard(place)

    def put_off(self, lists: Collection[ListId]) -> list[Place]:
        """Forget what was written ahead of quarantines that are put off on *lists*; return where
        none of them can have left.
        """
        places = [each for each in (*self.ahead, *self.ahead_done) if each[0] in lists]
        for place in places:
            self.forget_ahead(place)
        return [place for place in places if place not in self.doubted]

    def is_ahead(self, place: Place) -> bool:
        """Say whether the row of a quarantine is written ahead that takes effect hereafter."""
        return place in self.ahead or place in self.ahead_done

    def is_let_through(self, place: Place) -> bool:
        """Say whether the brakes were asked about a quarantine, and let it through."""
        return place in self.let_through or self.is_ahead(place)

    def ended(self, change: LeadChange) -> None:
        """Take note that *change* ends: a lift has every number blocked again by what follows."""
        if isinstance(change, OptOutLift):
            self.blocked.clear()

    def since(self, place: Place, begun: float, now: float) -> Sighting | None:
        """Return the read of *place* if it still serves, or was made after *begun*."""
        sighting = self.seen.get(place)
        late = sighting is not None and sighting.at >= begun
        return sighting if late else self.fresh(place, now)

    def serves(self, command: Command, now: float) -> bool:
        """Say whether *command* is made from a read that still serves, where from any.

        One that only asks whether a brake stops it has its answer, and never leaves.
        """
        match command:
            case QuarantineContact(deletes=True):
                self.let_through.add((command.list_id, command.contact))
                return False
            case UpsertContact(new=False) | QuarantineContact():
                return self.fresh((command.list_id, command.contact), now) is not None
            case _:
                return True

    def fresh(self, place: Place, now: float) -> Sighting | None:
        """Return the read of *place* if it still serves."""
        sighting = self.seen.get(place)
        return sighting if sighting and now - sighting.at <= FRESH_SECONDS else None

    def closed(self, command: WriteCommand, begun: float, now: float) -> None:
        """Take note that the quarantine of an opt-out that came at *begun* was accepted, and of
        the row that it wrote: the numbers in it may still wait for their DNC list.
        """
        place = (command.list_id, command.contact)
        if isinstance(command, QuarantineContact):
            left = Contact(command.contact, command.list_id, command.write.data, callable=False)
            known = self.quarantined.get(place)
            times = 0 if known is None or known.at < begun else known.times
            self.quarantined[place] = Closing(left, now, times + 1)

    def wrote(self, command: WriteCommand) -> None:
        """Take note that *command* was accepted: what it wrote is there."""
        place = (command.list_id, command.contact)
        if isinstance(command, RemoveContact):
            self.written.pop(place, None)
        elif command.digest is not None:
            self.written[place] = (command.digest, command.write.data)

    def cells(self, place: Place, digest: Digest | None, now: float) -> Mapping[str, str] | None:
        """Return the cells of a contact by a read that still serves, else as they were written,
        if *digest* says that they are believed to be there still.
        """
        sighting = self.fresh(place, now)
        if sighting is not None and sighting.contact is not None:
            return sighting.contact.data
        written = self.written.get(place)
        return written[1] if written is not None and written[0] == digest else None
