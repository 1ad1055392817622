"""kill -9 in the middle of writing state: what is on disk is an exact prefix of the changelog."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from connector.stream.rocks_table import Disk, RocksRows, StateUnavailableError
from connector.stream.state_rows import RowKind
from tests.support.fake_log import FakeRecord
from tests.support.state_writer import AHEAD, KEYS, key_of


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_kill_leaves_an_exact_prefix(tmp_path: Path, seed: int) -> None:
    """Every row before the position on disk is there, none at or behind it."""
    reports = random.Random(seed).randrange(3, 40)
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.support.state_writer", str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        start_new_session=True,
    )
    assert writer.stdout is not None
    told = 0
    for _ in range(reports):
        told = int(writer.stdout.readline())
    os.kill(writer.pid, signal.SIGKILL)
    writer.stdout.close()
    assert writer.wait(timeout=30) == -signal.SIGKILL
    rows = RocksRows(Disk(tmp_path, "id-1"), 0)
    position = rows.position
    assert position is not None
    assert position >= told - AHEAD - 50
    for number in range(max(0, position - KEYS), position):
        assert rows.get(key_of(number)) == b"%d" % number
    for key in map(key_of, range(KEYS)):
        assert int(rows.get(key) or 0) < position
    rows.close()


def test_a_directory_that_another_worker_holds_is_refused(tmp_path: Path) -> None:
    """Two workers with one state directory: the second says what to change."""
    first = RocksRows(Disk(tmp_path, "id-1"), 0)
    with pytest.raises(StateUnavailableError, match=r"state\.directory of its own"):
        RocksRows(Disk(tmp_path, "id-1"), 0)
    first.close()
    RocksRows(Disk(tmp_path, "id-1"), 0).close()


def _written(disk: Disk) -> None:
    rows = RocksRows(disk, 0)
    rows.load([FakeRecord(0, b"a", b"1"), FakeRecord(1, b"b", b"1")], 2)
    rows.close()


def test_a_warm_start_has_rows_and_position(tmp_path: Path) -> None:
    """What was closed is opened as it was."""
    _written(Disk(tmp_path, "id-1"))
    rows = RocksRows(Disk(tmp_path, "id-1"), 0)
    assert (rows.position, rows.get(b"a"), rows.get(b"c")) == (2, b"1", None)
    rows.close()


@pytest.mark.parametrize(
    "disk_now",
    [
        pytest.param({"topic_id": "id-2"}, id="the changelog was made anew"),
        pytest.param({"clock": lambda: 4e9}, id="older than the horizon"),
    ],
)
def test_a_database_of_no_use_is_begun_again(tmp_path: Path, disk_now: dict[str, object]) -> None:
    """Rows of another changelog, or that slept through tombstones, are not used."""
    _written(Disk(tmp_path, "id-1"))
    settings: dict[str, object] = {"topic_id": "id-1", **disk_now}
    rows = RocksRows(Disk(tmp_path, **settings), 0)  # type: ignore[arg-type]  # told by name
    assert (rows.position, rows.get(b"a")) == (None, None)
    rows.load([FakeRecord(0, b"a", b"2")], 1)
    rows.close()


def test_a_damaged_database_is_begun_again(tmp_path: Path) -> None:
    """The changelog has all of it: a damaged file costs a cold start, not a person."""
    disk = Disk(tmp_path, "id-1")
    _written(disk)
    current = disk.path(0) / "CURRENT"
    current.write_bytes(b"nonsense\n")
    rows = RocksRows(disk, 0)
    assert rows.position is None
    rows.close()


def test_no_row_has_the_key_of_the_position() -> None:
    """The position lies among the rows under a key that no lead's row can have."""
    for kind in RowKind:
        assert not kind.value.startswith(b"\xff\xff")
