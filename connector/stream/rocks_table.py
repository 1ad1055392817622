"""Keep state rows on disk: a warm start reads only what came since.

Each partition's database is at every moment an exact prefix of the changelog: rows and position
are written in one batch, and a row only once its delivery report came. A position ahead of its
rows lost six opt-outs to a kill -9 (engine.md A).
"""

import shutil
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from rocksdict import BlockBasedOptions, Cache, Options, Rdict, WriteBatch

from connector.stream.overlay import Delivered, Overlay
from connector.stream.packing import UnknownFormError, pack, unpack
from connector.stream.reading import LogReader, RawRecord
from connector.stream.state_table import ChangelogTable

_FORM = 1
_PLACE_KEY = b"\xff\xffplace"
"""No row has it: row keys are UTF-8, or end in `0xff` and one character (state_rows.py)."""

_MIB = 1 << 20
_WRITE_BUFFER = 8 * _MIB
_BLOCK_CACHE = 32 * _MIB
"""Of all partitions together; the file cache of the system does the rest."""

_BLOOM_BITS = 10
"""Bits a row that tell in which file it is not: most look-ups are for rows that nobody has (a new
lead, an opt-out, a lift). 250,000 rows: 9.6 → 2.0 µs each, three a change; 1.2 MB a million."""

TOMBSTONE_HORIZON = 24 * 3600.0
"""Kafka's default `delete.retention.ms`. We write no tombstones, but a person may; a database that
slept longer could have missed one, and its lead would rise again (engine.md A)."""


class StateUnavailableError(Exception):
    """The state directory cannot be used. The catcher ends the worker; the text says how on."""


class _Database(Protocol):
    def get(self, key: bytes) -> bytes | None: ...

    def write(self, batch: object) -> None: ...

    def close(self) -> None: ...


class Place(NamedTuple):
    """What a database is a prefix of: `changelog` is the topic's id, `seen` seconds since 1970."""

    changelog: str
    position: int
    seen: float


@dataclass(frozen=True, slots=True)
class Disk:
    """Where the databases lie, and of which changelog they are.

    `topic_id` is Kafka's id of the changelog, or its name where the broker tells none. So many
    delivered rows are written at once; what is not written yet is read again at a restart.
    """

    directory: Path
    topic_id: str
    write_after: int = 500
    horizon: float = TOMBSTONE_HORIZON
    clock: Callable[[], float] = time.time
    cache: object = field(default_factory=lambda: Cache(_BLOCK_CACHE), repr=False)

    def path(self, partition: int) -> Path:
        """Return the directory of one partition's database."""
        return self.directory / f"lead-state-{partition}"


class RocksRows:
    """Rows of one partition in RocksDB, and an overlay of what is newer."""

    def __init__(self, disk: Disk, partition: int) -> None:
        """Open the database, or begin an empty one where it is of no use.

        Raises:
            StateUnavailableError: another process has it, or the disk refuses.
        """
        self._disk = disk
        self._path = disk.path(partition)
        self._overlay = Overlay()
        self._unwritten: dict[bytes, bytes] = {}
        self._database = self._open()
        self._position: int | None = None
        written = self._database.get(_PLACE_KEY)
        if written is not None:
            self._position = self._usable_position(written)
            if self._position is None:
                self.wipe()

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
        if shown is None:
            shown = self._unwritten.get(key)
        return self._database.get(key) if shown is None else shown

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
        changes = dict[bytes, bytes | None](self._unwritten)
        changes.update((each.key() or b"", each.value()) for each in records)
        self._position = position
        self._write(changes.items())
        self._catch_up()

    def wipe(self) -> None:
        """Forget all, on disk too."""
        self._overlay.clear()
        self._unwritten.clear()
        self._database.close()
        shutil.rmtree(self._path)
        self._database = self._open()
        self._position = None

    def close(self) -> None:
        """Write what is delivered, and let go of the files."""
        self._overlay.clear()
        if self._position is not None:
            self._write(self._unwritten.items())
        self._database.close()

    def _catch_up(self) -> None:
        while (row := self._overlay.next_at(self._position)) is not None:
            self._unwritten[row.key] = row.value
            self._position = row.offset + 1
        if len(self._unwritten) >= self._disk.write_after:
            self._write(self._unwritten.items())

    def _write(self, changes: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Write *changes* and the position behind them, all or nothing."""
        batch = WriteBatch(raw_mode=True)
        for key, value in changes:
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        place = Place(self._disk.topic_id, self._position or 0, self._disk.clock())
        batch.put(_PLACE_KEY, pack(_FORM, [*place]))
        self._database.write(batch)
        self._unwritten.clear()

    def _usable_position(self, written: bytes) -> int | None:
        """Return the position on disk, None if what is there must not be used."""
        try:
            place = unpack("the state on disk", _FORM, written, lambda fields: Place(*fields))
        except UnknownFormError:
            return None
        slept = self._disk.clock() - place.seen
        if place.changelog != self._disk.topic_id or slept > self._disk.horizon:
            return None
        return place.position

    def _open(self) -> _Database:
        try:
            return self._rocks()
        except Exception as refused:
            if str(refused).startswith("IO error"):
                raise StateUnavailableError(
                    f"{self._path} cannot be opened: {refused}; each worker needs a "
                    "state.directory of its own that it may write to"
                ) from refused
        shutil.rmtree(self._path)  # damaged, and the changelog has all of it
        return self._rocks()

    def _rocks(self) -> _Database:
        self._path.mkdir(parents=True, exist_ok=True)
        options = Options(raw_mode=True)
        options.create_if_missing(True)  # noqa: FBT003  # its only parameter
        options.set_write_buffer_size(_WRITE_BUFFER)
        options.set_max_open_files(200)
        options.set_keep_log_file_num(1)
        blocks = BlockBasedOptions()
        blocks.set_block_cache(self._disk.cache)
        blocks.set_bloom_filter(_BLOOM_BITS, False)  # noqa: FBT003  # whole files, not blocks
        options.set_block_based_table_factory(blocks)
        database: _Database = Rdict(str(self._path), options)
        return database


class RocksTable(ChangelogTable):
    """The state on disk (setting `state.store`)."""

    def __init__(self, reader: LogReader, topic: str, disk: Disk) -> None:
        """Keep the rows of the changelog *topic* on *disk*."""
        super().__init__(reader, topic)
        self._disk = disk

    def _open(self, partition: int) -> RocksRows:
        return RocksRows(self._disk, partition)
