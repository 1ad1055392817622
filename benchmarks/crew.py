"""Run several workers of one application against the simulator, and say what the simulator saw."""

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from benchmarks.platform_server import COLUMNS, DNC_LIST_ID, LIST_ID, SECOND_LIST_ID
from benchmarks.rig import Terms, environment, wait_for, write_settings
from benchmarks.worker_run import Worker, outcomes_of
from tests.support.brokers import Broker
from tests.support.simulators import JournalLine, Simulator, a_seed, simulator_process

PARTITIONS = 8


@contextmanager
def simulator(directory: Path, clients: dict[str, int]) -> Iterator[Simulator]:
    """Run the simulator with two contact lists in a process of its own; *clients* have their
    allowance a minute.
    """
    seed = a_seed(
        clients=[
            {"client_id": client, "client_secret": client, "requests_per_minute": allowance}
            for client, allowance in clients.items()
        ],
        contact_lists=[
            {
                "id": list_id,
                "name": name,
                "columns": list(COLUMNS),
                "phone_columns": ["Mobile", "Home"],
            }
            for list_id, name in ((LIST_ID, "Leads"), (SECOND_LIST_ID, "Second"))
        ],
        dnc_lists=[{"id": DNC_LIST_ID, "name": "Do not call"}],
        campaigns=[],
    )
    with simulator_process(directory, seed) as running:
        yield running


@dataclass(frozen=True, slots=True)
class Where:
    """What a crew runs against."""

    broker: Broker
    platform: str
    directory: Path


class Crew:
    """Workers of one application, each with its own state directory."""

    def __init__(self, where: Where, application: str, source: str, terms: Terms) -> None:
        self._where = where
        self._application = application
        self._source = source
        self._terms = terms
        self._members: list[tuple[subprocess.Popen[bytes], Path]] = []
        settings = self._settings(0)
        Worker(where.broker, settings, application, PARTITIONS).create_topics()

    def _settings(self, number: int) -> Path:
        directory = self._where.directory / f"{self._application}-{number}"
        directory.mkdir(exist_ok=True)
        return write_settings(
            directory,
            self._where.broker.bootstrap_servers,
            self._application,
            self._source,
            PARTITIONS,
            self._where.platform,
            self._terms,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        for process, _ in self._members:
            if process.poll() is None:
                process.kill()
            process.wait(30)

    def join(self, count: int = 1) -> None:
        """Start *count* workers and wait until every one has its partitions and its state."""
        for _ in range(count):
            settings = self._settings(len(self._members) + 1)
            with settings.with_suffix(".log").open("wb") as output:
                process = subprocess.Popen(
                    [sys.executable, "-m", "connector", "run", "--config", str(settings)],
                    stdout=output,
                    stderr=output,
                    env=environment(),
                )
            self._members.append((process, settings))
        for _ in wait_for(180):
            self.demand_alive()
            if all(_ready(settings) for process, settings in self._members if not process.poll()):
                return

    def leave(self) -> None:
        """Stop the worker that came last, cleanly.

        Raises:
            RuntimeError: it did not stop as it should.
        """
        process, settings = self._members.pop()
        process.send_signal(signal.SIGTERM)
        if code := process.wait(60):
            raise RuntimeError(f"a worker stopped with {code}: {_said(settings)}")

    def kill(self) -> None:
        """Kill the worker that came last, as a machine that loses its power does."""
        process, _ = self._members.pop()
        process.kill()
        process.wait(30)

    def change_terms(self, terms: Terms) -> None:
        """Stop all workers cleanly; those that join from now on have other *terms*."""
        while self._members:
            self.leave()
        self._terms = terms

    def demand_alive(self) -> None:
        """See that no worker ended.

        Raises:
            RuntimeError: one did.
        """
        for process, settings in self._members:
            if process.poll() is not None:
                raise RuntimeError(f"a worker ended by itself: {_said(settings)}")

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the connector with the settings of the first worker."""
        _, settings = self._members[0]
        command = [sys.executable, "-m", "connector", *words, "--config", str(settings)]
        return subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=600, env=environment()
        )

    def await_outcomes(self, count: int, timeout: float) -> None:
        """Wait until the application has *count* outcomes."""
        for _ in wait_for(timeout):
            self.demand_alive()
            if outcomes_of(self._where.broker, self._application, PARTITIONS) >= count:
                return
            time.sleep(0.2)


@dataclass(slots=True)
class Seen:
    """What the simulator saw of the API's requests, tokens included."""

    kinds: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    sizes: Counter[int] = field(default_factory=Counter)
    """How many contacts each insert carried."""
    times: list[float] = field(default_factory=list)
    last: int = 0

    def take(self, simulator: Simulator) -> None:
        """Read on in the journal."""
        for line in simulator.journal(self.last):
            self.note(line)

    def note(self, line: JournalLine) -> None:
        """Count one line of the journal."""
        self.last = line.n
        self.times.append(line.at)
        self.statuses[line.status or 0] += 1
        self.kinds[_kind(line)] += 1
        if _kind(line) == "post contacts":
            self.sizes[_length(line.body)] += 1

    @property
    def full(self) -> str:
        """Say how full the inserts were."""
        requests, contacts = sum(self.sizes.values()), sum(s * n for s, n in self.sizes.items())
        if not requests:
            return "no inserts"
        most = max(self.sizes)
        full = self.sizes[most]
        return f"{contacts / requests:.2f} contacts a POST, {full} of {requests} carry {most}"


def _kind(line: JournalLine) -> str:
    last = line.path.rpartition("/")[2]
    if last == "contacts" and line.method == "POST" and not any(_callables(line.body)):
        return "quarantine"
    match line.method, last:
        case "POST", "token":
            return "token"
        case "POST", "search" | "bulk":
            return "search" if last == "search" else "bulk read"
        case "POST", "contacts":
            return "post contacts"
        case "POST", "phonenumbers":
            return "block numbers"
        case "PUT", _:
            return "put contact"
        case _:
            return f"{line.method.lower()} {'list' if 'lists' in line.path else last}"


def _callables(body: Any) -> list[bool]:
    return [each.get("callable", True) for each in body] if isinstance(body, list) else [True]


def _length(body: Any) -> int:
    return len(body) if isinstance(body, list) else 0


def _ready(settings: Path) -> bool:
    listen = next(
        line.split('"')[1] for line in settings.read_text().splitlines() if "listen" in line
    )
    try:
        with urllib.request.urlopen(f"http://{listen}/health/ready", timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _said(settings: Path) -> str:
    return settings.with_suffix(".log").read_text()[-3_000:]
