"""Measure how long opt-outs take behind a backlog: `make bench-optout`.

    python -m benchmarks.optouts [CASE ...] [--backlog 50000] [--opt-outs 200] [--pace 10]

A backlog of new leads is produced first. Then real workers with 300 requests a minute together,
which the backlog spends, and then opt-outs, ten a second, in turn of a lead that waits in the
backlog and of one that is on the list. Measured from the append to Kafka (the record's timestamp):

- numbers: to the arrival of the request that put the lead's last number on the DNC list;
- quarantines: to that of the request that made its contact uncallable, where it had one;
- outcomes: to the outcome, which leaves after the read-back.

Then the workers start again with a quota that is no bound, until all is settled, and the
simulator's books are looked at. The exit code is 1 where a number or an outcome is missing, a
contact of a lead that opted out is callable, or the simulator holds anything against a worker.

Cases, each with a broker and a simulator of its own; without one all but `pile` and `by-hand`:

- `in-order`: one worker, and beside it in the same run an in-order sink with the same allowance on
  the same topic and a simulator of its own, which goes on until its backlog is done: nothing is
  extrapolated. It knows no DNC list; its figure is the contact not callable.
- `crew`: four workers.
- `refused`: 503 on every path of contacts while the opt-outs come.
- `parked`: every lead belongs on two lists, and one of them is gone (404) while they come.
- `throttled`: every fifth request is a 429; the seconds of `Retry-After` are not counted.
- `killed`: one of four workers is killed halfway, with a session timeout of 10 s; told apart for
  partitions that moved and those that stayed.
- `pile`: --pile opt-outs at once, and a backlog of just these leads. Bound: requests needed ÷
  allowance, where needed are ceil(numbers / 250) + ceil(leads / 50) reads + 2 x ceil(contacts on
  the list / 50) for quarantines and read-backs.
- `by-hand`: 1,000 lines of `opt-outs add`, and the same lines again.

The opt-outs begin 3 s after intake has read the backlog; how long it took for that is printed,
for an opt-out that comes meanwhile lies unread. With --at-once they begin with the first insert.
"""

import argparse
import math
import sys
import tempfile
import time
from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.crew import Seen
from benchmarks.opt_out_stage import (
    ALLOWANCE,
    APPLICATION,
    DRAIN,
    FAST,
    SOURCE,
    WORKER,
    Stage,
    in_order_sink,
    stage,
)
from benchmarks.opt_out_times import Times, callable_leads, numbers_of, tell, told
from benchmarks.opt_out_troubles import (
    Trouble,
    killed,
    no_trouble,
    owners,
    parked,
    refused,
    throttled,
)
from benchmarks.records import a_lead
from benchmarks.rig import Terms, load_average
from tests.support.brokers import kafka_brokers
from tests.support.simulators import Simulator
from tests.support.topics import read_topic

CALM = 3.0
"""Seconds from the trouble's beginning to the first opt-out: intake has just read the backlog."""

LATE = 120.0
"""Seconds after the last opt-out for which what it asks for is waited for, beyond the bound."""


TERMS = Terms(WORKER, ALLOWANCE)


@dataclass(frozen=True, slots=True)
class Case:
    """What is different in one case."""

    trouble: Trouble = no_trouble
    workers: int = 1
    terms: Terms = TERMS


CASES = {
    "in-order": Case(),
    "crew": Case(workers=4),
    "refused": Case(refused),
    "parked": Case(parked, terms=replace(TERMS, second_list=True)),
    "throttled": Case(throttled),
    "killed": Case(killed, workers=4, terms=replace(TERMS, session="10s")),
    "pile": Case(),
    "by-hand": Case(),
}
LARGE = ("pile", "by-hand")


def main() -> int:
    """Measure, print what was found, and return 1 where anything is wrong."""
    asked = _arguments()
    print(f"python -m benchmarks.optouts {' '.join(sys.argv[1:])}".rstrip())
    wrong = [
        f"{name}: {each}"
        for name in asked.cases or [each for each in CASES if each not in LARGE]
        for each in _run(name, asked)
    ]
    for each in wrong:
        print(f"WRONG {each}")
    return 1 if wrong else 0


