"""Set up what a case of `optouts.py` runs on, and take its steps."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path

from confluent_kafka import KafkaError, Message, Producer

from benchmarks.crew import PARTITIONS, Crew, Seen, Where, simulator
from benchmarks.opt_out_times import Journal, Times
from benchmarks.platform_server import LIST_ID
from benchmarks.records import a_lead
from benchmarks.rig import Terms, environment, wait_for
from benchmarks.worker_run import records_of
from tests.support.brokers import Broker
from tests.support.simulators import Simulator
from tests.support.topics import Sent, committed, create_topics, ends, produce

ALLOWANCE = 300
SOURCE = "optout-leads"
APPLICATION = "optouts"
WORKER, DRAIN, SINK = "worker", "drain", "in-order"
FAST = 100_000
"""Requests a minute while the backlog is drained: no bound."""


class Stage:
    """A broker with a backlog of new leads, a simulator, and a crew that reads and sends them."""

    def __init__(self, broker: Broker, platform: Simulator, crew: Crew, backlog: int) -> None:
        self.broker = broker
        self.platform = platform
        self.crew = crew
        self.backlog = backlog
        self.journal = Journal(platform)

    def await_intake(self, *, at_once: bool) -> None:
        """Wait for the first inserts and, but *at_once*, until intake has read the backlog."""
        begun, seen, taken = time.monotonic(), Seen(), 0
        for _ in wait_for(600):
            self.crew.demand_alive()
            seen.take(self.platform)
            taken = records_of(self.broker, f"{APPLICATION}.lead-changes", PARTITIONS)
            if seen.sizes and (at_once or taken >= self.backlog):
                break
            time.sleep(0.2)
        print(
            f"{taken:,} records read by intake {time.monotonic() - begun:.1f} s after the workers "
            f"were ready; {sum(size * often for size, often in seen.sizes.items()):,} inserted",
            flush=True,
        )

    def who(self, count: int) -> list[int]:
        """Choose who opts out: in turn one that waits in the backlog and one on the list."""
        known = {int(lead[-8:]) for lead in self.platform.contacts_by_lead(LIST_ID)}
        listed = _spread(sorted(known), min(len(known), count // 2))
        waiting = _spread(sorted({*range(self.backlog)} - known), count - len(listed))
        return [lead for pair in zip_longest(waiting, listed) for lead in pair if lead is not None]

    def opt_out(
        self,
        platforms: Sequence[Simulator],
        leads: Sequence[int],
        pace: float,
        halfway: Callable[[], None],
    ) -> Times:
        """Produce opt-outs at their pace; return when each was appended."""
        appended: Times = {}

        def reported(error: KafkaError | None, message: Message) -> None:
            if error is not None:
                raise RuntimeError(f"an opt-out was not appended: {error}")
            appended[(message.key() or b"").decode()] = message.timestamp()[1] / 1000

        records = [a_lead(lead, opts_out=True) for lead in leads]
        for each in platforms:
            each.opted_out([record.key.decode() for record in records])
        settings = {"linger.ms": 0, "partitioner": "murmur2_random"}
        producer = Producer({"bootstrap.servers": self.broker.bootstrap_servers, **settings})
        begun = time.monotonic()
        for number, record in enumerate(records):
            while time.monotonic() < begun + number / pace:
                producer.poll(0.005)
            if number == len(records) // 2:
                halfway()
            producer.produce(SOURCE, record.value, record.key, on_delivery=reported)
        producer.flush(60)
        if len(appended) != len(records):
            raise RuntimeError(f"{len(records) - len(appended)} opt-outs were not appended")
        return appended

    def await_blocked(self, appended: Times, seconds: float) -> Times:
        """Wait for the numbers of the leads, but no longer; return when they were blocked."""
        deadline = time.monotonic() + seconds
        while True:
            self.crew.demand_alive()
            self.journal.take()
            at = self.journal.blocked(appended)
            if len(at) == len(appended) or time.monotonic() > deadline:
                return at
            time.sleep(0.5)

    def await_settled(self, seconds: float) -> None:
        """Wait until every opt-out is settled, its outcome included, but no longer."""
        deadline = time.monotonic() + seconds
        while self._lag(f"{APPLICATION}.opt-outs") and time.monotonic() < deadline:
            self.crew.demand_alive()
            time.sleep(1)
        self.journal.take()

    def drain(self, terms: Terms, workers: int, seconds: float) -> None:
        """Start the workers again under other *terms*, and wait until all is settled."""
        begun = time.monotonic()
        self.crew.change_terms(terms)
        self.crew.join(workers)
        for _ in wait_for(seconds):
            self.crew.demand_alive()
            if not self._lag(SOURCE, f"{APPLICATION}.lead-changes", f"{APPLICATION}.opt-outs"):
                break
            time.sleep(1)
        print(f"the rest of the backlog drained in {time.monotonic() - begun:.0f} s", flush=True)

    def _lag(self, *topics: str) -> int:
        return sum(
            end - committed(self.broker, APPLICATION, topic).get(partition, 0)
            for topic in topics
            for partition, end in ends(self.broker, topic).items()
        )


@contextmanager
def stage(broker: Broker, directory: Path, terms: Terms, backlog: int) -> Iterator[Stage]:
    """Produce the backlog; give the stage, with a crew without workers."""
    with simulator(_made(directory, WORKER), {WORKER: ALLOWANCE, DRAIN: FAST}) as platform:
        create_topics(broker, [SOURCE], PARTITIONS)
        leads = (a_lead(number) for number in range(backlog))
        produce(broker, SOURCE, (Sent(each.key, each.value) for each in leads))
        print(f"backlog of {backlog:,} new leads", flush=True)
        where = Where(broker, platform.url, directory)
        with Crew(where, APPLICATION, SOURCE, terms) as crew:
            yield Stage(broker, platform, crew, backlog)


class Sink:
    """The in-order sink, which runs beside everything else."""

    def __init__(self, process: subprocess.Popen[str], platform: Simulator) -> None:
        self._process = process
        self.platform = platform

    def accepted(self, timeout: float) -> Times:
        """Wait for its end; return when the platform had accepted the opt-out of each lead."""
        printed, _ = self._process.communicate(timeout=timeout)
        if self._process.returncode:
            raise RuntimeError(f"the in-order sink ended with {self._process.returncode}")
        found: Times = json.loads(printed.splitlines()[-1])
        return found


@contextmanager
def in_order_sink(broker: Broker, directory: Path, records: int) -> Iterator[Sink]:
    """Run the in-order sink until *records* are done, with a simulator of its own."""
    with simulator(_made(directory, SINK), {SINK: ALLOWANCE}) as platform:
        words = [
            broker.bootstrap_servers,
            SOURCE,
            str(records),
            platform.url,
            SINK,
            str(ALLOWANCE),
        ]
        command = [sys.executable, "-m", "benchmarks.in_order_sink", *words]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment())
        try:
            yield Sink(process, platform)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait(10)


def _made(parent: Path, name: str) -> Path:
    directory = parent / name
    directory.mkdir()
    return directory


def _spread(leads: Sequence[int], count: int) -> list[int]:
    """Return *count* of them, from the first to the last."""
    return [leads[at * len(leads) // count] for at in range(count)]
