"""Name what reading a topic to its end takes and gives: the port that `Reader` fills."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias


class RawRecord(Protocol):
    """A record as the client holds it: nothing is copied out that nobody asks for."""

    def key(self) -> bytes | None:
        """Return the key."""

    def value(self) -> bytes | None:
        """Return the value."""

    def offset(self) -> int | None:
        """Return the offset."""


Take: TypeAlias = Callable[[int, Sequence[RawRecord], int], None]
"""Takes the partition, its next records in order, and the offset to read on from. The records can
be none: the offset then stands behind a transaction's marker."""

Misplaced: TypeAlias = Callable[[int], None]
"""Told of a partition whose position the topic does not have: it was made anew or trimmed. Called
before its first record is taken, from the beginning."""


def ignore(_partition: int) -> None:
    """Do nothing about a position that the topic no longer has."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reading came to; `complete` is False if it was halted on the way."""

    records: int
    complete: bool


class LogReader(Protocol):
    """Reads partitions in the calling thread, which must not be the event loop's.

    Only committed records are given. Raises `ReadFailedError` where the broker refuses.
    """

    def read_to_end(
        self,
        topic: str,
        positions: Mapping[int, int | None],
        take: Take,
        halt: threading.Event,
        misplaced: Misplaced = ignore,
    ) -> Reading:
        """Read each partition from its position (None: the beginning) to the end of this moment.

        Ends early, at the next batch, once *halt* is set.
        """

    def read_range(
        self, topic: str, partition: int, span: range, take: Take, halt: threading.Event
    ) -> Reading:
        """Read the offsets of *span* that the topic still has, to its end at most."""


class ReadFailedError(Exception):
    """The broker did not let us read, or did not answer in time.

    The catcher stops or tries again; what was taken so far is right but not all.
    """
