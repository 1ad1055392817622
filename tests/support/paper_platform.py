"""A platform on paper: contact lists and DNC lists in dictionaries, which answers commands."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from connector.domain.command import (
    BlockNumber,
    Command,
    FetchContact,
    FindContacts,
    QuarantineContact,
    RemoveContact,
    UpsertContact,
)
from connector.domain.contact import Contact
from connector.domain.ids import ContactId, ListId
from connector.domain.reason import Reason
from connector.domain.result import Accepted, Found, Rejected, Result, Seen
from tests.support.cells import Load, Refuse, Touch
from tests.support.control import PlatformContact
from tests.support.histories import Doing
from tests.support.scene import LEAD_COLUMN, Scene


@dataclass(slots=True)
class _Held:
    data: dict[str, str]
    callable: bool
    last_attempt: int | None = None


@dataclass(slots=True)
class PaperPlatform:
    """Does what it is asked at once; `protected` are leads with a number on a DNC list."""

    scene: Scene
    protected: set[str] = field(default_factory=set)
    _lists: dict[str, dict[str, _Held]] = field(default_factory=lambda: defaultdict(dict))
    _numbers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _refused: set[tuple[str, str]] = field(default_factory=set)
    _loaded: int = 0

    @property
    def contacts(self) -> dict[str, list[PlatformContact]]:
        """Every contact by list, as the books would show it."""
        return {
            each.id: [
                PlatformContact(id=key, data=held.data, callable=held.callable)
                for key, held in self._lists[each.id].items()
            ]
            for each in self.scene.lists
        }

    @property
    def numbers(self) -> dict[str, frozenset[str]]:
        """Every number by DNC list."""
        return {each: frozenset(self._numbers[each]) for each in self.scene.dnc_lists}

    def play(self, doings: Sequence[Doing], now: float) -> list[tuple[Doing, str | None]]:
        """Do what others do; give each doing with the id of the contact that it loaded."""
        return [(doing, self._others(doing, now)) for doing in doings]

    def _others(self, doing: Doing, now: float) -> str | None:
        contacts = self._lists[doing.list_id]
        of_lead = {k: h for k, h in contacts.items() if h.data[LEAD_COLUMN] == doing.lead}
        match doing.act:
            case Load(callable=callable_):
                self._loaded += 1
                contacts[f"theirs-{self._loaded}"] = _Held(dict(doing.data), callable_)
                return f"theirs-{self._loaded}"
            case Touch(off=off, called=called):
                for held in of_lead.values():
                    held.callable = held.callable and not off
                    held.last_attempt = round(now * 1000) if called else held.last_attempt
            case Refuse():
                self._refused |= {(doing.list_id, key) for key in of_lead}
        return None

    def do(self, command: Command) -> Result:
        """Do what is asked."""
        match command:
            case BlockNumber(lead=lead, dnc_list=dnc, number=number):
                self._numbers[dnc].add(number)
                self.protected.add(lead)
                return Accepted()
            case FindContacts(lead=lead, list_id=list_id):
                held = self._lists[list_id].items()
                found = [key for key, each in held if each.data[LEAD_COLUMN] == lead]
                return Found(tuple(self._contact(list_id, key) for key in found))
            case FetchContact(list_id=list_id, contact=contact):
                there = contact in self._lists[list_id]
                return Seen(self._contact(list_id, contact) if there else None)
            case RemoveContact(list_id=list_id, contact=contact):
                self._lists[list_id].pop(contact, None)
                return Accepted()
            case UpsertContact() | QuarantineContact():
                return self._write(command)

    def _write(self, command: UpsertContact | QuarantineContact) -> Result:
        if (command.list_id, command.contact) in self._refused:
            return Rejected(Reason.REFUSED_BY_PLATFORM, "the value is too long")
        contacts = self._lists[command.list_id]
        before = contacts.get(command.contact)
        last_attempt = None if before is None else before.last_attempt
        write = command.write
        contacts[command.contact] = _Held(dict(write.data), write.callable, last_attempt)
        return Accepted()

    def _contact(self, list_id: str, key: str) -> Contact:
        held = self._lists[list_id][key]
        return Contact(
            ContactId(key),
            ListId(list_id),
            dict(held.data),
            held.callable,
            last_attempt=held.last_attempt,
        )
