"""A server of somebody else's in a process of its own: started, awaited, stopped, killed."""

import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.support.waiting import wait_until

QUICK_JAVA = ("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""Java that starts soon and keeps few threads: right for runs of a minute."""

_PATIENCE = 120.0
"""Seconds in which it must serve: a machine that runs all tests at once is slow."""


class Server:
    """One process that writes a log and dies with the process that started it.

    *ready* says whether it serves; it is asked until it does. *user* is whom it runs as, where
    it must not be the one who runs the tests.
    """

    def __init__(
        self,
        name: str,
        words: Sequence[str],
        directory: Path,
        ready: Callable[[], bool],
        user: int | None = None,
    ) -> None:
        self.name = name
        self.log = directory / f"{name}.log"
        self._words = list(words)
        self._directory = directory
        self._ready = ready
        self._user = user
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, without waiting for it."""
        leash = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*leash, *self._words],
                cwd=self._directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=self._user,
            )

    def wait_ready(self) -> None:
        """Wait until it serves.

        Raises:
            RuntimeError: it ended before; the end of its log is in the text.
            TimeoutError: it does not serve within two minutes.
        """

        def serves() -> bool:
            if not self.running:
                said = self.log.read_text(errors="replace")[-3_000:]
                raise RuntimeError(f"{self.name} ended while starting:\n{said}")
            return self._ready()

        wait_until(serves, f"{self.name} to serve, see {self.log}", _PATIENCE)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it in order, or by force after half a minute. Does nothing where it has ended."""
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def kill9(self) -> None:
        """End it without warning."""
        self.stop(signal.SIGKILL)
