"""Run the real command line as processes: the simulator, one-shot commands, and workers."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.support.site import Site
from tests.support.waiting import wait_until

REPOSITORY = Path(__file__).parents[2]
_ADDRESS = re.compile(r"https?://[^\s\"]+")


class WorkerDied(AssertionError):  # noqa: N818  # it reads as what happened
    """A process ended that a test still needs. The test fails with the end of its log."""


def environment() -> dict[str, str]:
    """Give the environment of a user who has set nothing for the connector."""
    own = {key: value for key, value in os.environ.items() if not key.startswith("CONNECTOR_")}
    return own | {"PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}


def command(
    site: Site, *words: str, timeout: float = 90, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run one command of the connector with the site's settings, and keep what it said."""
    finished = subprocess.run(
        [sys.executable, "-m", "connector", *words, "--config", str(site.settings)],
        cwd=site.directory,
        env=environment(),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    name = "-".join(re.sub(r"[^a-z]", "", word) for word in words)
    _keep(site.directory / f"{name}.out", finished.stdout)
    _keep(site.directory / f"{name}.err", finished.stderr)
    return finished


def document(finished: subprocess.CompletedProcess[str]) -> object:
    """Read the one JSON document that a command with `--json` wrote."""
    parsed: object = json.loads(finished.stdout)
    return parsed


def _keep(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


@dataclass(slots=True)
class Process:
    """A process of the command line, its output in files of the site."""

    name: str
    log: Path
    popen: subprocess.Popen[bytes]
    expected_to_end: bool = field(default=False)

    @property
    def text(self) -> str:
        """All that it has written so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def demand_alive(self) -> None:
        """Fail where it ended by itself.

        Raises:
            WorkerDied: it did; with its exit code and the end of its log.
        """
        code = self.popen.poll()
        if code is not None and not self.expected_to_end:
            raise WorkerDied(f"{self.name} ended with {code}:\n{self.text[-6_000:]}")

    def kill(self) -> None:
        """End it as a power cut would."""
        self.expected_to_end = True
        self.popen.send_signal(signal.SIGKILL)
        self.popen.wait(10)

    def terminate(self, timeout: float = 60) -> int:
        """Ask it to stop; give its exit code."""
        self.expected_to_end = True
        self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(timeout)


def start(site: Site, name: str, words: Sequence[str], config: Path) -> Process:
    """Start a command that stays."""
    log = site.directory / f"{name}.log"
    with log.open("ab") as output:
        popen = subprocess.Popen(
            [sys.executable, "-m", "connector", *words, "--config", str(config)],
            cwd=site.directory,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    return Process(name, log, popen)


@contextmanager
def simulator(site: Site) -> Iterator[str]:
    """Run the simulator of a site; give its address, and write the connector's settings for it."""
    site.write_simulator()
    words = ["simulator", "--host", "127.0.0.1", "--port", "0"]
    process = start(site, "simulator", words, site.simulator_settings)
    try:
        found: list[str] = []

        def says_its_address() -> bool:
            process.demand_alive()
            found[:] = _ADDRESS.findall(process.text)
            return bool(found)

        wait_until(says_its_address, "the simulator's address", 30)
        address = found[0].rstrip("/")
        site.write(address)
        yield address
    finally:
        _end(process)


@contextmanager
def workers(site: Site) -> Iterator["Workers"]:
    """Run workers of a site; whatever still runs at the end is killed."""
    running = Workers(site)
    try:
        yield running
    finally:
        for process in running.all:
            _end(process)


def _end(process: Process) -> None:
    if process.popen.poll() is None:
        process.kill()


@dataclass(slots=True)
class Workers:
    """The workers of a site, one after another or side by side."""

    site: Site
    all: list[Process] = field(default_factory=list)

    @property
    def newest(self) -> Process:
        """The worker that was started last."""
        return self.all[-1]

    def start(self) -> Process:
        """Start one more; does not wait for it."""
        self.all.append(start(self.site, f"worker-{len(self.all)}", ["run"], self.site.settings))
        return self.newest

    def demand_alive(self) -> None:
        """Fail where one ended by itself."""
        for process in self.all:
            process.demand_alive()

    def works(self) -> bool:
        """Ask the one that listens whether it has joined and restored."""
        try:
            answer = httpx.get(f"http://{self.site.listen}/health/worker", timeout=2)
        except httpx.TransportError:
            return False
        return answer.status_code == httpx.codes.OK

    def wait_ready(self, timeout: float = 60) -> None:
        """Wait until the newest one says that it has joined and restored."""

        def ready() -> bool:
            self.newest.demand_alive()
            return self.works()

        wait_until(ready, "a worker that has joined and restored", timeout)

    def metrics(self) -> str:
        """Read the metrics of the one that listens."""
        return httpx.get(f"http://{self.site.listen}/metrics", timeout=10).text
