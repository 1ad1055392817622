"""Remember what was seen, in some twenty bytes each where Python's own set takes a hundred."""

from array import array
from collections.abc import Hashable

_FIRST = 1 << 12
_FULL = 5 / 8
_WORD = (1 << 64) - 1


class Seen:
    """A set that only grows and only says whether something is new.

    It keeps hashes of 64 bits: among ten million things the odds that one is taken for another
    are three in a million.
    """

    __slots__ = ("_count", "_mask", "_slots")

    def __init__(self) -> None:
        self._count = 0
        self._mask = _FIRST - 1
        self._slots = array("Q", bytes(8 * _FIRST))

    def __len__(self) -> int:
        return self._count

    @property
    def bytes(self) -> int:
        """Return how much memory it takes."""
        return 8 * len(self._slots)

    def add(self, thing: Hashable) -> bool:
        """Remember *thing*; say whether it is new."""
        mark = hash(thing) & _WORD or 1  # 0 is an empty slot
        if not self._put(mark):
            return False
        self._count += 1
        if self._count > _FULL * len(self._slots):
            self._grow()
        return True

    def _put(self, mark: int) -> bool:
        slots, mask = self._slots, self._mask
        at = mark & mask
        while held := slots[at]:
            if held == mark:
                return False
            at = at + 1 & mask
        slots[at] = mark
        return True

    def _grow(self) -> None:
        former = self._slots
        self._slots = array("Q", bytes(16 * len(former)))
        self._mask = len(self._slots) - 1
        for mark in former:
            if mark:
                self._put(mark)
