"""Say what waiting changes come to together, and what each list should hold by that."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from connector.domain.change import LeadDelete, LeadQuarantine, LeadUpsert, Row
from connector.domain.ids import ListId
from connector.planning.coalesce import merged, row_change, wanted_alone
from connector.planning.conditions import any_known
from connector.planning.filling import Filled, filled, is_partial, knows_contact, unread
from connector.planning.pending import Pending
from connector.planning.plan import Case
from connector.planning.policy import ListPolicy
from connector.planning.routes import belongs_as_named
from connector.planning.standing import Standing, standing
from connector.planning.targets import (
    NO_CONTACTS,
    Held,
    Left,
    Quarantined,
    RowChange,
    Target,
    Wanted,
    wanted_by,
    wanted_on,
)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A partial change as one list sees it: with all contacts, and with those that rules hear."""

    heard: Filled
    rules: Filled
    stands: Standing


class Outlook:
    """What members of one group come to, for one decision: each union is made once."""

    __slots__ = ("_case", "_changes", "_wanted")

    def __init__(self, case: Case) -> None:
        self._case = case
        self._changes: dict[tuple[Pending, ...], RowChange] = {}
        self._wanted: dict[tuple[Pending, ...], Wanted] = {}

    def change(self, members: Sequence[Pending]) -> RowChange:
        """Return the change that *members* come to; a partial one filled from what was read."""
        if self._says_all(members):
            return row_change(members[-1])
        key = tuple(members)
        if key not in self._changes:
            self._changes[key] = self._filled(merged(members, self._case.policy))
        return self._changes[key]

    def _says_all(self, members: Sequence[Pending]) -> bool:
        """Say whether those before the newest of *members* add nothing to it."""
        newest = members[-1]
        if is_partial(row_change(newest)):
            return False
        return len(members) == 1 or not any(
            isinstance(each, Held | Quarantined) and each.lacks
            for each in wanted_alone(newest, self._case.policy).values()
        )

    def _filled(self, change: RowChange) -> RowChange:
        if isinstance(change, LeadDelete) or change.row.whole:
            return change
        return _with_row(change, self._heard(change).row)

    def _source(self, change: LeadUpsert | LeadQuarantine) -> str:
        return self._case.policy.source_of(change.origin)

    def standing(self, members: Sequence[Pending]) -> Standing | None:
        """Return where the lead stands by *members*, None after a delete.

        Each list is judged by its own contact first, as it was in `wanted`.
        """
        case, change = self._case, self.change(members)
        if isinstance(change, LeadDelete):
            return None
        if change.row.whole or not knows_contact(case):
            return standing(change, case.belief, case.policy)
        named = _row_of(merged(members, case.policy))
        here = [each for each in case.policy.lists if each in self._seen(named, each).stands.here]
        return replace(self._seen(named, None).stands, here=frozenset(here))

    def _seen(self, change: LeadUpsert | LeadQuarantine, list_id: ListId | None) -> _Seen:
        """Return a partial change as one list sees it, and where the lead stands by that.

        A list that was left has no say in rules: the state knows where the lead stands.
        """
        case = self._case
        rules = filled(change.row, self._source(change), case, list_id, left=False)
        stands = standing(_with_row(change, rules.row), case.belief, case.policy)
        return _Seen(self._heard(change, list_id), rules, stands)

    def _heard(self, change: LeadUpsert | LeadQuarantine, list_id: ListId | None = None) -> Filled:
        return filled(change.row, self._source(change), self._case, list_id, left=True)

    def wanted(self, members: Sequence[Pending]) -> Wanted:
        """Return what the lists should hold, but those for which contacts must be read first."""
        if self._says_all(members):
            return wanted_alone(members[-1], self._case.policy)
        key = tuple(members)
        if key not in self._wanted:
            self._wanted[key] = self._want(members)
        return self._wanted[key]

    def _want(self, members: Sequence[Pending]) -> Wanted:
        case, change = self._case, merged(members, self._case.policy)
        if isinstance(change, LeadDelete) or change.row.whole:
            return wanted_by(change, case.policy, in_step=is_partial(row_change(members[-1])))
        if not knows_contact(case):
            return {}  # an insert that a crash hid may have landed: nothing can be said
        wanted: dict[ListId, Target | Left | None] = {}
        waits = bool(unread(case))
        for each in case.policy.lists.values():
            seen = self._seen(change, each.id)
            target = wanted_on(
                each, change, seen.heard.row, seen.stands, case.policy, in_step=True
            )
            if waits and (seen.stands.deleted or self._is_bad(change, seen.rules) is True):
                # Whatever else is read, it must not be called: that waits for no other list.
                wanted[each.id] = _closed(target)
            elif not waits or self._is_said(each, change, seen, target):
                wanted[each.id] = target
        return wanted

    def _is_bad(self, change: LeadUpsert | LeadQuarantine, rules: Filled) -> bool | None:
        """Say whether the lead is disqualified; None: a contact that is not read will say it."""
        if isinstance(change, LeadQuarantine):
            return True
        rule = self._case.policy.sources[self._source(change)].quarantine
        known = any_known(rule, rules.row.fields) if rule else None
        if known is None and rule.keys().isdisjoint(rules.unsaid):
            return self._case.belief.disqualified
        return known

    def _is_said(
        self,
        each: ListPolicy,
        change: LeadUpsert | LeadQuarantine,
        seen: _Seen,
        target: Held | Quarantined | Left | None,
    ) -> bool:
        """Say whether no contact that is not read yet can make *target* another one."""
        case, rules, heard = self._case, seen.rules, seen.heard
        names = each.when.keys() | each.unless.keys()
        by_state = belongs_as_named(rules.row.fields, each) is None
        if by_state and not names.isdisjoint(rules.unsaid):
            return False
        if isinstance(target, Left):
            return True
        phones = set(case.policy.sources[self._source(change)].phones.values())
        numbered = any(heard.row.fields.get(name) for name in phones)
        known = case.belief.lists.get(each.id, NO_CONTACTS)
        return (
            bool(known.contacts)
            and (numbered or phones.isdisjoint(heard.unsaid))
            and self._is_bad(change, rules) is not None
        )


def _with_row(change: LeadUpsert | LeadQuarantine, row: Row) -> LeadUpsert | LeadQuarantine:
    return type(change)(change.lead, change.origin, change.revision, row)


def _row_of(change: RowChange) -> LeadUpsert | LeadQuarantine:
    if isinstance(change, LeadDelete):
        raise TypeError("a delete names no fields")
    return change


def _closed(target: Held | Quarantined | Left | None) -> Quarantined | None:
    """Return *target* as one that is not callable, with nothing of other lists in it."""
    if target is None:
        return None
    return Quarantined(target.cells, target.digest, target.lacks, keeps=True)
