"""Run one worker of ours over a source topic, and measure it from outside."""

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition

from benchmarks.rig import environment, wait_for
from tests.support.brokers import Broker


@dataclass(frozen=True, slots=True)
class Took:
    """What *records* changes took: seconds of wall, of CPU, of CPU of the main thread."""

    name: str
    records: int
    seconds: float
    cpu: float
    main_cpu: float

    @property
    def rate(self) -> float:
        """Changes per second."""
        return self.records / self.seconds

    def each(self, seconds: float) -> float:
        """Microseconds of *seconds* for one change."""
        return seconds / self.records * 1e6


class Worker:
    """One worker, started by its command line."""

    def __init__(self, broker: Broker, settings: Path, application: str, partitions: int) -> None:
        self._broker = broker
        self._settings = settings
        self._application = application
        self._partitions = partitions

    def create_topics(self) -> None:
        """Make the topics that the worker needs."""
        command = [sys.executable, "-m", "connector", "topics", "create"]
        subprocess.run(
            [*command, "--config", str(self._settings)],
            check=True,
            capture_output=True,
            timeout=120,
            env=environment(),
        )

    def run(self, records: int, runner: Sequence[str], timeout: float) -> Took:
        """Run it until every record has its outcome; stop it, and say what that took.

        From the first record that intake produced to the last outcome that the broker has.

        Raises:
            RuntimeError: it ended by itself, or did not stop cleanly.
        """
        with self._log.open("wb") as output:
            process = subprocess.Popen(
                [*runner, "run", "--config", str(self._settings)],
                stdout=output,
                stderr=output,
                env=environment(),
            )
        try:
            took = self._watch(process, records, timeout)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            code = process.wait(60)
        if code:
            raise RuntimeError(f"the worker stopped with {code}: {self._said()}")
        return took

    @property
    def _log(self) -> Path:
        return self._settings.with_suffix(".log")

    def _said(self) -> str:
        return self._log.read_text()[-4_000:]

    def _demand_alive(self, process: subprocess.Popen[bytes]) -> None:
        if process.poll() is not None:
            raise RuntimeError(f"the worker ended by itself: {self._said()}")

    def _watch(self, process: subprocess.Popen[bytes], records: int, timeout: float) -> Took:
        outcomes, changes = f"{self._application}.outcomes", f"{self._application}.lead-changes"
        seen = psutil.Process(process.pid)
        with contextlib.closing(_reader(self._broker)) as reader:
            for _ in wait_for(120):
                self._demand_alive(process)
                if self._ends(reader, changes):
                    break
            cpu, main = _cpu(seen)
            for _ in wait_for(timeout):
                self._demand_alive(process)
                if self._ends(reader, outcomes) >= records:
                    break
            ended = time.time()
            cpu_end, main_end = _cpu(seen)
            began = self._first_timestamp(reader, changes)
        return Took("worker", records, ended - began, cpu_end - cpu, main_end - main)

    def _ends(self, reader: Consumer, topic: str) -> int:
        return _ends(reader, topic, self._partitions)

    def _first_timestamp(self, reader: Consumer, topic: str) -> float:
        """Return when the first record was produced to *topic*, in seconds since 1970."""
        reader.assign(
            [TopicPartition(topic, each, OFFSET_BEGINNING) for each in range(self._partitions)]
        )
        found: dict[int, float] = {}
        for _ in wait_for(30):
            for message in reader.consume(1000, timeout=0.5):
                found.setdefault(message.partition() or 0, message.timestamp()[1] / 1000)
            if len(found) == self._partitions:
                break
        return min(found.values())


def outcomes_of(broker: Broker, application: str, partitions: int) -> int:
    """Return how many outcomes the broker has of an application."""
    return records_of(broker, f"{application}.outcomes", partitions)


def records_of(broker: Broker, topic: str, partitions: int) -> int:
    """Return how many records a topic has."""
    with contextlib.closing(_reader(broker)) as reader:
        return _ends(reader, topic, partitions)


def _ends(reader: Consumer, topic: str, partitions: int) -> int:
    """Return how many records a topic has; none while the leaders of a new one get known."""
    places = (TopicPartition(topic, each) for each in range(partitions))
    try:
        return sum(reader.get_watermark_offsets(each, timeout=10)[1] for each in places)
    except KafkaException:
        return 0


def _cpu(process: psutil.Process) -> tuple[float, float]:
    """Return the CPU seconds of a process with its children, and of its main thread."""
    family = [process, *process.children(recursive=True)]
    times = [each.cpu_times() for each in family]
    main = next(each for each in process.threads() if each.id == process.pid)
    return sum(each.user + each.system for each in times), main.user_time + main.system_time


def _reader(broker: Broker) -> Consumer:
    return Consumer(
        {
            "bootstrap.servers": broker.bootstrap_servers,
            "group.id": "bench-watch",
            "enable.auto.commit": False,
        }
    )
