"""Say what each contact list should hold of a lead."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from connector.domain.belief import Belief
from connector.domain.change import LeadDelete, LeadQuarantine, LeadUpsert
from connector.domain.ids import ListId
from connector.planning.conditions import all_match
from connector.planning.contact_row import Cells, cells_of, has_no_number
from connector.planning.policy import Policy, Removal
from connector.planning.routes import routes

RowChange: TypeAlias = LeadUpsert | LeadQuarantine | LeadDelete


@dataclass(frozen=True, slots=True)
class Held:
    """The list holds the lead with these cells, callable."""

    cells: Cells
    priority: bool = False


@dataclass(frozen=True, slots=True)
class Quarantined:
    """What the list holds of the lead is not callable; with these cells, or None: as it is."""

    cells: Cells | None


@dataclass(frozen=True, slots=True)
class Removed:
    """The list holds nothing of the lead."""


@dataclass(frozen=True, slots=True)
class Anything:
    """The list is none of this lead's."""


Target: TypeAlias = Held | Quarantined | Removed | Anything


def targets(change: RowChange, belief: Belief, policy: Policy) -> Mapping[ListId, Target]:
    """Return what each list of the settings should hold once *change* is in effect."""
    match change:
        case LeadDelete(moved_to=moved):
            return {
                each.id: Quarantined(None) if moved is not None else _gone(each.delete)
                for each in policy.lists.values()
            }
        case LeadUpsert() | LeadQuarantine():
            return _by_row(change, belief, policy)
        case _:
            assert_never(change)


def _by_row(
    change: LeadUpsert | LeadQuarantine, belief: Belief, policy: Policy
) -> Mapping[ListId, Target]:
    source = change.origin.source
    here = routes(change.row.fields, policy)
    may_call = isinstance(change, LeadUpsert) and not has_no_number(
        change.row, policy.sources[source]
    )
    made: dict[ListId, Target] = {}
    for each in policy.lists.values():
        if each.id in here:
            cells = cells_of(change.lead, change.row, source, each, policy)
            first = bool(each.priority) and all_match(each.priority, change.row.fields)
            made[each.id] = Held(cells, first) if may_call else Quarantined(cells)
        elif each.id in belief.lists and belief.lists[each.id].contacts:
            made[each.id] = _gone(each.leave)
        else:
            made[each.id] = Anything()
    return made


def _gone(removal: Removal) -> Target:
    return Removed() if removal is Removal.REMOVE else Quarantined(None)
