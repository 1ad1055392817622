"""Run the simulator and the worker of the demo as processes of their own."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

_ADDRESS = re.compile(r"https?://[^\s\"]+")
_START = 30.0
"""Seconds within which the simulator must listen."""
_LINES = 25
"""Lines of a log that are shown when its process has failed."""


class ProcessFailedError(Exception):
    """Say that a process of the demo ended or did not start; carries the end of its log."""


class Process:
    """One command of this connector, its output in a log of its own."""

    def __init__(self, name: str, words: Sequence[str], directory: Path) -> None:
        self.name = name
        self._log = directory / f"{name}.log"
        own = {key: value for key, value in os.environ.items() if not key.startswith("CONNECTOR_")}
        with self._log.open("wb") as output:
            self._popen = subprocess.Popen(  # noqa: S603  # our own command, our own words
                [sys.executable, "-m", "connector", *words],
                cwd=directory,
                env=own | {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1", "PYTHONPATH": _root()},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the demo, which then ends its processes
            )

    def address(self) -> str:
        """Wait for the address that it prints once it listens.

        Raises:
            ProcessFailedError: it ended, or printed none in time.
        """
        deadline = time.monotonic() + _START
        while time.monotonic() < deadline:
            found = _ADDRESS.search(self._text())
            if found:
                return found.group().rstrip("/")
            self.demand_alive()
            time.sleep(0.05)
        raise ProcessFailedError(f"the {self.name} did not start in {_START:g} s\n{self._tail()}")

    def demand_alive(self) -> None:
        """Look whether it still runs.

        Raises:
            ProcessFailedError: it does not.
        """
        code = self._popen.poll()
        if code is not None:
            raise ProcessFailedError(f"the {self.name} ended with {code}\n{self._tail()}")

    def stop(self, seconds: float) -> None:
        """Ask it to end, and wait.

        Raises:
            ProcessFailedError: it did not within *seconds*, or not with 0.
        """
        self._popen.terminate()
        try:
            code = self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ProcessFailedError(f"the {self.name} did not stop in {seconds:g} s") from None
        if code != 0:
            raise ProcessFailedError(f"the {self.name} ended with {code}\n{self._tail()}")

    def kill(self) -> None:
        """End it at once, whatever it does; nothing happens where it has ended."""
        if self._popen.poll() is None:
            self._popen.kill()
            self._popen.wait()

    def _text(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def _tail(self) -> str:
        return "\n".join(self._text().splitlines()[-_LINES:])


def free_port() -> int:
    """Find a port of the loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _root() -> str:
    """Name the directory that holds this package: a demo runs without being installed too."""
    return str(Path(__file__).parents[2])
