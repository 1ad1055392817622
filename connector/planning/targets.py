"""Say what each contact list should hold of a lead."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar, assert_never

from connector.domain.belief import NOTHING_KNOWN, Belief, ListBelief
from connector.domain.change import LeadDelete, LeadQuarantine, LeadUpsert, Row
from connector.domain.ids import Digest, ListId
from connector.planning.conditions import all_match
from connector.planning.contact_row import Cells, cells_of, has_no_number
from connector.planning.policy import ListPolicy, Policy, Removal
from connector.planning.standing import Standing, standing

RowChange: TypeAlias = LeadUpsert | LeadQuarantine | LeadDelete


@dataclass(frozen=True, slots=True)
class Held:
    """The list holds the lead with these cells, callable.

    `lacks` are the mapped columns of which the change says nothing: they stay as they are.
    `digest` is that of every mapped cell, None while some lack.
    """

    cells: Cells
    digest: Digest | None
    priority: bool = False
    lacks: tuple[str, ...] = ()

    @property
    def sealed(self) -> Digest:
        """Return the digest of cells of which none lacks.

        Raises:
            ValueError: some lack.
        """
        if self.digest is None:
            raise ValueError(f"columns lack: {', '.join(self.lacks)}")
        return self.digest


@dataclass(frozen=True, slots=True)
class Quarantined:
    """What the list holds of the lead is not callable; with these cells, or None: as it is.

    `lacks` and `digest` are as in `Held`.
    """

    cells: Cells | None = None
    digest: Digest | None = None
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Removed:
    """The list holds nothing of the lead."""


@dataclass(frozen=True, slots=True)
class Anything:
    """The list is none of this lead's."""


ANYTHING = Anything()
NO_CONTACTS = ListBelief()

Target: TypeAlias = Held | Quarantined | Removed | Anything
RowTarget = TypeVar("RowTarget", bound=Held | Quarantined)


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
            return wanted_by_row(
                change, change.row, standing(change, NOTHING_KNOWN, policy), policy
            )
        case _:
            assert_never(change)


def wanted_by_row(
    change: LeadUpsert | LeadQuarantine, filled: Row, stands: Standing, policy: Policy
) -> Wanted:
    """Return what each list should hold of a lead that *stands* so.

    *filled* is the row with what it does not name as read from contacts: rules look at that, but
    only what the change names is written over what a contact holds.
    """
    source = policy.source_of(change.origin)
    may_call = not (
        stands.disqualified or stands.deleted or has_no_number(filled, policy.sources[source])
    )
    made: dict[ListId, Target | None] = {}
    for each in policy.lists.values():
        if each.id in stands.here:
            cells = cells_of(change.lead, change.row, source, each, policy)
            lacks = () if len(cells) > len(each.mapped[source]) else _lacking(each, source, cells)
            digest = None if lacks else policy.digests.row(each.id, cells)
            if may_call:
                first = bool(each.priority) and all_match(each.priority, filled.fields)
                made[each.id] = Held(cells, digest, first, lacks)
            else:
                made[each.id] = Quarantined(cells, digest, lacks)
        else:
            made[each.id] = None
    return made


def _lacking(each: ListPolicy, source: str, cells: Cells) -> tuple[str, ...]:
    return tuple([column for column in each.mapped[source] if column not in cells])


def completed(target: RowTarget, rest: Cells, each: ListPolicy, policy: Policy) -> RowTarget:
    """Return *target* with what it lacks taken from *rest*, else empty."""
    if not target.lacks or target.cells is None:
        return target
    cells = {**target.cells, **{column: rest.get(column, "") for column in target.lacks}}
    return replace(target, cells=cells, digest=policy.digests.row(each.id, cells), lacks=())


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
