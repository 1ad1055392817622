"""The demo, as a newcomer runs it."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.leaks import leaks
from tests.support.worker import environment

pytestmark = pytest.mark.slow

LIMIT = 90.0
"""Seconds that a second `make demo` may take (issue 4, point 1)."""


def test_the_demo_proves_itself(tmp_path: Path) -> None:
    """It exits 0 in time, every line of its table agrees, and the screen shows nobody's data."""
    began = time.monotonic()
    finished = subprocess.run(
        [sys.executable, "-m", "connector", "demo", "--json"],
        cwd=tmp_path,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT + 30,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr[-4_000:]
    assert time.monotonic() - began < LIMIT
    told = json.loads(finished.stdout)
    assert told["agree"] is True
    assert told["rows"]
    assert all(row["agree"] for row in told["rows"])
    assert leaks({"screen": finished.stdout + finished.stderr}) == []
    assert list(tmp_path.iterdir()) == []
