"""State machine: whatever happens, the database on disk is an exact prefix of the changelog."""

import asyncio
import shutil
import tempfile
import threading
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from connector.stream.rocks_table import Disk, RocksRows, RocksTable
from tests.support.fake_log import FakeLog

_KEYS = (b"a", b"b", b"!a", b"\xff!", b"")
_VALUES = st.binary(max_size=2)
_ROWS = st.tuples(st.sampled_from(_KEYS), _VALUES)


_FAST = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a name is made in it
"""A disk in memory, where there is one: what is tested is the order of writes, not the disk."""


def _copy(source: Path, target: Path) -> None:
    """Copy the files of a database that is open; its own threads may tidy up meanwhile."""
    while True:
        try:
            shutil.copytree(source, target)
        except shutil.Error:
            shutil.rmtree(target)
        else:
            return


class StateOnDisk(RuleBasedStateMachine):
    """A worker that writes rows, is paused, overtaken, killed and restarted, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="state-", dir=_FAST))
        self.lives = 0
        self.log = FakeLog()
        self.sent: list[tuple[bytes, bytes]] = []
        self.table = self.live()

    def live(self) -> RocksTable:
        """Open the database of this life; delivered rows are written in threes."""
        disk = Disk(self.root / str(self.lives), "id-1", write_after=3)
        return RocksTable(self.log, "changelog", disk)

    @initialize(written=st.lists(_ROWS, max_size=5))
    def start(self, written: list[tuple[bytes, bytes]]) -> None:
        """Begin with a changelog that somebody else wrote."""
        for key, value in written:
            self.log.append(0, key, value)
        self.restore()

    @rule(key=st.sampled_from(_KEYS), value=_VALUES)
    def put(self, key: bytes, value: bytes) -> None:
        """Settle a change: its row is shown and sent."""
        self.table.put(0, key, value)
        self.sent.append((key, value))

    @rule(
        written=st.lists(_ROWS, min_size=1, max_size=5),
        late=st.none() | _ROWS,
    )
    def settle(self, written: list[tuple[bytes, bytes]], late: tuple[bytes, bytes] | None) -> None:
        """Settle changes and get all reports that are due; a replaced worker may come between."""
        for key, value in written:
            self.put(key, value)
        if late is not None:
            self.log.append(0, *late)
        self.deliver(len(self.sent))

    @precondition(lambda self: self.sent)
    @rule(count=st.integers(1, 3))
    def deliver(self, count: int) -> None:
        """Get delivery reports, in the order of the sends."""
        for key, value in self.sent[:count]:
            self.table.delivered(0, key, value, self.log.append(0, key, value))
        del self.sent[:count]

    @rule()
    def mend(self) -> None:
        """Read what others wrote between ours."""
        asyncio.run(self.table.mend(threading.Event()))

    @rule(how=st.sampled_from(["assigned again", "left and come back", "killed"]))
    def be_disturbed(self, how: str) -> None:
        """Be assigned again, with the partition kept or lost in between, or be killed."""
        if how == "left and come back":
            self.table.keep([])
        elif how == "killed":
            self.be_killed()
        self.restore()

    def restore(self) -> None:
        """Be assigned the partition again; what was not delivered is redelivered by the group."""
        assert self.table.restore([0], threading.Event()).complete
        self.sent.clear()
        self.table_is_the_changelog()

    def be_killed(self) -> None:
        """Die without a word; the next life has the files as they lay there at that moment.

        Rows on disk are then those of the changelog before the position on disk: all, no more.
        """
        image = self.root / str(self.lives + 1)
        _copy(self.root / str(self.lives), image)
        self.table.close()
        self.lives += 1
        rows = RocksRows(Disk(image, "id-1"), 0)
        found = {key: rows.get(key) for key in _KEYS}
        expected = self.log.rows(0, rows.position or 0)
        rows.close()
        assert {key: value for key, value in found.items() if value is not None} == expected
        self.table = self.live()

    @invariant()
    def what_was_put_is_shown(self) -> None:
        """The newest put that is not delivered is what a lookup gives."""
        for key, value in dict(self.sent).items():
            assert self.table.get(0, key) == value

    def table_is_the_changelog(self) -> None:
        """Compare every row with the changelog's."""
        found = {key: self.table.get(0, key) for key in _KEYS}
        assert {k: v for k, v in found.items() if v is not None} == self.log.rows(0)

    def teardown(self) -> None:
        """Remove the databases."""
        self.table.close()
        shutil.rmtree(self.root)


TestStateOnDisk = StateOnDisk.TestCase
TestStateOnDisk.settings = settings(max_examples=60, stateful_step_count=15)
