"""Make the row of a contact from the lead's fields and what the platform has."""

from collections.abc import Mapping

from connector.domain.change import Row
from connector.domain.contact import Contact
from connector.domain.ids import LEAD_ID_COLUMN, LeadId, PhoneNumber
from connector.domain.salesforce_id import forms_of
from connector.planning.policy import ListPolicy, Policy, SourcePolicy

Cells = Mapping[str, str]
"""Column → text, for the columns that the settings map and the change names."""


def cells_of(lead: LeadId, row: Row, source: str, each: ListPolicy, policy: Policy) -> Cells:
    """Return the mapped cells of *row* on one list; fields that it does not name are absent."""
    values = policy.sources[source].values
    cells: dict[str, str] = {}
    for column, name in each.mapped[source].items():
        text = row.fields.get(name)
        if text is not None:
            cells[column] = translated(text, values[column]) if column in values else text
    cells[LEAD_ID_COLUMN] = lead
    return cells


def translated(text: str, values: Mapping[str, str]) -> str:
    """Return the text of a column for that of its source field."""
    return values.get(text.strip(), text)


def translated_back(text: str, values: Mapping[str, str]) -> str | None:
    """Return the text of the source field for that of a column; None where it would be a guess.

    A text that the settings name as a translation is one; what they do not name went through as
    it was.
    """
    meant = [told for told, column in values.items() if column == text]
    if not meant and text.strip() not in values:
        return text
    return meant[0] if len(meant) == 1 else None


def full_row(each: ListPolicy, cells: Cells, seen: Contact | None) -> Cells:
    """Return every column of the list as text: named cells, else as read, else empty.

    The platform refuses a row that lacks a column (`contact.missing.columns`). The lead id stays
    in the form in which the contact has it: whoever loaded it looks it up by that.
    """
    kept: Cells = {} if seen is None else seen.data
    row = {
        column: cells[column] if column in cells else kept.get(column, "")
        for column in each.columns
    }
    there = kept.get(LEAD_ID_COLUMN, "")
    if there and there in forms_of(LeadId(row[LEAD_ID_COLUMN])):
        row[LEAD_ID_COLUMN] = there
    return row


def numbers_of(row: Row, source: SourcePolicy) -> frozenset[PhoneNumber]:
    """Return the numbers of *row*; intake has brought them to E.164."""
    cells = (row.fields.get(name, "") for name in source.phones.values())
    return frozenset(PhoneNumber(cell) for cell in cells if cell)


def has_no_number(row: Row, source: SourcePolicy) -> bool:
    """Say whether *row* names every phone field and leaves all of them empty."""
    for name in source.phones.values():
        if row.fields.get(name) != "":
            return False
    return bool(source.phones)


def numbers_seen(contact: Contact, policy: Policy) -> frozenset[PhoneNumber]:
    """Return the numbers of a contact as the platform showed it."""
    each = policy.lists.get(contact.list_id)
    columns = each.phone_columns if each is not None else frozenset[str]()
    cells = (policy.read_number(contact.data.get(column, "")) for column in columns)
    return frozenset(number for number in cells if number is not None)
