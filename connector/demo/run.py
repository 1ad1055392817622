"""Play a day of an invented CRM through the connector, and prove the result.

The broker lives in this process; the simulator and the worker are processes of their own, run
by the same commands that anybody runs.
"""

import json
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from connector.demo.crm_day import CrmDay, crm_day
from connector.demo.crm_table import Kind
from connector.demo.embedded import BrokerError, EmbeddedBroker, Follower
from connector.demo.places import APPLICATION, OWN_TOPICS, TOPIC, Places
from connector.demo.platform_books import PlatformBooks
from connector.demo.processes import Process, ProcessFailedError, free_port
from connector.demo.screen import Meter, Screen
from connector.demo.settlement_table import Line, Sent, proof
from connector.demo.watching import Watch

DISAGREES = 3
"""Exit code of a demo that disagrees (contract.md section 2)."""
INTERRUPTED = 130
_LIMIT = 150.0
"""Seconds after which the demo gives up; it takes about 45 on two cores."""
_STOP = 30.0
_LETTERS = 10.0
_BEGUN = 250
"""Leads of the morning that are on their list before the day goes on."""
_AT_ONCE = 50
"""Records of the day that are written at once: people do not all opt out in one second."""


@dataclass(frozen=True, slots=True)
class Report:
    """What came out: the proof, and what is worth telling beside it."""

    lines: tuple[Line, ...]
    watch: Watch
    requests: int
    seconds: float

    @property
    def agree(self) -> bool:
        """Whether every line of the proof agrees."""
        return all(line.agree for line in self.lines)

    def document(self) -> dict[str, object]:
        """Give the one document of `--json`."""
        return {
            "agree": self.agree,
            "rows": [asdict(line) for line in self.lines],
            "records": self.watch.verdicts.total(),
            "verdicts": dict(self.watch.verdicts),
            "requests": self.requests,
            "opt_outs": {
                "overtook_median": self.watch.median_overtaken,
                "accepted_after_ms_median": self.watch.median_wait_ms,
            },
            "seconds": round(self.seconds, 1),
        }


def demo(*, as_json: bool = False, seed: int = 20_261_101) -> int:
    """Run the demo; give the exit code: 0 only if outcomes and books agree, else 3."""
    screen = Screen(to_errors=as_json)
    try:
        with TemporaryDirectory(prefix="connector-demo-", ignore_cleanup_errors=True) as made:
            report = _play(screen, Path(made), seed)
    except (BrokerError, ProcessFailedError, OSError) as failed:
        screen.say(f"The demo could not be played to its end: {failed}")
        if as_json:
            sys.stdout.write(
                json.dumps({"agree": False, "rows": [], "problem": str(failed)}) + "\n"
            )
        return DISAGREES
    except KeyboardInterrupt:
        return INTERRUPTED
    _tell(screen, report)
    if as_json:
        sys.stdout.write(json.dumps(report.document()) + "\n")
    return 0 if report.agree else DISAGREES


def _tell(screen: Screen, report: Report) -> None:
    watch = report.watch
    screen.table(report.lines)
    screen.say(
        f"Half of the opt-outs were accepted within {watch.median_wait_ms:,} ms, while "
        f"{watch.median_overtaken:,} leads written before them still waited for their turn."
    )
    screen.say(
        f"{watch.verdicts.total():,} records took {report.requests:,} requests and "
        f"{report.seconds:.0f} s."
    )
    if report.agree:
        screen.say("Outcomes and books agree, line by line.")
    else:
        screen.say(
            "Outcomes and books disagree: this is a bug of the connector, please report it."
        )


def _play(screen: Screen, directory: Path, seed: int) -> Report:
    began = time.monotonic()
    day = crm_day(seed, int(time.time() * 1000) - 60_000)
    with ExitStack() as stack:
        screen.say("Starting a Kafka broker, a Genesys Cloud simulator and a worker …")
        broker = EmbeddedBroker()
        broker.make([TOPIC, *OWN_TOPICS])
        places = Places(directory, broker.address, free_port())
        simulator = _simulator(places)
        stack.callback(simulator.kill)
        platform = simulator.address()
        books = PlatformBooks(platform)
        loaded = books.load(day.loaded)
        books.watch(list(day.numbers))
        worker = Process(
            "worker", ["run", "--config", str(places.write_connector(platform))], directory
        )
        stack.callback(worker.kill)
        follower = Follower(broker.address, f"{APPLICATION}.outcomes")
        stack.callback(follower.close)
        with screen.meter() as meter:
            stage = _Stage(broker, follower, (worker, simulator), meter, began + _LIMIT)
            watch = stage.play(day)
        worker.stop(_STOP)
        lines = proof(
            Sent(
                watch.tally.whole,
                day.counts[Kind.REPEAT],
                stage.dead_letters(watch.verdicts["rejected"]),
            ),
            watch.told,
            books.books(loaded, day.numbers),
        )
        return Report(lines, watch, books.requests(0)[0], time.monotonic() - began)


def _simulator(places: Places) -> Process:
    words = ["simulator", "--host", "127.0.0.1", "--port", "0"]
    config = str(places.write_simulator())
    return Process("simulator", [*words, "--config", config], places.directory)


@dataclass(frozen=True, slots=True)
class _Stage:
    """What the day is played on; all of it must be over by `deadline`."""

    broker: EmbeddedBroker
    follower: Follower
    processes: Sequence[Process]
    meter: Meter
    deadline: float

    def play(self, day: CrmDay) -> Watch:
        watch = Watch()
        watch.expect(self.broker.write(TOPIC, day.morning), day.morning, backlog=True)
        while watch.tally.backlog[0] < _BEGUN:
            self._look(watch)
        for begin in range(0, len(day.day), _AT_ONCE):
            records = day.day[begin : begin + _AT_ONCE]
            watch.expect(self.broker.write(TOPIC, records), records, backlog=False)
            self._look(watch)
        while not watch.tally.done:
            self._look(watch)
        return watch

    def dead_letters(self, expected: int) -> int:
        """Count dead letters, each source once; wait for as many as outcomes speak of."""
        letters = Follower(self.broker.address, f"{APPLICATION}.dead-letters")
        sources = set[str]()
        until = time.monotonic() + _LETTERS
        try:
            quiet = False
            while not quiet or (len(sources) < expected and time.monotonic() < until):
                found = set(letters.header("connector.source", 1.0))
                sources |= found
                quiet = not found
            return len(sources)
        finally:
            letters.close()

    def _look(self, watch: Watch) -> None:
        """Take what has come, and see that all is well.

        Raises:
            BrokerError: time is up.
            ProcessFailedError: a process ended.
        """
        watch.take(self.follower.documents(0.2))
        self.meter.show(watch.tally)
        for process in self.processes:
            process.demand_alive()
        if time.monotonic() > self.deadline:
            tally = watch.tally
            raise BrokerError(f"only {tally.settled:,} of {tally.whole:,} records settled in time")
