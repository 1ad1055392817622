"""SIGTERM reaches a worker that still waits for its environment."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.settings_files import edited
from tests.support.site import free_port

LONGEST = 5.0
"""Seconds; a thread of the client may wait for a broker for 30."""


@pytest.fixture
def silent() -> Iterator[int]:
    """A port that takes connections and never says anything."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        yield listening.getsockname()[1]


def _stopped(directory: Path, port: int, by: signal.Signals) -> int:
    """Start a worker whose broker is at *port*, stop it, return its exit code."""
    config = directory / "connector.toml"
    config.write_text(
        edited("127.0.0.1:9092", f"127.0.0.1:{port}").replace(
            'envelope = "flat"', 'envelope = "flat"\nencoding = "json"'
        )
        + f'[ops]\nlisten = "127.0.0.1:{free_port()}"\n'
    )
    words = ["-m", "connector", "run", "--json", "--config", str(config)]
    with subprocess.Popen(
        [sys.executable, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stderr is not None
        for line in worker.stderr:
            if "worker.started" in line:
                break
        worker.send_signal(by)
        said, _ = worker.communicate(timeout=LONGEST)
    assert json.loads(said) == {"exit_code": worker.returncode}
    return worker.returncode


def test_a_worker_without_a_broker_stops_at_once(tmp_path: Path) -> None:
    """Nobody answers at the address: exit 0, and with --json one document that says so."""
    assert _stopped(tmp_path, free_port(), signal.SIGTERM) == 0


def test_a_worker_whose_broker_is_silent_stops_at_once(tmp_path: Path, silent: int) -> None:
    """The broker takes the connection and says nothing: interrupted all the same."""
    assert _stopped(tmp_path, silent, signal.SIGINT) == 130
