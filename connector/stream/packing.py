"""Pack values of our own topics: one byte that names the form, then a JSON array.

Arrays, not objects: names would be the larger half of a row, and a million rows are restored at
every start. A form never changes; another layout gets another number, and its reader keeps the
old one.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import orjson

from connector.domain.ids import LeadId
from connector.domain.revision import NO_REVISION, Position, Revision

T = TypeVar("T")

_JSON_INTEGERS = range(-(2**63), 2**64)
"""What orjson writes as a number; log positions read from text can be longer."""


class UnknownFormError(Exception):
    """Bytes in one of our own topics that this version cannot read.

    Raised by the decoders of `lead-changes`, `opt-outs` and the changelog. The catcher stops the
    worker: to step over them would lose a change. The text names no content.
    """


def lead_key(lead: LeadId) -> bytes:
    """Return the Kafka key of a lead's records (contract.md section 4).

    Lead ids hold no lone surrogates: they come out of decoders that refuse them.
    """
    return lead.encode("utf-8")


def pack(form: int, fields: Sequence[object]) -> bytes:
    """Return the byte for *form* and *fields* behind it."""
    return bytes((form,)) + orjson.dumps(fields)


def unpack(what: str, form: int, data: bytes, build: Callable[[Any], T]) -> T:
    """Return what *build* makes of the fields in *data*.

    Raises:
        UnknownFormError: another form, or not written by the connector at all. *what* names the
            kind of value in its text.
    """
    if data[:1] != bytes((form,)):
        raise UnknownFormError(
            f"{what} in form {data[0] if data else '(empty)'}; this version reads form {form}: "
            "run the version of the connector that wrote it, or a later one"
        )
    with suppress(ValueError, TypeError, LookupError, AttributeError):
        return build(orjson.loads(memoryview(data)[1:]))
    # Raised out here so that no cause hangs on it: a decoder's error quotes the whole text.
    raise UnknownFormError(
        f"{what} that the connector did not write: find out who else writes to this topic"
    )


def pack_revision(revision: Revision) -> list[object] | None:
    """Return the packed *revision*, None for none."""
    if revision == NO_REVISION:
        return None
    position = revision.position
    place = None
    if position is not None:
        place = [position.kind, [n if n in _JSON_INTEGERS else str(n) for n in position.at]]
    packed: list[object] = [place, revision.commit_time, revision.named]
    return [*packed, True] if revision.snapshot else packed


def unpack_revision(packed: Any) -> Revision:
    """Return the revision that `pack_revision` packed."""
    if packed is None:
        return NO_REVISION
    place, commit_time, named, *snapshot = packed
    position = None
    if place is not None:
        position = Position(place[0], tuple(int(n) for n in place[1]))
    return Revision(position, commit_time, named, snapshot=bool(snapshot))