def _run(name: str, asked: argparse.Namespace) -> list[str]:
    """Run one case; return what is wrong."""
    case = CASES[name]
    print(f"\n{name}, load average {load_average()}", flush=True)
    backlog = asked.pile if name == "pile" else asked.backlog
    with ExitStack() as held:
        broker = held.enter_context(kafka_brokers())
        directory = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="optouts-")))
        on = held.enter_context(stage(broker, directory, case.terms, backlog))
        sink = None
        if name == "in-order":
            sink = held.enter_context(in_order_sink(broker, directory, backlog + asked.opt_outs))
        on.crew.join(case.workers)
        on.await_intake(at_once=asked.at_once)
        if name == "by-hand":
            appended = _by_hand(on, directory)
        else:
            appended = _opt_outs(on, name, sink.platform if sink else None, asked)
        terms = replace(case.terms, client=DRAIN, requests_per_minute=FAST)
        on.drain(terms, case.workers, backlog / 50 + 600)
        settled = told(broker, APPLICATION)
        on.journal.take()
        tell("outcomes", appended, settled, on.journal.throttled)
        wrong = _books(on, appended, settled)
        if sink is not None:
            tell("in-order sink", appended, sink.accepted(backlog / 100 + 600))
            _tell_of_requests(sink.platform, appended)
    print(f"load average after: {load_average()}", flush=True)
    return wrong


def _opt_outs(on: Stage, name: str, other: Simulator | None, asked: argparse.Namespace) -> Times:
    """Let leads opt out, and tell when they were protected."""
    case, pile = CASES[name], name == "pile"
    leads = [*range(asked.pile)] if pile else on.who(asked.opt_outs)
    platforms = [on.platform, *([other] if other is not None else [])]
    before = owners(on.broker, APPLICATION)
    with case.trouble(on.platform, on.crew) as halfway:
        time.sleep(0 if asked.at_once else CALM)
        appended = on.opt_out(platforms, leads, math.inf if pile else asked.pace, halfway)
        blocked = on.await_blocked(appended, LATE + _bound(appended, appended))
        if case.trouble is killed:
            moved = _moved(on, before, owners(on.broker, APPLICATION))
            stayed = {lead: at for lead, at in appended.items() if lead not in moved}
            gone = {lead: at for lead, at in appended.items() if lead in moved}
            tell("numbers, partitions that stayed", stayed, blocked)
            tell("numbers, partitions that moved", gone, blocked)
        tell("numbers", appended, blocked, on.journal.throttled)
    ended = time.time()
    on.await_settled(LATE + _bound(appended, appended))
    tell("quarantines", appended, on.journal.quarantined, on.journal.throttled)
    if case.trouble is refused:
        late = {lead: max(at, ended) for lead, at in appended.items()}
        tell("quarantines since the end of it", late, on.journal.quarantined)
    if pile:
        _tell_of_bound(on, appended, blocked)
    return appended


def _by_hand(on: Stage, directory: Path) -> Times:
    """Enter opt-outs by command, twice; tell when the first run's were protected."""
    leads = [lead for lead in on.who(4_000) if lead % 4][:1_000]  # each has one number
    records = [a_lead(lead) for lead in leads]
    names = [record.key.decode() for record in records]
    on.platform.opted_out(names)
    lines = directory / "letters.csv"
    lines.write_text("".join(f"{name},{next(iter(numbers_of(name)))}\n" for name in names))
    words = ("opt-outs", "add", "--file", str(lines), "--by", "bench", "--reason", "r", "--yes")
    first = on.crew.command(*words)
    print(f"opt-outs add: exit {first.returncode}; {first.stdout.strip()!r}", flush=True)
    stored = read_topic(on.broker, f"{APPLICATION}.opt-outs")
    appended = {(each.key or b"").decode(): each.timestamp / 1000 for each in stored}
    blocked = on.await_blocked(appended, LATE)
    tell("numbers", appended, blocked)
    on.await_settled(LATE)
    tell("quarantines", appended, on.journal.quarantined)
    _tell_of_bound(on, appended, blocked)
    before = on.journal.kinds.kinds.copy()
    again = on.crew.command(*words)
    on.journal.take()
    sent = on.journal.kinds.kinds - before
    del sent["post contacts"]
    print(
        f"the same again: exit {again.returncode}; {again.stdout.strip()!r}; "
        f"requests beside inserts: {dict(sent)}",
        flush=True,
    )
    return appended


