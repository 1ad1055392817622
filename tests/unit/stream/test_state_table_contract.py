"""One suite for both state tables: what the changelog says is what the table says."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connector.stream.memory_table import MemoryTable
from connector.stream.rocks_table import Disk, RocksTable
from connector.stream.state_table import StateTable
from tests.support.fake_log import FakeLog

Opener = Callable[[FakeLog], StateTable]


@pytest.fixture(params=["memory", "rocksdb"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Give a way to open the table of a log; what is left open is closed."""
    opened: list[StateTable] = []

    def open_table(log: FakeLog) -> StateTable:
        table: StateTable = (
            MemoryTable(log, "changelog")
            if request.param == "memory"
            else RocksTable(log, "changelog", Disk(tmp_path, "id-1"))
        )
        opened.append(table)
        return table

    yield open_table
    for table in opened:
        table.close()


def _restored(table: StateTable, *partitions: int) -> int:
    restored = table.restore(partitions, threading.Event())
    assert restored.complete
    return restored.records


def _write(log: FakeLog, table: StateTable, key: bytes, value: bytes) -> None:
    table.put(0, key, value)
    table.delivered(0, key, value, log.append(0, key, value))


def test_an_empty_changelog_is_an_empty_table(opener: Opener) -> None:
    """Nothing was ever written: every row is None."""
    table = opener(FakeLog())
    assert _restored(table, 0, 1) == 0
    assert table.get(0, b"k") is None


def test_the_newest_row_of_each_key_is_restored(opener: Opener) -> None:
    """Later records win, tombstones delete, partitions do not mix."""
    log = FakeLog()
    for key, value in [(b"a", b"1"), (b"b", b"1"), (b"a", b"2"), (b"b", None), (b"c", b"3")]:
        log.append(0, key, value)
    log.append(1, b"a", b"other")
    table = opener(log)
    assert _restored(table, 0, 1) == 6
    assert [table.get(0, key) for key in (b"a", b"b", b"c")] == [b"2", None, b"3"]
    assert table.get(1, b"a") == b"other"


def test_a_partition_that_is_not_ours_has_no_rows(opener: Opener) -> None:
    """A lookup there raises: better than a stale row."""
    log = FakeLog()
    log.append(1, b"a", b"1")
    table = opener(log)
    _restored(table, 0, 1)
    table.keep([0])
    with pytest.raises(KeyError):
        table.get(1, b"a")
    with pytest.raises(KeyError):
        table.put(2, b"a", b"1")


def test_a_row_is_visible_when_it_is_put(opener: Opener) -> None:
    """The newest put is shown, also when an older one of its key is delivered after it."""
    log = FakeLog()
    table = opener(log)
    _restored(table, 0)
    table.put(0, b"a", b"1")
    table.put(0, b"a", b"2")
    table.put(0, b"a", b"1")
    assert table.get(0, b"a") == b"1"
    for value in (b"1", b"2"):
        table.delivered(0, b"a", value, log.append(0, b"a", value))
        assert table.get(0, b"a") == b"1"
    table.delivered(0, b"a", b"1", log.append(0, b"a", b"1"))
    assert table.get(0, b"a") == b"1"


def test_a_row_that_was_never_delivered_is_gone_after_the_next_restore(opener: Opener) -> None:
    """The producer was purged: the record comes again and must not be called a repeat."""
    log = FakeLog()
    table = opener(log)
    _restored(table, 0)
    _write(log, table, b"a", b"1")
    table.put(0, b"a", b"2")
    table.put(0, b"b", b"1")
    assert _restored(table, 0) == 0
    assert table.get(0, b"a") == b"1"
    assert table.get(0, b"b") is None


def test_a_kept_partition_sees_what_another_worker_wrote(opener: Opener) -> None:
    """A worker that missed a generation sees nothing revoked: each restore reads the tail."""
    log = FakeLog()
    table = opener(log)
    _restored(table, 0)
    _write(log, table, b"a", b"1")
    table.keep([0])
    log.append(0, b"a", b"theirs")
    assert _restored(table, 0) == 1
    assert table.get(0, b"a") == b"theirs"


def test_a_partition_that_comes_back_is_right(opener: Opener) -> None:
    """It left, another worker wrote, it returns: rows are the changelog's."""
    log = FakeLog()
    table = opener(log)
    _restored(table, 0)
    _write(log, table, b"a", b"1")
    table.keep([])
    log.append(0, b"a", b"theirs")
    log.append(0, b"b", b"theirs")
    _restored(table, 0)
    assert (table.get(0, b"a"), table.get(0, b"b")) == (b"theirs", b"theirs")


