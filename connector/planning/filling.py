"""Fill what a change does not name from the lead's contacts as they were read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from connector.domain.belief import ContactBelief, ListBelief
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


def unread(case: Case, *, away: bool = False) -> list[tuple[ListId, ContactId]]:
    """Return the lead's contacts whose cells must be read before anything can be filled.

    Lists that are away and defer have no say, but where a new row is made: *away*.
    """
    return [
        (each.id, contact.id)
        for each in case.policy.lists.values()
        if away or not case.deferral.away(each.id)
        for contact in case.belief.lists.get(each.id, NO_CONTACTS).contacts
        if cells_at(each.id, contact, case) is None
    ]


def knows_contact(case: Case) -> bool:
    """Say whether a contact of the lead is known on any list of the settings."""
    lists = case.belief.lists
    return any(lists.get(each, NO_CONTACTS).contacts for each in case.policy.lists)


@dataclass(frozen=True, slots=True)
class Filled:
    """A row with what contacts say. `unsaid` are fields that one still unread will say first."""

    row: Row
    unsaid: frozenset[str] = frozenset()


def filled(
    row: Row, source: str, case: Case, first: ListId | None = None, *, left: bool
) -> Filled:
    """Return *row* with the fields that it does not name as the lead's contacts have them.

    Those on lists that it *left* say it last or not at all, and of both those on the list *first*
    before others. A column that the settings translate counts where only one text can be
    meant. More reads change no field that is said.
    """
    values = case.policy.sources[source].values
    fields = dict(row.fields)
    unsaid: set[str] = set()
    for each, cells in _contacts(case, first, left=left):
        for column, name in each.mapped[source].items():
            if name in fields or name in unsaid:
                continue
            if cells is None:
                unsaid.add(name)
            elif column in cells:
                text = translated_back(cells[column], values.get(column, {}))
                if text is not None:
                    fields[name] = text
    return Filled(Row(fields, whole=row.whole, dropped=row.dropped), frozenset(unsaid))


def rest_of(
    each: ListPolicy,
    contact: ContactBelief | None,
    columns: tuple[str, ...],
    source: str,
    case: Case,
    *,
    keeps: bool,
) -> Cells | None:
    """Return what *columns* that the change does not name shall hold; None: read first.

    A contact keeps what it has. A new one, and one on a list that the lead comes back to, is
    filled from the lead's contacts on other lists, column by source field, unless it *keeps* all.
    """
    if not columns:
        return {}
    own = {} if contact is None else cells_at(each.id, contact, case)
    known = case.belief.lists.get(each.id, NO_CONTACTS)
    if own is None or keeps or (contact is not None and stands_at(known, case)):
        return own
    if unread(case, away=True):
        return None
    return {**own, **_elsewhere(each, columns, source, case, routed_only=contact is not None)}


def stands_at(known: ListBelief, case: Case) -> bool:
    """Say whether the state has the lead on a list, or has no row of it that says otherwise."""
    return known.routed or not case.belief.marks


def _elsewhere(
    each: ListPolicy, columns: tuple[str, ...], source: str, case: Case, *, routed_only: bool
) -> dict[str, str]:
    values = case.policy.sources[source].values
    found: dict[str, str] = {}
    for other, cells in _contacts(case, None, left=True):
        routed = case.belief.lists.get(other.id, NO_CONTACTS).routed
        if cells is None or other.id == each.id or (routed_only and not routed):
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


def _contacts(
    case: Case, first: ListId | None, *, left: bool
) -> Iterator[tuple[ListPolicy, Cells | None]]:
    """Give the lead's contacts in the order in which they are heard; None: not read yet.

    Where the lead stands, then those on lists that it *left*, if these are asked for; of both
    those on the list *first* before others.
    """

    def rank(each: ListPolicy) -> int:
        known = case.belief.lists.get(each.id, NO_CONTACTS)
        others = each.id != first
        return others if stands_at(known, case) else 2 + others

    for each in sorted(case.policy.lists.values(), key=rank):
        known = case.belief.lists.get(each.id, NO_CONTACTS)
        if left or stands_at(known, case):
            for contact in known.contacts:
                cells = cells_at(each.id, contact, case)
                if cells is not None or not case.deferral.away(each.id):
                    yield each, cells
