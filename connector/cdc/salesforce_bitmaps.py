"""Decode the bitmaps by which native Avro names fields: positions in the writer's schema.

`0xHEX` is over the top fields, `N-0xHEX` over the components of the top field N. The lowest bit is
position 0, which is `ChangeEventHeader` (salesforce-cdc.md section 4).
"""

import re
from collections.abc import Iterable, Iterator

from connector.cdc.salesforce_names import HEADER
from connector.cdc.shape import Shape
from connector.cdc.wire import UndecodableError

_ENTRY = re.compile(r"(?:([0-9]{1,9})-)?0[xX]([0-9a-fA-F]+)", re.ASCII)


class ForeignSchemaError(Exception):
    """The schema at hand is not Salesforce's own: its positions mean something else."""


def is_bitmap(entry: str) -> bool:
    """Say whether an entry of `changedFields` and its like is a bitmap, not a name."""
    return _ENTRY.fullmatch(entry) is not None


def named_by(entries: Iterable[str], shape: Shape) -> frozenset[str]:
    """Return the fields that *entries* name, components as `Compound.Component`.

    *shape* must be that of the schema which the record was written with. An entry that is a name
    already stands for itself.

    Raises:
        ForeignSchemaError: the first field of *shape* is not the header.
        UndecodableError: a bit lies past the last field.
    """
    names = shape.names
    if names[:1] != (HEADER,):
        raise ForeignSchemaError(
            "changed fields are bitmaps, and the record's schema is not Salesforce's own: let the "
            "bridge decode them, or write the events unchanged"
        )
    found: set[str] = set()
    for entry in entries:
        match = _ENTRY.fullmatch(entry)
        if match is None:
            found.add(entry)
        elif match[1] is None:
            found.update(_at(match[2], names))
        else:
            compound, parts = _compound(int(match[1]), names, shape)
            found.update(f"{compound}.{part}" for part in _at(match[2], parts))
    return frozenset(found)


def _compound(position: int, names: tuple[str, ...], shape: Shape) -> tuple[str, tuple[str, ...]]:
    """Return the name and the components of the top field at *position* in *names*."""
    member = shape.member(names[position]) if position < len(names) else None
    if member is None:
        raise UndecodableError(_PAST)
    return names[position], member.names


def _at(bitmap: str, names: tuple[str, ...]) -> Iterator[str]:
    """Return those of *names* whose bit is set."""
    bits = int(bitmap, 16)
    if bits >> len(names):
        raise UndecodableError(_PAST)
    return (name for position, name in enumerate(names) if bits >> position & 1)


_PAST = "a changed field lies past the last one: the schema is not the one that wrote the record"