async def test_late_rows_of_another_worker_are_read_under_ours(opener: Opener) -> None:
    """A foreign record before ours stops the position until it is mended, then lies under ours."""
    log = FakeLog()
    table = opener(log)
    await asyncio.to_thread(_restored, table, 0)
    assert await table.mend(threading.Event()) == 0
    log.append(0, b"a", b"late")
    log.append(0, b"b", b"late")
    _write(log, table, b"a", b"1")
    table.put(0, b"c", b"1")
    assert (table.get(0, b"a"), table.get(0, b"b")) == (b"1", None)
    assert await table.mend(threading.Event()) == 2
    assert [table.get(0, key) for key in (b"a", b"b", b"c")] == [b"1", b"late", b"1"]
    assert await table.mend(threading.Event()) == 0
    _write(log, table, b"d", b"1")
    assert await asyncio.to_thread(_restored, table, 0) == 0


async def test_a_halted_mending_changes_nothing(opener: Opener) -> None:
    """The gap stays, and the next call fills it."""
    log = FakeLog()
    table = opener(log)
    await asyncio.to_thread(_restored, table, 0)
    log.append(0, b"b", b"late")
    _write(log, table, b"a", b"1")
    halted = threading.Event()
    halted.set()
    assert await table.mend(halted) == 0
    assert table.get(0, b"b") is None
    assert await table.mend(threading.Event()) == 1


def test_a_marker_at_the_end_is_read_once(opener: Opener) -> None:
    """The position stands behind a transaction's marker."""
    log = FakeLog()
    log.append(0, b"a", b"1")
    log.mark(0)
    table = opener(log)
    assert _restored(table, 0) == 1
    assert _restored(table, 0) == 0
    _write(log, table, b"a", b"2")
    assert _restored(table, 0) == 0


def test_a_halted_restore_is_taken_up_again(opener: Opener) -> None:
    """A rebalance in the middle: the next restore goes on and ends right."""
    log = FakeLog()
    for number in range(10):
        log.append(0, b"k%d" % (number % 3), b"%d" % number)
    log.halt_after = 4
    table = opener(log)
    assert not table.restore([0], threading.Event()).complete
    log.halt_after = None
    _restored(table, 0)
    assert {b"k%d" % n: table.get(0, b"k%d" % n) for n in range(3)} == log.rows(0)


def test_a_restore_that_was_halted_before_it_began_reads_nothing(opener: Opener) -> None:
    """The thread came too late: the partitions belong to somebody else by now."""
    table = opener(FakeLog())
    halt = threading.Event()
    halt.set()
    assert table.restore([0], halt).records == 0
    with pytest.raises(KeyError):
        table.get(0, b"a")


@pytest.mark.parametrize("what", ["made anew", "trimmed"])
def test_a_position_that_the_changelog_lost_starts_over(opener: Opener, what: str) -> None:
    """The changelog was made anew or trimmed: old rows are wiped and it is read from the start."""
    log = FakeLog()
    table = opener(log)
    _restored(table, 0)
    for number in range(4):
        _write(log, table, b"k%d" % number, b"1")
    if what == "made anew":
        log.remake(0)
    else:
        for number in range(4):
            log.append(0, b"k%d" % number, b"2")
        log.trim(0, 6)
    log.append(0, b"new", b"1")
    restored = table.restore([0], threading.Event())
    assert restored.wiped == {0}
    assert {key: table.get(0, key) for key in log.rows(0)} == log.rows(0)
    assert table.get(0, b"k0") is None


def test_dropping_partitions_ends_a_restore_that_runs(opener: Opener) -> None:
    """The event loop waits for one batch at most, and afterwards nothing is owned."""
    log = FakeLog()
    for number in range(100):
        log.append(0, b"k", b"%d" % number)
    table = opener(log)
    halt, reading = threading.Event(), threading.Event()
    original = log.read_to_end

    def slow(*args: object) -> object:
        reading.set()
        assert halt.wait(timeout=10)
        return original(*args)  # type: ignore[arg-type]  # passed on as they came

    log.read_to_end = slow  # type: ignore[method-assign, assignment]  # stands in the way once
    thread = threading.Thread(target=table.restore, args=([0], halt))
    thread.start()
    assert reading.wait(timeout=10)
    table.keep([])
    thread.join(timeout=10)
    assert halt.is_set()
    with pytest.raises(KeyError):
        table.get(0, b"k")
