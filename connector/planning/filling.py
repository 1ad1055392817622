"""Fill what a change does not name from the lead's contacts as they were read."""

from collections.abc import Iterator, Mapping

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


def rest_of(
    each: ListPolicy,
    contact: ContactBelief | None,
    columns: tuple[str, ...],
    source: str,
    case: Case,
) -> Cells | None:
    """Return what *columns* that the change does not name shall hold; None: read first.

    A contact keeps what it has. A new one, and one on a list that the lead comes back to, is
    filled from the lead's contacts on other lists, column by source field.
    """
    if not columns:
        return {}
    own = {} if contact is None else cells_at(each.id, contact, case)
    known = case.belief.lists.get(each.id, NO_CONTACTS)
    if own is None or (contact is not None and (known.routed or not case.belief.marks)):
        return own
    if unread(case):
        return None
    return {**own, **_elsewhere(each, columns, source, case, routed_only=contact is not None)}


def _elsewhere(
    each: ListPolicy, columns: tuple[str, ...], source: str, case: Case, *, routed_only: bool
) -> dict[str, str]:
    values = case.policy.sources[source].values
    found: dict[str, str] = {}
    for other, cells in _read(case):
        routed = case.belief.lists.get(other.id, NO_CONTACTS).routed
        if other.id == each.id or (routed_only and not routed):
            continue
        for column in columns:
            if column not in found:
                name = each.mapped[source][column]
                text = _as_in(column, name, other.mapped[source], cells, values)
                if text is not None:
                    found[column] = text
    return found


def _as_in(
    column: str, name: str, mapped: Cells, cells: Cells, values: Mapping[str, Mapping[str, str]]
) -> str | None:
    """Return *column* by the cells of another list, those filled from the field *name*."""
    if mapped.get(column) == name and column in cells:
        return cells[column]
    for its, field in mapped.items():
        if field == name and its in cells:
            text = translated_back(cells[its], values.get(its, {}))
            if text is not None:
                return translated(text, values.get(column, {}))
    return None


def _read(case: Case) -> Iterator[tuple[ListPolicy, Cells]]:
    """Give the contacts that were read, those first that stand where the lead belongs: a list
    that was left is not kept up to date.
    """
    lists = case.belief.lists
    for routed in (True, False):
        for each in case.policy.lists.values():
            known = lists.get(each.id, NO_CONTACTS)
            if known.routed is not routed:
                continue
            for contact in known.contacts:
                cells = cells_at(each.id, contact, case)
                if cells is not None:
                    yield each, cells
