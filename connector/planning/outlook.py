"""Say what waiting changes come to together, and what each list should hold by that."""

from collections.abc import Sequence

from connector.domain.change import LeadDelete
from connector.planning.coalesce import merged, row_change, wanted_alone
from connector.planning.filling import filled, is_partial, knows_contact, unread
from connector.planning.pending import Pending
from connector.planning.plan import Case
from connector.planning.standing import Standing, standing
from connector.planning.targets import (
    Held,
    Quarantined,
    RowChange,
    Wanted,
    wanted_by,
    wanted_by_row,
)


class Outlook:
    """What members of one group come to, for one decision: each union is made once."""

    __slots__ = ("_case", "_changes", "_wanted")

    def __init__(self, case: Case) -> None:
        self._case = case
        self._changes: dict[tuple[Pending, ...], RowChange] = {}
        self._wanted: dict[tuple[Pending, ...], Wanted | None] = {}

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
        source = self._case.policy.source_of(change.origin)
        row = filled(change.row, source, self._case)
        return type(change)(change.lead, change.origin, change.revision, row)

    def standing(self, members: Sequence[Pending]) -> Standing | None:
        """Return where the lead stands by *members*, None after a delete."""
        change = self.change(members)
        if isinstance(change, LeadDelete):
            return None
        return standing(change, self._case.belief, self._case.policy)

    def wanted(self, members: Sequence[Pending]) -> Wanted | None:
        """Return what the lists should hold; None while contacts must be read to say it."""
        if self._says_all(members):
            return wanted_alone(members[-1], self._case.policy)
        key = tuple(members)
        if key not in self._wanted:
            self._wanted[key] = self._want(members)
        return self._wanted[key]

    def _want(self, members: Sequence[Pending]) -> Wanted | None:
        case, change = self._case, merged(members, self._case.policy)
        if isinstance(change, LeadDelete) or change.row.whole:
            return wanted_by(change, case.policy)
        if not knows_contact(case):
            return dict.fromkeys(case.policy.lists)
        if unread(case):
            return None
        whole = self.change(members)
        if isinstance(whole, LeadDelete):
            raise TypeError("a delete names no fields")
        return wanted_by_row(
            change, whole.row, standing(whole, case.belief, case.policy), case.policy
        )
