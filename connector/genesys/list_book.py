"""Hold what the platform says about our contact lists, and find what the settings name in vain."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from connector.domain.ids import LEAD_ID_COLUMN, ListId


@dataclass(frozen=True, slots=True)
class ContactList:
    """One contact list: all its columns in order, and the type of each phone column. `time_zones`
    names the column with the time zone of each phone column that has one.

    Neither can change after the list was made (genesys-api.md section 5), so it is read once.
    """

    id: ListId
    name: str
    columns: tuple[str, ...]
    phones: Mapping[str, str]
    time_zones: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListSize:
    """How many contacts a list holds. It comes with `includeSize` only."""

    contacts: int


@dataclass(frozen=True, slots=True)
class ListBook:
    """The contact lists as read at start."""

    lists: Mapping[ListId, ContactList]

    def columns(self, list_id: ListId) -> tuple[str, ...]:
        """Return all columns of the list, none if it was not read."""
        found = self.lists.get(list_id)
        return () if found is None else found.columns


@dataclass(frozen=True, slots=True)
class MissingColumn:
    """A column that the settings name and the list does not have; `near` differs in case only."""

    list_id: ListId
    column: str
    near: str | None = None

    def __str__(self) -> str:
        hint = f"; the list has {self.near}" if self.near else ""
        return f"contact list {self.list_id} has no column {self.column}{hint}"


def missing_columns(
    book: ListBook, mapping: Mapping[ListId, Collection[str]]
) -> tuple[MissingColumn, ...]:
    """Return what is missing: `CRM_Lead_ID` and the columns that *mapping* fills, by list.

    Lists that were not read are left out: that is a problem of its own.
    """
    return tuple(
        MissingColumn(list_id, column, _near(column, found.columns))
        for list_id, mapped in mapping.items()
        if (found := book.lists.get(list_id)) is not None
        for column in dict.fromkeys((LEAD_ID_COLUMN, *mapped))
        if column not in found.columns
    )


def _near(column: str, columns: Collection[str]) -> str | None:
    return next((each for each in columns if each.casefold() == column.casefold()), None)
