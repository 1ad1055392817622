"""Hold the rows of one partition that are newer than what was taken from the changelog."""

from collections import deque
from typing import NamedTuple


class Delivered(NamedTuple):
    """A row that the changelog has at `offset`."""

    key: bytes
    value: bytes
    offset: int


class Overlay:
    """Rows that were put, until they are part of the changelog's prefix that we hold.

    Every put is settled once, in the order of the puts of its key; the newest value is shown
    until the last of them is settled.
    """

    __slots__ = ("_behind", "_shown")

    def __init__(self) -> None:
        self._shown: dict[bytes, tuple[bytes, int]] = {}
        """Key → the value put last, and how many puts are unsettled."""
        self._behind: deque[Delivered] = deque()
        """Delivered rows that stand behind a gap, in the order of their offsets."""

    def get(self, key: bytes) -> bytes | None:
        """Return the row that was put last, None if none waits."""
        shown = self._shown.get(key)
        return None if shown is None else shown[0]

    def put(self, key: bytes, value: bytes) -> None:
        """Show *value* until it is settled or a newer one is put."""
        shown = self._shown.get(key)
        self._shown[key] = (value, 1 if shown is None else shown[1] + 1)

    def settle(self, key: bytes) -> None:
        """Count the oldest put of *key* as part of the prefix."""
        shown = self._shown.get(key)
        if shown is None or shown[1] == 1:
            self._shown.pop(key, None)
        else:
            self._shown[key] = (shown[0], shown[1] - 1)

    def wait(self, row: Delivered) -> None:
        """Keep a delivered row until everything before it is part of the prefix."""
        self._behind.append(row)

    def gap(self, position: int | None) -> range | None:
        """Return what lies between *position* and the first row that waits behind it."""
        if position is None or not self._behind:
            return None
        return range(position, self._behind[0].offset)

    def next_at(self, position: int | None) -> Delivered | None:
        """Take the row that waits at *position*, if one does, and settle it.

        Rows before *position* are settled too: they were read from the changelog.
        """
        while position is not None and self._behind and self._behind[0].offset <= position:
            row = self._behind.popleft()
            self.settle(row.key)
            if row.offset == position:
                return row
        return None

    def clear(self) -> None:
        """Forget all."""
        self._shown.clear()
        self._behind.clear()
