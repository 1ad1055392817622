"""`connector simulator` as a process: it says where it listens, and ends as it is told."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.worker import environment

SEED = '[[clients]]\nclient_id = "c"\nclient_secret = "s"\n'


@contextmanager
def started(directory: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Start the simulator in a directory; killed at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "connector", "simulator", "--port", "0", *words],
        cwd=directory,
        env=environment() | {"CONNECTOR_CONFIG": "/no/such/file"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def first_line(process: subprocess.Popen[str]) -> str:
    """Read the line by which it says that it listens."""
    assert process.stdout is not None
    return process.stdout.readline()


@pytest.mark.parametrize(("stop", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_it_says_its_address_in_one_line_and_stops(
    tmp_path: Path, stop: signal.Signals, code: int
) -> None:
    """Whoever starts it reads the address and can ask at once; `simulator.toml` is its file."""
    (tmp_path / "simulator.toml").write_text(SEED)
    with started(tmp_path) as process:
        address = first_line(process).strip()
        answer = httpx.post(
            f"{address}/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=("c", "s"),
            trust_env=False,
        )
        assert answer.status_code == 200
        process.send_signal(stop)
        rest, errors = process.communicate(timeout=20)
    assert (process.returncode, rest, errors) == (code, "", "")


def test_it_begins_with_empty_books_without_a_file(tmp_path: Path) -> None:
    """The control API can seed it; as JSON the address is a document."""
    with started(tmp_path, "--json") as process:
        assert process.stdout is not None
        text = ""
        while not text.endswith("}\n"):
            text += process.stdout.readline()
        address = json.loads(text)["address"]
        journal = httpx.get(f"{address}/_control/journal", trust_env=False)
        assert journal.json() == []


def test_an_address_that_is_taken_is_refused(tmp_path: Path) -> None:
    """Exit 3, and a line that says what to give instead."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with started(tmp_path, "--port", port) as process:
            output, errors = process.communicate(timeout=20)
    assert process.returncode == 3
    assert output == ""
    (line,) = errors.splitlines()
    assert line.startswith(f"cannot listen on 127.0.0.1:{port} (Address already in use")
    assert line.endswith("give another --host or --port")
