"""Encode and decode the canonical changes of `lead-changes` and `opt-outs`."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar, assert_never

from connector.domain.change import (
    Flaw,
    LeadChange,
    LeadDelete,
    LeadOptOut,
    LeadQuarantine,
    LeadUpsert,
    NumbersOptOut,
    OptOutLift,
    Row,
)
from connector.domain.ids import LeadId
from connector.domain.origin import NO_OFFSET, Origin
from connector.domain.reason import Reason, Stage
from connector.domain.revision import Revision
from connector.stream.packing import pack, pack_revision, unpack, unpack_revision

C = TypeVar("C", bound=LeadChange)

_FORM = 1

_WHOLE = 1
_DROPPED = 2


def encode(change: LeadChange) -> bytes:
    """Return the value under which *change* travels. Its key is `lead_key(change.lead)`."""
    origin = change.origin
    place = [
        origin.source,
        origin.topic,
        origin.topic_id,
        origin.partition,
        origin.offset,
        origin.timestamp,
        origin.part,
        origin.replay_id,
        origin.parts,
    ]
    tag, rest = _tag_and_rest(change)
    return pack(_FORM, [tag, change.lead, place, pack_revision(change.revision), *rest])


def decode(data: bytes) -> LeadChange:
    """Return the change that `encode` wrote.

    Raises:
        UnknownFormError: another version wrote it, or somebody else.
    """
    return unpack("a lead change", _FORM, data, _change)


def placed(change: C, topic: str, partition: int, offset: int, timestamp: int) -> C:
    """Return *change* with its place: its own record's, where a person said it.

    Such a change has no record before this one (docs/decisions/0009).
    """
    if change.origin.offset != NO_OFFSET:
        return change
    origin = replace(
        change.origin, topic=topic, partition=partition, offset=offset, timestamp=timestamp
    )
    return replace(change, origin=origin)


def _tag_and_rest(change: LeadChange) -> tuple[str, list[object]]:
    """Return the letter for the kind and the fields that only this kind has."""
    match change:
        case LeadUpsert():
            return "u", [_pack_row(change.row)]
        case LeadQuarantine():
            return "q", [_pack_row(change.row)]
        case LeadOptOut():
            numbers, flaw = sorted(change.numbers), _pack_flaw(change.flaw)
            return "o", [_pack_row(change.row), numbers, flaw, change.cause]
        case LeadDelete():
            return "d", [change.moved_to, change.tombstone]
        case NumbersOptOut():
            return "n", [sorted(change.numbers), _pack_flaw(change.flaw)]
        case OptOutLift():
            return "l", [change.at]
        case _:
            assert_never(change)


def _change(fields: Any) -> LeadChange:
    tag, lead, place, revision, *rest = fields
    return _BUILDERS[tag](lead, Origin(*place), unpack_revision(revision), *rest)


def _pack_flaw(flaw: Flaw | None) -> list[object] | None:
    return None if flaw is None else [flaw.reason, flaw.stage]


def _flaw(packed: Any) -> Flaw | None:
    return None if packed is None else Flaw(Reason(packed[0]), Stage(packed[1]))


def _pack_row(row: Row) -> list[object]:
    return [dict(row.fields), row.whole * _WHOLE | row.dropped * _DROPPED]


def _row(packed: Any) -> Row:
    fields, flags = packed
    return Row(fields, whole=bool(flags & _WHOLE), dropped=bool(flags & _DROPPED))


def _upsert(lead: LeadId, origin: Origin, revision: Revision, row: Any) -> LeadUpsert:
    return LeadUpsert(lead, origin, revision, _row(row))


def _quarantine(lead: LeadId, origin: Origin, revision: Revision, row: Any) -> LeadQuarantine:
    return LeadQuarantine(lead, origin, revision, _row(row))


def _opt_out(lead: LeadId, origin: Origin, revision: Revision, *rest: Any) -> LeadOptOut:
    row, numbers, flaw, cause = rest
    return LeadOptOut(lead, origin, revision, _row(row), frozenset(numbers), _flaw(flaw), cause)


def _numbers(lead: LeadId, origin: Origin, revision: Revision, *rest: Any) -> NumbersOptOut:
    numbers, flaw = rest
    return NumbersOptOut(lead, origin, revision, frozenset(numbers), _flaw(flaw))


_BUILDERS: Mapping[str, Callable[..., LeadChange]] = {
    "u": _upsert,
    "q": _quarantine,
    "o": _opt_out,
    "d": LeadDelete,
    "n": _numbers,
    "l": OptOutLift,
}
