"""Take apart what the decoder says, for tests."""

from typing import TypeVar

from connector.cdc.decoding import Changes, Decoded, NotALeadChange, Unreadable

T = TypeVar("T")


def one(decoded: Decoded, kind: type[T]) -> T:
    """Return the only change, which must be of *kind*."""
    assert isinstance(decoded, Changes), decoded
    assert len(decoded.changes) == 1
    change = decoded.changes[0]
    assert isinstance(change, kind), change
    return change


def no_change(decoded: Decoded) -> NotALeadChange:
    """Return what was recognised and is of no use."""
    assert isinstance(decoded, NotALeadChange), decoded
    return decoded


def refused(decoded: Decoded) -> Unreadable:
    """Return the refusal."""
    assert isinstance(decoded, Unreadable), decoded
    return decoded
