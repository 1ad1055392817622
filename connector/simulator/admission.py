"""Read a contact that a client writes, and refuse what the platform refuses."""

import re
from dataclasses import dataclass
from typing import cast

from connector.simulator.call import as_object
from connector.simulator.contact import Status
from connector.simulator.contact_list import ContactList
from connector.simulator.errors import Refusal, Refused, refuse
from connector.simulator.violations import ViolationKind

CELL_LENGTH = 512  # characters of a value; HELP "create new contact list"
COLUMN_LENGTH = 128  # characters of a column name; the same page
ID_LENGTH = 100  # the platform has a limit and does not say which; ours
_ID = re.compile(r"[A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class Written:
    """A contact as a client wrote it; None where it left a field out."""

    id: str | None
    data: dict[str, str]
    callable: bool | None
    phone_status: Status | None
    contactable: Status | None


def admit(entry: object, contacts: ContactList) -> Written:
    """Read one contact of a request body; raises `Refused` (400)."""
    document = as_object(entry, "A contact")
    _belongs(document, contacts)
    callable_ = document.get("callable")
    if callable_ is not None and not isinstance(callable_, bool):
        raise refuse(400, "invalid.value", "callable must be true or false.")
    return Written(
        _id(document.get("id")),
        _data(document.get("data"), contacts),
        callable_,
        _status(document.get("phoneNumberStatus"), "phoneNumberStatus"),
        _status(document.get("contactableStatus"), "contactableStatus"),
    )


def check_id(contact_id: str) -> str:
    """Return a contact id that the platform takes; raises `Refused` (400)."""
    if not _ID.fullmatch(contact_id):
        raise refuse(400, "invalid.contact.id", "A contact id has no special characters.")
    if len(contact_id) > ID_LENGTH:
        raise refuse(
            400, "contact.id.length.limit.exceeded", f"A contact id has at most {ID_LENGTH}."
        )
    return contact_id


def patched_cells(value: object, contacts: ContactList) -> dict[str, str]:
    """Read the cells that a bulk update changes; raises `Refused` (400)."""
    data = {} if value is None else as_object(value, "data")
    if data.keys() - contacts.column_set:
        raise Refused(_wrong_columns(dict.fromkeys(contacts.columns) | data, contacts))
    return _cells(data)


def patched_status(value: object, name: str) -> Status:
    """Read the statuses that a bulk update changes."""
    return _status(value, name) or {}


def _belongs(document: dict[str, object], contacts: ContactList) -> None:
    list_id = document.get("contactListId")
    if list_id is None:
        raise Refused(
            Refusal(
                400,
                "constraint.validation",
                "contactListId is required.",
                details=(("contactListId", "required"),),
            )
        )
    if list_id != contacts.id:
        raise refuse(400, "invalid.value", "contactListId is not the list of the path.")


def _id(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise refuse(400, "invalid.contact.id", "A contact id is text.")
    return check_id(value)


def _status(value: object, name: str) -> Status | None:
    return None if value is None else as_object(value, name)


def _data(value: object, contacts: ContactList) -> dict[str, str]:
    if value is None:
        raise refuse(400, "contact.missing.data", "A contact has no data.")
    data = as_object(value, "data")
    if data.keys() != contacts.column_set:
        raise Refused(_wrong_columns(data, contacts))
    return _cells(data)


def _cells(data: dict[str, object]) -> dict[str, str]:
    for column, cell in data.items():
        if not isinstance(cell, str):
            raise refuse(400, "invalid.value", f"The value of column {column} is not a string.")
        if len(cell) > CELL_LENGTH:
            raise refuse(
                400,
                "contact.datum.length.limit.exceeded",
                f"The value of column {column} has more than {CELL_LENGTH} characters.",
            )
    return cast("dict[str, str]", data)  # every value was just seen to be text


def _wrong_columns(data: dict[str, object], contacts: ContactList) -> Refusal:
    unknown = sorted(data.keys() - contacts.column_set)
    missing = [column for column in contacts.columns if column not in data]
    kinds = (
        *((ViolationKind.UNKNOWN_COLUMNS,) if unknown else ()),
        *((ViolationKind.MISSING_COLUMNS,) if missing else ()),
    )
    if any(len(column) > COLUMN_LENGTH for column in unknown):
        code, text = "contact.column.length.limit.exceeded", "A column name is too long."
    elif unknown:
        code, text = "invalid.contact.columns", f"Unknown columns: {', '.join(unknown)}"
    else:
        code, text = "contact.missing.columns", f"Missing columns: {', '.join(missing)}"
    return Refusal(400, code, text, violations=kinds)
