"""Measure how much of the allowance a backlog uses: `make bench-quota`.

    python -m benchmarks.quota [--minutes 10] [--workers 1 2 4] [--no-rebalance]

Real workers, a real broker (make kafka), the simulator over a socket, 300 requests a minute in
real time: a faster clock would change the window against which the margin of two requests is
kept, and so what is measured. Each case has an application and an OAuth client of its own and
runs for so many minutes, counted at the simulator from the first insert after all workers have
their state. In the case of the rebalance a third worker joins two others after a third of the
time and leaves after two.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.crew import PARTITIONS, Crew, Seen, Where, simulator
from benchmarks.records import lead_records
from benchmarks.rig import Terms, load_average, wait_for
from tests.support.brokers import kafka_brokers
from tests.support.simulators import Simulator
from tests.support.topics import Sent, create_topics, produce

ALLOWANCE = 300
BATCH = 50
SOURCE = "quota-leads"
SPARE = 1.5
"""Backlog beyond what the allowance can take: the last batches must not be part of the figures."""


def main() -> None:
    """Measure, and print what was found."""
    asked = _arguments()
    print(f"python -m benchmarks.quota {' '.join(sys.argv[1:])}".rstrip())
    print(f"load average before: {load_average()}")
    cases = {f"{count} workers": count for count in asked.workers}
    if not asked.no_rebalance:
        cases["rebalance"] = 2
    with (
        kafka_brokers() as broker,
        tempfile.TemporaryDirectory(prefix="quota-") as directory,
        simulator(Path(directory), dict.fromkeys(cases, ALLOWANCE)) as running,
    ):
        create_topics(broker, [SOURCE], PARTITIONS)
        leads = lead_records(round(asked.minutes * ALLOWANCE * BATCH * SPARE))
        backlog = produce(
            broker,
            SOURCE,
            (Sent(each.key, each.value) for each in leads if b"DNC_Requested" not in each.value),
        )
        print(f"backlog of {backlog:,} new leads, {asked.minutes:g} minutes a case", flush=True)
        where = Where(broker, running.url, Path(directory))
        for number, (name, count) in enumerate(cases.items()):
            terms = Terms(name, ALLOWANCE)
            before = Seen()
            before.take(running)
            with Crew(where, f"quota-{number}", SOURCE, terms) as crew:
                crew.join(count)
                _measure(name, running, crew, asked.minutes * 60, before.last)
    print(f"load average after: {load_average()}")


def _measure(name: str, running: Simulator, crew: Crew, seconds: float, before: int) -> None:
    """Count what the simulator sees of a case in so many seconds, and print it.

    From its first insert on: before that there is no backlog, the workers read it.
    """
    passed, seen = Seen(), Seen()
    passed.last = before
    for _ in wait_for(60):
        passed.take(running)
        if passed.sizes:
            break
    seen.last = passed.last
    begun = time.time()
    turns: list[tuple[float, Callable[[], None]]] = []
    if name == "rebalance":
        turns = [(seconds / 3, crew.join), (seconds * 2 / 3, crew.leave)]
    while (now := time.time() - begun) < seconds:
        if turns and now >= turns[0][0]:
            turns.pop(0)[1]()
        crew.demand_alive()
        time.sleep(0.5)
        seen.take(running)
    ended = time.time()
    seen.take(running)
    within = [at for at in seen.times if begun <= at <= ended]
    share = len(within) / (ALLOWANCE * (ended - begun) / 60)
    every = sorted(passed.times + seen.times)
    print(
        f"{name:10} {share:6.1%} of the allowance ({len(within)} requests in "
        f"{ended - begun:.0f} s), most in any 60 s {_most(every)}, "
        f"429s {seen.statuses[429] + passed.statuses[429]}, {seen.full}, {dict(seen.kinds)}, "
        f"violations {len(running.violations())}",
        flush=True,
    )


def _most(times: list[float]) -> int:
    """Return the most requests in any window of 60 s."""
    most = first = 0
    for last, at in enumerate(times):
        while times[first] <= at - 60:
            first += 1
        most = max(most, last - first + 1)
    return most


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2, 4])
    parser.add_argument("--no-rebalance", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
