"""Say what each contact list should hold of a lead."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar, assert_never

from connector.domain.belief import NOTHING_KNOWN, ListBelief
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

    `lacks` and `digest` are as in `Held`. `keeps` says that what lacks stays as the contact has
    it, wherever the lead stands.
    """

    cells: Cells | None = None
    digest: Digest | None = None
    lacks: tuple[str, ...] = ()
    keeps: bool = False


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


@dataclass(frozen=True, slots=True)
class Left:
    """The lead does not belong there; a contact that stays there is kept in step with these cells.

    `lacks` and `digest` are as in `Held`.
    """

    cells: Cells
    digest: Digest | None
    lacks: tuple[str, ...]


Wanted: TypeAlias = Mapping[ListId, Target | Left | None]
"""What each list should hold by the row alone; None: the lead does not belong there.

A list that is not in it: contacts of the lead must be read to say it.
"""


def wanted_by(change: RowChange, policy: Policy, *, in_step: bool = False) -> Wanted:
    """Return what each list should hold once *change*, which names all, is in effect.

    *in_step*: also contacts on lists that the lead left hold what it names, for partial changes
    may bring it back.
    """
    match change:
        case LeadDelete(moved_to=moved):
            return {
                each.id: Quarantined() if moved is not None else _gone(each.delete)
                for each in policy.lists.values()
            }
        case LeadUpsert() | LeadQuarantine():
            stands = standing(change, NOTHING_KNOWN, policy)
            return {
                each.id: wanted_on(each, change, change.row, stands, policy, in_step=in_step)
                for each in policy.lists.values()
            }
        case _:
            assert_never(change)


def wanted_on(
    each: ListPolicy,
    change: LeadUpsert | LeadQuarantine,
    filled: Row,
    stands: Standing,
    policy: Policy,
    *,
    in_step: bool,
) -> Held | Quarantined | Left | None:
    """Return what one list should hold of a lead that *stands* so.

    *filled* is the row with what it does not name as read from contacts: rules look at that, but
    only what the change names is written over what a contact holds.
    """
    here = each.id in stands.here
    if not (here or in_step):
        return None
    source = policy.source_of(change.origin)
    cells = cells_of(change.lead, change.row, source, each, policy)
    lacks = () if len(cells) > len(each.mapped[source]) else _lacking(each, source, cells)
    digest = None if lacks else policy.digests.row(each.id, cells)
    if not here:
        return Left(cells, digest, lacks)
    if stands.disqualified or stands.deleted or has_no_number(filled, policy.sources[source]):
        return Quarantined(cells, digest, lacks)
    first = bool(each.priority) and all_match(each.priority, filled.fields)
    return Held(cells, digest, first, lacks)


def _lacking(each: ListPolicy, source: str, cells: Cells) -> tuple[str, ...]:
    return tuple([column for column in each.mapped[source] if column not in cells])


def completed(target: RowTarget, rest: Cells, each: ListPolicy, policy: Policy) -> RowTarget:
    """Return *target* with what it lacks taken from *rest*, else empty."""
    if not target.lacks or target.cells is None:
        return target
    cells = {**target.cells, **{column: rest.get(column, "") for column in target.lacks}}
    return replace(target, cells=cells, digest=policy.digests.row(each.id, cells), lacks=())


def target_on(each: ListPolicy, wanted: Target | Left | None, known: ListBelief) -> Target:
    """Return what a list should hold, given what is *known* there: a lead that left goes."""
    if wanted is not None and not isinstance(wanted, Left):
        return wanted
    if not known.contacts:
        return ANYTHING
    if wanted is None or each.leave is Removal.REMOVE:
        return _gone(each.leave)
    return Quarantined(wanted.cells, wanted.digest, wanted.lacks, keeps=True)


def _gone(removal: Removal) -> Target:
    return Removed() if removal is Removal.REMOVE else Quarantined()
