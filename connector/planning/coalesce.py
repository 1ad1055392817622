"""Merge the waiting changes of one lead to the fewest writes with the same end."""

from collections.abc import Sequence

from connector.domain.change import LeadDelete, LeadQuarantine, LeadUpsert, Row
from connector.planning.conditions import any_matches
from connector.planning.pending import Pending
from connector.planning.policy import Policy
from connector.planning.targets import RowChange, Wanted, wanted_by

_ROW_CHANGES = (LeadUpsert, LeadQuarantine, LeadDelete)


def row_change(pending: Pending) -> RowChange:
    """Return the change of *pending*, which is one that a row comes of."""
    change = pending.change
    if isinstance(change, _ROW_CHANGES):
        return change
    raise TypeError(f"{type(change).__name__} makes no row")


def group(live: Sequence[Pending]) -> Sequence[Pending]:
    """Return the changes at the head of *live* that may share their writes.

    A tombstone never coalesces with the delete before it and is not superseded: it ends a group,
    and a delete before it ends one too. So does what another source names in its own words, and
    what a partial change cannot join: a delete, which it must not end, and a row that was refused.
    What some lists lack of deferred changes is brought there first.
    """
    if live and live[0].alone:
        return live[:1]
    for at, pending in enumerate(live):
        if pending.only != live[0].only:
            return live[:at]
        if at and _stands_apart(live[at - 1], pending):
            return live[:at]
        if _is_tombstone(pending):
            return live[: at + 1]
    return live


def _stands_apart(before: Pending, pending: Pending) -> bool:
    old, new = row_change(before), row_change(pending)
    if isinstance(new, LeadDelete):
        return new.tombstone and isinstance(old, LeadDelete)
    if not new.row.whole and (isinstance(old, LeadDelete) or before.rejected):
        return True
    if isinstance(old, LeadDelete):
        return False
    return old.origin.source != new.origin.source


def take_apart(waiting: Sequence[Pending], owner: Pending) -> bool:
    """Say whether what the platform refused was not of *owner* alone; then they go one by one.

    A change that carries cells of those before it must not be refused for theirs.
    """
    change = owner.change
    if owner not in waiting or not isinstance(change, LeadUpsert | LeadQuarantine):
        return False
    named = change.row.fields.keys()
    before = (pending.change for pending in waiting[: waiting.index(owner)])
    if not any(
        isinstance(each, LeadUpsert | LeadQuarantine) and each.row.fields.keys() - named
        for each in before
    ):
        return False
    for pending in waiting:
        pending.alone = True
    return True


def _is_tombstone(pending: Pending) -> bool:
    return isinstance(pending.change, LeadDelete) and pending.change.tombstone


def wanted_alone(pending: Pending, policy: Policy) -> Wanted:
    """Return what the lists should hold by one change that is not partial."""
    if pending.wanted is None:
        in_step = pending.only is not None  # where the lead stood then, no state says any more
        pending.wanted = wanted_by(row_change(pending), policy, in_step=in_step)
    return pending.wanted


def merged(members: Sequence[Pending], policy: Policy) -> RowChange:
    """Return the one change that *members*, oldest first, come to.

    The newest value of each field that is named; whole if one of them is; the kind of a partial
    change is decided again on the union. What stood before a delete, or in another source, adds
    nothing.
    """
    newest = row_change(members[-1])
    if isinstance(newest, LeadDelete) or len(members) == 1:
        return newest
    rows: list[Row] = [newest.row]
    for pending in reversed(members[:-1]):
        change = row_change(pending)
        if isinstance(change, LeadDelete) or change.origin.source != newest.origin.source:
            break
        rows.append(change.row)
    fields: dict[str, str] = {}
    for row in reversed(rows):
        fields.update(row.fields)
    union = Row(fields, whole=any(row.whole for row in rows), dropped=newest.row.dropped)
    kind = type(newest)
    if not newest.row.whole:
        disqualified = any_matches(
            policy.sources[policy.source_of(newest.origin)].quarantine, fields
        )
        kind = LeadQuarantine if disqualified else LeadUpsert
    return kind(newest.lead, newest.origin, newest.revision, union)
