"""Write contacts and Do-Not-Call entries to files: genesys-api sections 5 and 7."""

import csv
import io
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from connector.simulator.call import as_record
from connector.simulator.contact import Contact
from connector.simulator.contact_list import ContactList
from connector.simulator.moments import timestamp

MOST_KEPT = 50  # files; older ones are gone, as the platform's are after a while


@dataclass(frozen=True, slots=True)
class Export:
    """A file that can be fetched from the moment `ready` (seconds since the epoch) on."""

    id: str
    ready: float
    content: bytes

    @property
    def uri(self) -> str:
        """The address, relative to the API."""
        return f"/api/v2/downloads/{self.id}"

    def document(self) -> dict[str, object]:
        """Return the `ExportUri` of the API."""
        return {"uri": self.uri, "exportTimestamp": timestamp(self.ready)}


class Exports:
    """The files made so far, and the latest of each list."""

    def __init__(self) -> None:
        self._files: dict[str, Export] = {}
        self._latest: dict[str, list[Export]] = {}

    def add(self, content: bytes, ready: float, of_list: str | None = None) -> Export:
        """Keep a file; with `of_list` it is what an export of that list is asked for."""
        made = Export(str(uuid.uuid4()), ready, content)
        self._files[made.id] = made
        if of_list is not None:
            self._latest.setdefault(of_list, []).append(made)
        while len(self._files) > MOST_KEPT:
            self._files.pop(next(iter(self._files)))
        return made

    def file(self, export_id: str, now: float) -> Export | None:
        """Return a file that is ready."""
        found = self._files.get(export_id)
        return found if found is not None and found.ready <= now else None

    def latest(self, list_id: str, now: float) -> Export | None:
        """Return the newest file of a list that is ready."""
        ready = [one for one in self._latest.get(list_id, ()) if self.file(one.id, now) is one]
        return ready[-1] if ready else None


def contacts_file(contacts: ContactList, rows: Iterable[Contact]) -> bytes:
    """Return the CSV of contacts, in the columns that third parties saw in real exports."""
    phones = contacts.phone_columns
    head = [
        "inin-outbound-id",
        *contacts.columns,
        "ContactCallable",
        "ContactableByVoice",
        "ContactableBySms",
        "ContactableByEmail",
        "ZipCodeAutomaticTimeZone",
        *(f"{name}-{phone}" for phone in phones for name in _BY_PHONE),
    ]
    return _csv([head, *(_contact_row(contacts, one) for one in rows)])


def entries_file(entries: Mapping[str, str | None]) -> bytes:
    """Return the CSV of a DNC list; TF reads the entry from column 0, its end from column 2."""
    head = ["Entry", "Source", "ExpirationDate"]
    return _csv([head, *([entry, "rds", until or ""] for entry, until in entries.items())])


_BY_PHONE = (
    "CallRecordLastAttempt",
    "CallRecordLastResult",
    "CallRecordLastAgentWrapup",
    "SmsLastAttempt",
    "SmsLastResult",
    "Callable",
    "ContactableByVoice",
    "ContactableBySms",
    "AutomaticTimeZone",
)


def _contact_row(contacts: ContactList, contact: Contact) -> list[str]:
    row = [contact.id, *(contact.data[column] for column in contacts.columns)]
    row.append(_flag(contact.callable))
    row += [_contactable(contact, medium) for medium in ("Voice", "Sms", "Email")]
    row.append("")
    for phone in contacts.phone_columns:
        record = as_record(contact.call_records.get(phone))
        row += [str(record.get(name, "")) for name in ("lastAttempt", "lastResult")]
        row += [str(record.get("lastAgentWrapup", "")), "", ""]
        row.append(_flag(as_record(contact.phone_status.get(phone)).get("callable", True)))
        row += [_contactable(contact, medium, phone) for medium in ("Voice", "Sms")]
        row.append("")
    return row


def _contactable(contact: Contact, medium: str, phone: str | None = None) -> str:
    status = as_record(contact.contactable.get(medium))
    if phone is not None:
        status = as_record(as_record(status.get("columnStatus")).get(phone))
    return _flag(status.get("contactable", True))


def _flag(value: object) -> str:
    return "1" if value is True else "0"


def _csv(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
