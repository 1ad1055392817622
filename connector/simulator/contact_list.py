"""Hold one contact list: its columns, its contacts and the ways to find them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from connector.simulator.contact import (
    Contact,
    Status,
    fresh_contactable,
    fresh_phone_status,
)

Test = Callable[[dict[str, str]], bool]
"""Whether the data of a contact meet the criteria of a search."""

# What the simulator knows about a lead; contract of the connector, not of the platform.
LEAD_COLUMN = "CRM_Lead_ID"

# `type` of a phone column is free text; this is the documentation's own example.
_PHONE_TYPES = {"mobile": "cell"}


@dataclass(slots=True)
class ContactList:
    """A contact list of the books; contacts keep the order in which they came."""

    id: str
    name: str
    columns: tuple[str, ...]
    phone_columns: tuple[str, ...]
    created: str
    modified: str
    zones: Mapping[str, str] = field(default_factory=dict)
    automatic_zones: bool = False
    version: int = 1
    contacts: dict[str, Contact] = field(default_factory=dict)
    column_set: frozenset[str] = field(init=False)
    fresh_phones: Status = field(init=False)
    fresh_media: Status = field(init=False)
    _indexes: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    _hidden: dict[str, tuple[float, Contact | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.column_set = frozenset(self.columns)
        self.fresh_phones = fresh_phone_status(self.phone_columns)
        self.fresh_media = fresh_contactable(self.phone_columns)

    def put(self, contact: Contact) -> None:
        """Add a contact, in place of one with the same id."""
        self.remove(contact.id)
        self.contacts[contact.id] = contact
        for column, index in self._indexes.items():
            _add(index, contact.data.get(column, ""), contact.id)

    def rewrite(self, contact: Contact, data: dict[str, str]) -> None:
        """Give a contact that is here new values; it keeps its place."""
        for column, index in self._indexes.items():
            _take(index, contact.data.get(column, ""), contact.id)
            _add(index, data.get(column, ""), contact.id)
        contact.data = data

    def remove(self, contact_id: str) -> bool:
        """Take a contact away; false where there is none."""
        contact = self.contacts.pop(contact_id, None)
        if contact is None:
            return False
        for column, index in self._indexes.items():
            _take(index, contact.data.get(column, ""), contact_id)
        return True

    def hide(self, ids: Iterable[str], now: float, until: float) -> None:
        """Let searches see these contacts (or that there are none) as they are now for a while.

        One that is hidden already stays so for as long as was said first.
        """
        for contact_id in ids:
            hidden = self._hidden.get(contact_id)
            if hidden is None or hidden[0] <= now:
                contact = self.contacts.get(contact_id)
                self._hidden[contact_id] = (until, None if contact is None else replace(contact))

    def as_searched(self, found: Iterable[Contact], now: float, test: Test) -> list[Contact]:
        """Return what a search sees in place of the contacts that it finds in the books."""
        self._hidden = {one: each for one, each in self._hidden.items() if each[0] > now}
        if not self._hidden:
            return list(found)
        before = (contact for _, contact in self._hidden.values() if contact is not None)
        return [
            *(one for one in found if one.id not in self._hidden),
            *(one for one in before if test(one.data)),
        ]

    def with_values(self, column: str, values: Iterable[str]) -> Iterator[Contact]:
        """Yield the contacts whose column holds one of the values, exactly.

        The first question about a column builds an index, which is then kept.
        """
        index = self._indexes.get(column)
        if index is None:
            index = {}
            for contact in self.contacts.values():
                _add(index, contact.data.get(column, ""), contact.id)
            self._indexes[column] = index
        for value in dict.fromkeys(values):
            for contact_id in index.get(value, ()):
                yield self.contacts[contact_id]

    def numbers(self, contact: Contact) -> Iterator[str]:
        """Yield the phone numbers of a contact."""
        for column in self.phone_columns:
            if number := contact.data.get(column):
                yield number

    def document(self, *, size: bool = False, import_status: bool = False) -> dict[str, object]:
        """Return the `ContactList` of the API."""
        document: dict[str, object] = {
            "id": self.id,
            "name": self.name,
            "version": self.version,
            "dateCreated": self.created,
            "dateModified": self.modified,
            "division": {"id": "00000000-0000-4000-8000-000000000000", "name": "Home"},
            "columnNames": list(self.columns),
            "phoneColumns": [self._phone_column(one) for one in self.phone_columns],
            "emailColumns": [],
            "whatsAppColumns": [],
            "previewModeColumnName": "",
            "previewModeAcceptedValues": [],
            "automaticTimeZoneMapping": self.automatic_zones,
            "columnDataTypeSpecifications": [],
            "trimWhitespace": True,
            "retentionType": "Never",
            "selfUri": f"/api/v2/outbound/contactlists/{self.id}",
        }
        if size:
            document["size"] = len(self.contacts)
        if import_status:
            document["importStatus"] = self.import_status()
        return document

    def _phone_column(self, name: str) -> dict[str, object]:
        """Return the `ContactPhoneNumberColumn` of a phone column."""
        kind = _PHONE_TYPES.get(name.lower(), name.lower())
        zone = self.zones.get(name)
        named = {} if zone is None else {"callableTimeColumn": zone}
        return {"columnName": name, "type": kind, **named}

    def import_status(self) -> dict[str, object]:
        """Return the `ImportStatus` of a list into which nobody imports a file."""
        return {"totalRecords": 0, "completedRecords": 0, "percentComplete": 0}


def _add(index: dict[str, tuple[str, ...]], value: str, contact_id: str) -> None:
    index[value] = (*index.get(value, ()), contact_id)


def _take(index: dict[str, tuple[str, ...]], value: str, contact_id: str) -> None:
    left = tuple(one for one in index.get(value, ()) if one != contact_id)
    if left:
        index[value] = left
    else:
        index.pop(value, None)
