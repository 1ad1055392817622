"""Encode and decode what the state keeps of a lead: up to three rows of the changelog.

The opt-out and the lift have rows of their own that are only ever set, so that a late write of a
worker that was paused and replaced cannot undo them (engine.md C).
"""

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import Any, NamedTuple

from connector.domain.belief import (
    Belief,
    ContactBelief,
    LiftBelief,
    ListBelief,
    Mark,
    OptOutBelief,
    QuarantinedBy,
)
from connector.domain.ids import Digest, DncListId, LeadId
from connector.stream.packing import (
    UnknownFormError,
    lead_key,
    pack,
    pack_revision,
    unpack,
    unpack_revision,
)

_FORM = 1

_LOOKED = 1
_ROUTED = 2
_DEFERRED = 4

_DELETED = 1
_DISQUALIFIED = 2


class RowKind(Enum):
    """Which of a lead's rows a key names: the end of the key.

    The key of the lead row is the lead id as it is. The byte 0xff is in no UTF-8 text, so no lead
    id can end like the key of another row.
    """

    LEAD = b""
    OPT_OUT = b"\xff!"
    LIFT = b"\xff^"


class StateRow(NamedTuple):
    """One row of the state table, as bytes."""

    key: bytes
    value: bytes


def row_key(lead: LeadId, kind: RowKind) -> bytes:
    """Return the key of one of the rows of *lead*."""
    return lead_key(lead) + kind.value


def split_key(key: bytes) -> tuple[LeadId, RowKind]:
    """Return the lead and the kind that *key* names.

    Raises:
        UnknownFormError: no key of ours.
    """
    lead, mark, end = key.partition(b"\xff")
    try:
        return LeadId(lead.decode("utf-8")), RowKind(mark + end)
    except ValueError:
        pass
    raise UnknownFormError("a key of the state that this version does not know")


def read(lead: LeadId, get: Callable[[bytes], bytes | None]) -> Belief:
    """Return the belief about *lead* from its rows; *get* looks one up by key.

    Raises:
        UnknownFormError: a row that this version cannot read.
    """
    opt_out = get(row_key(lead, RowKind.OPT_OUT))
    lift = get(row_key(lead, RowKind.LIFT))
    return decode_lead(
        get(row_key(lead, RowKind.LEAD)),
        None if opt_out is None else decode_opt_out(opt_out),
        None if lift is None else decode_lift(lift),
    )


def changed_rows(lead: LeadId, before: Belief, after: Belief) -> tuple[StateRow, ...]:
    """Return the rows that differ between two beliefs about *lead*, the opt-out's first.

    An opt-out or lift that *after* lacks leaves its row as it is: they are only ever set.
    """
    rows = []
    if after.opt_out is not None and after.opt_out != before.opt_out:
        rows.append(StateRow(row_key(lead, RowKind.OPT_OUT), encode_opt_out(after.opt_out)))
    if after.lift is not None and after.lift != before.lift:
        rows.append(StateRow(row_key(lead, RowKind.LIFT), encode_lift(after.lift)))
    if _of_lead(before) != _of_lead(after):
        rows.append(StateRow(row_key(lead, RowKind.LEAD), encode_lead(after)))
    return tuple(rows)


def encode_lead(belief: Belief) -> bytes:
    """Return the value of the lead row: all of *belief* but opt-out and lift."""
    lists = {each: _pack_list(believed) for each, believed in belief.lists.items()}
    flags = belief.deleted * _DELETED | belief.disqualified * _DISQUALIFIED
    fields = [_pack_marks(belief.marks), lists, flags, belief.moved_to, belief.reconsent]
    return pack(_FORM, fields)


def decode_lead(
    data: bytes | None, opt_out: OptOutBelief | None = None, lift: LiftBelief | None = None
) -> Belief:
    """Return the belief in a lead row, with what the other rows hold.

    Raises:
        UnknownFormError: a row that this version cannot read.
    """

    def build(fields: Any) -> Belief:
        marks, lists, flags, moved_to, reconsent = fields
        return Belief(
            marks=_marks(marks),
            lists={each: _list(packed) for each, packed in lists.items()},
            deleted=bool(flags & _DELETED),
            disqualified=bool(flags & _DISQUALIFIED),
            moved_to=moved_to,
            reconsent=reconsent,
            opt_out=opt_out,
            lift=lift,
        )

    if data is None:
        return Belief(opt_out=opt_out, lift=lift)
    return unpack("a lead's state", _FORM, data, build)


def encode_opt_out(opt_out: OptOutBelief) -> bytes:
    """Return the value of the opt-out row."""
    blocked: dict[DncListId, list[Digest]] = {}
    for dnc_list, digest in sorted(opt_out.blocked):
        blocked.setdefault(dnc_list, []).append(digest)
    return pack(_FORM, [opt_out.since, opt_out.by, _pack_marks(opt_out.marks), blocked])


def decode_opt_out(data: bytes) -> OptOutBelief:
    """Return the opt-out in an opt-out row.

    Raises:
        UnknownFormError: a row that this version cannot read.
    """

    def build(fields: Any) -> OptOutBelief:
        since, by, marks, blocked = fields
        pairs = ((dnc_list, each) for dnc_list, digests in blocked.items() for each in digests)
        return OptOutBelief(since, by, _marks(marks), frozenset(pairs))

    return unpack("an opt-out's state", _FORM, data, build)


def encode_lift(lift: LiftBelief) -> bytes:
    """Return the value of the lift row."""
    return pack(_FORM, [lift.at, _pack_marks(lift.covers)])


def decode_lift(data: bytes) -> LiftBelief:
    """Return the lift in a lift row.

    Raises:
        UnknownFormError: a row that this version cannot read.
    """
    return unpack(
        "a lift's state", _FORM, data, lambda fields: LiftBelief(fields[0], _marks(fields[1]))
    )


def _of_lead(belief: Belief) -> tuple[object, ...]:
    """Return what the lead row holds of *belief*."""
    return (
        belief.marks,
        belief.lists,
        belief.deleted,
        belief.disqualified,
        belief.moved_to,
        belief.reconsent,
    )


def _pack_marks(marks: Sequence[Mark]) -> list[object]:
    return [
        [m.topic_id, m.partition, m.offset, pack_revision(m.revision), m.source] for m in marks
    ]


def _marks(packed: Iterable[Any]) -> tuple[Mark, ...]:
    return tuple(
        Mark(topic_id, partition, offset, unpack_revision(revision), source)
        for topic_id, partition, offset, revision, source in packed
    )


def _pack_list(believed: ListBelief) -> list[object]:
    contacts = [[c.id, c.digest, c.callable, c.by, c.since] for c in believed.contacts]
    flags = believed.looked * _LOOKED | believed.routed * _ROUTED | believed.deferred * _DEFERRED
    return [contacts, flags]


def _list(packed: Any) -> ListBelief:
    contacts, flags = packed
    return ListBelief(
        contacts=tuple(
            ContactBelief(id_, digest, callable_, by and QuarantinedBy(by), since)
            for id_, digest, callable_, by, since in contacts
        ),
        looked=bool(flags & _LOOKED),
        routed=bool(flags & _ROUTED),
        deferred=bool(flags & _DEFERRED),
    )
