"""Keep state rows in memory: read whole at every start."""

from collections.abc import Collection

from connector.stream.overlay import Delivered, Overlay
from connector.stream.reading import RawRecord
from connector.stream.state_table import ChangelogTable


class MemoryRows:
    """Rows of one partition: a prefix of the changelog in a dictionary, and what is newer."""

    def __init__(self) -> None:
        self._rows: dict[bytes, bytes] = {}
        self._overlay = Overlay()
        self._position: int | None = None

    @property
    def position(self) -> int | None:
        """Return the offset to read on from."""
        return self._position

    @property
    def gap(self) -> range | None:
        """Return the offsets that others wrote before a row of ours."""
        return self._overlay.gap(self._position)

    def get(self, key: bytes) -> bytes | None:
        """Return the newest row."""
        shown = self._overlay.get(key)
        return self._rows.get(key) if shown is None else shown

    def put(self, key: bytes, value: bytes) -> None:
        """Show a row that is not durable yet."""
        self._overlay.put(key, value)

    def delivered(self, key: bytes, value: bytes, offset: int) -> None:
        """Take note that the changelog has the row at *offset*."""
        self._overlay.wait(Delivered(key, value, offset))
        self._catch_up()

    def forget_undelivered(self) -> None:
        """Drop the rows that were put and not delivered."""
        self._overlay.clear()

    def load(self, records: Collection[RawRecord], position: int) -> None:
        """Take over records of the changelog up to *position*."""
        for each in records:
            key, value = each.key() or b"", each.value()
            if value is None:
                self._rows.pop(key, None)
            else:
                self._rows[key] = value
        self._position = position
        self._catch_up()

    def wipe(self) -> None:
        """Forget all."""
        self._rows.clear()
        self._overlay.clear()
        self._position = None

    def close(self) -> None:
        """Let go of the rows."""
        self.wipe()

    def _catch_up(self) -> None:
        while (row := self._overlay.next_at(self._position)) is not None:
            self._rows[row.key] = row.value
            self._position = row.offset + 1


class MemoryTable(ChangelogTable):
    """The state in memory (setting `state.store`)."""

    def _open(self, partition: int) -> MemoryRows:
        del partition
        return MemoryRows()
