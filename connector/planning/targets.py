"""Say what each contact list should hold of a lead."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from connector.domain.belief import Belief, ListBelief
from connector.domain.change import LeadDelete, LeadQuarantine, LeadUpsert
from connector.domain.ids import Digest, ListId
from connector.planning.conditions import all_match
from connector.planning.contact_row import Cells, cells_of, has_no_number
from connector.planning.policy import ListPolicy, Policy, Removal
from connector.planning.routes import belongs

RowChange: TypeAlias = LeadUpsert | LeadQuarantine | LeadDelete


@dataclass(frozen=True, slots=True)
class Held:
    """The list holds the lead with these cells, callable. `digest` is that of the cells."""

    cells: Cells
    digest: Digest
    priority: bool = False


@dataclass(frozen=True, slots=True)
class Quarantined:
    """What the list holds of the lead is not callable; with these cells, or None: as it is."""

    cells: Cells | None = None
    digest: Digest | None = None


@dataclass(frozen=True, slots=True)
class Removed:
    """The list holds nothing of the lead."""


@dataclass(frozen=True, slots=True)
class Anything:
    """The list is none of this lead's."""


ANYTHING = Anything()
NO_CONTACTS = ListBelief()

Target: TypeAlias = Held | Quarantined | Removed | Anything


Wanted: TypeAlias = Mapping[ListId, Target | None]
"""What each list should hold by the row alone; None: the lead does not belong there."""


def wanted_by(change: RowChange, policy: Policy) -> Wanted:
    """Return what each list should hold once *change* is in effect, whatever is there now."""
    match change:
        case LeadDelete(moved_to=moved):
            return {
                each.id: Quarantined() if moved is not None else _gone(each.delete)
                for each in policy.lists.values()
            }
        case LeadUpsert() | LeadQuarantine():
            return _by_row(change, policy)
        case _:
            assert_never(change)


def _by_row(change: LeadUpsert | LeadQuarantine, policy: Policy) -> Wanted:
    source, fields = policy.source_of(change.origin), change.row.fields
    may_call = isinstance(change, LeadUpsert) and not has_no_number(
        change.row, policy.sources[source]
    )
    made: dict[ListId, Target | None] = {}
    for each in policy.lists.values():
        if belongs(fields, each):
            cells = cells_of(change.lead, change.row, source, each, policy)
            digest = policy.digests.row(each.id, cells)
            first = bool(each.priority) and all_match(each.priority, fields)
            made[each.id] = Held(cells, digest, first) if may_call else Quarantined(cells, digest)
        else:
            made[each.id] = None
    return made


def target_on(each: ListPolicy, wanted: Target | None, known: ListBelief) -> Target:
    """Return what a list should hold, given what is *known* there: a lead that left goes."""
    if wanted is not None:
        return wanted
    return _gone(each.leave) if known.contacts else ANYTHING


def targets(change: RowChange, belief: Belief, policy: Policy) -> Mapping[ListId, Target]:
    """Return what each list of the settings should hold once *change* is in effect."""
    return {
        list_id: target_on(policy.lists[list_id], wanted, belief.lists.get(list_id, NO_CONTACTS))
        for list_id, wanted in wanted_by(change, policy).items()
    }


def _gone(removal: Removal) -> Target:
    return Removed() if removal is Removal.REMOVE else Quarantined()