def _bound(leads: Collection[str], contacts: Collection[str]) -> float:
    """Return the seconds that opt-outs at once take at the most: requests needed ÷ allowance.

    250 numbers, 50 reads, 50 quarantines, 50 read-backs make a request; two requests of a
    minute's allowance are the margin (`planning/pace.py`).
    """
    numbers = sum(len(numbers_of(lead)) for lead in leads)
    needed = math.ceil(numbers / 250) + math.ceil(len(leads) / 50)
    return 60 * (needed + 2 * math.ceil(len(contacts) / 50)) / (ALLOWANCE - 2)


def _tell_of_bound(on: Stage, appended: Times, blocked: Times) -> None:
    numbers = sum(len(numbers_of(lead)) for lead in appended)
    contacts = on.journal.quarantined.keys() & appended.keys()
    begun = min(appended.values())
    print(
        f"{numbers:,} numbers and {len(appended):,} reads, {len(contacts):,} contacts on the "
        f"list: bound {_bound(appended, contacts):.1f} s; since the first append: first number "
        f"blocked after {min(blocked.values()) - begun:.1f} s, last after "
        f"{max(blocked.values()) - begun:.1f} s",
        flush=True,
    )


def _moved(
    on: Stage, before: dict[tuple[str, int], str], after: dict[tuple[str, int], str]
) -> set[str]:
    """Return the leads whose opt-out lay in a partition that changed hands, of either topic."""
    return {
        (record.key or b"").decode()
        for topic in (SOURCE, f"{APPLICATION}.opt-outs")
        for record in read_topic(on.broker, topic)
        if before.get((topic, record.partition)) != after.get((topic, record.partition))
    }


def _books(on: Stage, appended: Times, settled: Times) -> list[str]:
    """Print what the simulator's books say, and return what is wrong."""
    wrong = _tell_of_requests(on.platform, appended)
    blocked = on.journal.blocked(appended)
    if missing := len(appended) - len(blocked):
        wrong.append(f"{missing} opt-outs without their numbers on the DNC list")
    if missing := len(appended.keys() - settled.keys()):
        wrong.append(f"{missing} opt-outs without an outcome")
    return wrong


def _tell_of_requests(platform: Simulator, leads: Collection[str]) -> list[str]:
    seen = Seen()
    seen.take(platform)
    kinds = sorted({each.kind for each in platform.violations()})
    open_, contacts = callable_leads(platform, leads)
    print(
        f"{dict(seen.kinds)}, 429s {seen.statuses[429]}, violations {kinds}, "
        f"{open_} of {contacts} contacts of opted-out leads callable",
        flush=True,
    )
    wrong = [f"violation {kind}" for kind in kinds]
    return [*wrong, f"{open_} contacts are callable"] if open_ else wrong


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", nargs="*", metavar="CASE", help=", ".join(CASES))
    parser.add_argument("--backlog", type=int, default=50_000)
    parser.add_argument("--opt-outs", type=int, default=200)
    parser.add_argument("--pace", type=float, default=10.0, help="opt-outs a second")
    parser.add_argument("--pile", type=int, default=50_000, help="opt-outs of the case `pile`")
    parser.add_argument("--at-once", action="store_true", help="do not wait for intake")
    asked = parser.parse_args()
    if unknown := set(asked.cases) - set(CASES):
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    return asked


if __name__ == "__main__":
    sys.exit(main())
