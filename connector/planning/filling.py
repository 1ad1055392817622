"""Fill what a change does not name from the lead's contacts as they were read."""

from collections.abc import Iterator

from connector.domain.belief import ContactBelief
from connector.domain.change import LeadDelete, Row
from connector.domain.ids import ContactId, ListId
from connector.planning.contact_row import Cells, translated, translated_back
from connector.planning.plan import Case
from connector.planning.policy import ListPolicy
from connector.planning.targets import NO_CONTACTS, RowChange


def is_partial(change: RowChange) -> bool:
    """Say whether *change* names only what changed."""
    return not isinstance(change, LeadDelete) and not change.row.whole


def cells_at(list_id: ListId, contact: ContactBelief, case: Case) -> Cells | None:
    """Return the cells of a contact: as read, else as this lane wrote them last; None: unread."""
    return case.sight.cells((list_id, contact.id), contact.digest, case.now)


def unread(case: Case) -> list[tuple[ListId, ContactId]]:
    """Return the lead's contacts whose cells must be read before anything can be filled."""
    return [
        (each.id, contact.id)
        for each in case.policy.lists.values()
        for contact in case.belief.lists.get(each.id, NO_CONTACTS).contacts
        if cells_at(each.id, contact, case) is None
    ]


def knows_contact(case: Case) -> bool:
    """Say whether a contact of the lead is known on any list of the settings."""
    lists = case.belief.lists
    return any(lists.get(each, NO_CONTACTS).contacts for each in case.policy.lists)


def filled(row: Row, source: str, case: Case) -> Row:
    """Return *row* with the fields that it does not name as the lead's contacts have them.

    A column that the settings translate counts where only one text can be meant.
    """
    values = case.policy.sources[source].values
    fields = dict(row.fields)
    for each, cells in _read(case):
        for column, name in each.mapped[source].items():
            if name not in fields and column in cells:
                text = translated_back(cells[column], values.get(column, {}))
                if text is not None:
                    fields[name] = text
    return Row(fields, whole=row.whole, dropped=row.dropped)


def cells_elsewhere(
    each: ListPolicy, columns: tuple[str, ...], source: str, case: Case
) -> dict[str, str]:
    """Return *columns* of one list as the lead's contacts on others have them, by source field."""
    values = case.policy.sources[source].values
    found: dict[str, str] = {}
    for other, cells in _read(case):
        for column in columns:
            name = each.mapped[source][column]
            if column in found:
                continue
            if other.mapped[source].get(column) == name and column in cells:
                found[column] = cells[column]
                continue
            for named_so, its in other.mapped[source].items():
                if its == name and named_so in cells:
                    text = translated_back(cells[named_so], values.get(named_so, {}))
                    if text is not None:
                        found[column] = translated(text, values.get(column, {}))
    return found


def _read(case: Case) -> Iterator[tuple[ListPolicy, Cells]]:
    for each in case.policy.lists.values():
        for contact in case.belief.lists.get(each.id, NO_CONTACTS).contacts:
            cells = cells_at(each.id, contact, case)
            if cells is not None:
                yield each, cells
