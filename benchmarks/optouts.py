"""Measure how long opt-outs take behind a backlog: `make bench-optout`.

    python -m benchmarks.optouts [--backlog 50000] [--opt-outs 200] [--pace 10] [--at-once]

A backlog of new leads is produced first. Then one real worker with 300 requests a minute, which
the backlog spends, and beside it an in-order sink with the same allowance on the same topic; each
has a simulator of its own. Then opt-outs of leads of that backlog, ten a second. Measured is the
time from the append to Kafka (the record's timestamp) to the arrival of the request that the
platform accepted: the number on the DNC list for the worker, the contact not callable for the
sink, which knows no DNC list. For leads that the worker had inserted by then also the time to
their quarantine. Both run until the backlog is done, so nothing is extrapolated.

The opt-outs begin when intake has read the backlog; how long it took for that is printed, for an
opt-out that comes meanwhile lies unread. With --at-once they begin with the first insert.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path

from confluent_kafka import KafkaError, Message, Producer

from benchmarks.crew import PARTITIONS, Crew, Seen, Where, simulator
from benchmarks.platform_server import LIST_ID
from benchmarks.records import a_lead
from benchmarks.rig import Terms, environment, load_average, wait_for
from benchmarks.worker_run import records_of
from tests.support.brokers import Broker, kafka_brokers
from tests.support.simulators import Simulator
from tests.support.topics import Sent, create_topics, produce

ALLOWANCE = 300
SOURCE = "optout-leads"
APPLICATION = "optouts"
WORKER, SINK = "worker", "in-order"
LATE = 120.0
"""Seconds after the last opt-out for which the worker's numbers are waited for."""


def main() -> None:
    """Measure, and print what was found."""
    asked = _arguments()
    print(f"python -m benchmarks.optouts {' '.join(sys.argv[1:])}".rstrip())
    print(f"load average before: {load_average()}")
    with (
        kafka_brokers() as broker,
        tempfile.TemporaryDirectory(prefix="optouts-") as name,
        simulator(_made(Path(name), WORKER), {WORKER: ALLOWANCE}) as ours,
        simulator(_made(Path(name), SINK), {SINK: ALLOWANCE}) as theirs,
    ):
        create_topics(broker, [SOURCE], PARTITIONS)
        leads = (a_lead(number) for number in range(asked.backlog))
        produce(broker, SOURCE, (Sent(each.key, each.value) for each in leads))
        print(f"backlog of {asked.backlog:,} new leads", flush=True)
        where = Where(broker, ours.url, Path(name))
        records = asked.backlog + asked.opt_outs
        with (
            _sink(broker, theirs, records) as sink,
            Crew(where, APPLICATION, SOURCE, Terms(WORKER, ALLOWANCE)) as crew,
        ):
            crew.join(asked.workers)
            _await_intake(broker, ours, asked)
            leads = _who(ours, asked)
            appended = _opt_out(broker, (ours, theirs), leads, asked.pace)
            _tell(WORKER, appended, _blocked(ours, appended, crew))
            crew.await_outcomes(records, asked.backlog / 100 + 600)
            _tell(f"{WORKER}, quarantines", appended, _quarantined(ours))
            _tell_of_requests(WORKER, ours, appended)
            told, _ = sink.communicate(timeout=asked.backlog / 100 + 600)
            if sink.returncode:
                raise RuntimeError(f"the in-order sink ended with {sink.returncode}")
            _tell(SINK, appended, json.loads(told.splitlines()[-1]))
            _tell_of_requests(SINK, theirs, appended)
            for _ in range(asked.workers):
                crew.leave()
    print(f"load average after: {load_average()}")


def _made(parent: Path, name: str) -> Path:
    directory = parent / name
    directory.mkdir()
    return directory


@contextmanager
def _sink(broker: Broker, platform: Simulator, records: int) -> Iterator[subprocess.Popen[str]]:
    """Run the in-order sink beside everything else."""
    words = [broker.bootstrap_servers, SOURCE, str(records), platform.url, SINK, str(ALLOWANCE)]
    command = [sys.executable, "-m", "benchmarks.in_order_sink", *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment())
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)


def _await_intake(broker: Broker, ours: Simulator, asked: argparse.Namespace) -> None:
    """Wait until inserts spend the allowance, and intake has read the backlog."""
    begun, seen, taken = time.monotonic(), Seen(), 0
    for _ in wait_for(600):
        seen.take(ours)
        taken = records_of(broker, f"{APPLICATION}.lead-changes", PARTITIONS)
        if seen.sizes and (asked.at_once or taken >= asked.backlog):
            break
        time.sleep(0.2)
    print(
        f"{taken:,} records read by intake {time.monotonic() - begun:.1f} s after the worker was "
        f"ready; {sum(size * often for size, often in seen.sizes.items()):,} inserted",
        flush=True,
    )


def _opt_out(
    broker: Broker, platforms: Sequence[Simulator], leads: Sequence[int], pace: float
) -> dict[str, float]:
    """Produce the opt-outs at their pace; return when each was appended, by lead."""
    appended: dict[str, float] = {}

    def reported(error: KafkaError | None, message: Message) -> None:
        if error is not None:
            raise RuntimeError(f"an opt-out was not appended: {error}")
        appended[(message.key() or b"").decode()] = message.timestamp()[1] / 1000

    producer = Producer({"bootstrap.servers": broker.bootstrap_servers, "linger.ms": 0})
    begun = time.monotonic()
    for number, lead in enumerate(leads):
        record = a_lead(lead, opts_out=True)
        for each in platforms:
            each.opted_out([record.key.decode()])
        while time.monotonic() < begun + number / pace:
            producer.poll(0.005)
        producer.produce(SOURCE, record.value, record.key, on_delivery=reported)
    producer.flush(30)
    if len(appended) != len(leads):
        raise RuntimeError(f"{len(leads) - len(appended)} opt-outs were not appended")
    return appended


def _who(ours: Simulator, asked: argparse.Namespace) -> list[int]:
    """Return the leads that opt out: in turn one of the backlog and one that is on the list."""
    known = sorted(int(lead[-8:]) for lead in ours.contacts_by_lead(LIST_ID))
    listed = _spread(known, min(len(known), asked.opt_outs // 2))
    others = sorted({*range(asked.backlog)} - {*known})
    waiting = _spread(others, asked.opt_outs - len(listed))
    return [lead for pair in zip_longest(waiting, listed) for lead in pair if lead is not None]


def _spread(leads: Sequence[int], count: int) -> list[int]:
    """Return *count* of them, from the first to the last."""
    return [leads[at * len(leads) // count] for at in range(count)]


def _blocked(ours: Simulator, appended: Mapping[str, float], crew: Crew) -> dict[str, float]:
    """Return when the request arrived that put a lead's last number on the DNC list, by lead."""
    numbers = {lead: _numbers(lead) for lead in appended}
    accepted: dict[str, float] = {}
    at: dict[str, float] = {}
    last = 0
    deadline = time.monotonic() + LATE
    while len(at) < len(numbers) and time.monotonic() < deadline:
        crew.demand_alive()
        for line in ours.journal(last):
            last = line.n
            if line.path.endswith("/phonenumbers") and line.applied:
                for number in line.body:
                    accepted.setdefault(number, line.at)
        at = {
            lead: max(accepted[each] for each in wanted)
            for lead, wanted in numbers.items()
            if wanted <= accepted.keys()
        }
        time.sleep(0.2)
    return at


def _quarantined(ours: Simulator) -> dict[str, float]:
    """Return when the request arrived that made the contact of a lead uncallable, by lead.

    A lead that had no contact yet has none of these: it is never inserted.
    """
    at: dict[str, float] = {}
    for line in ours.journal():
        if line.applied and line.method in {"POST", "PUT"} and "/contacts" in line.path:
            contacts = line.body if isinstance(line.body, list) else [line.body]
            for each in contacts:
                if isinstance(each, dict) and each.get("callable") is False:
                    at.setdefault(each["data"]["CRM_Lead_ID"], line.at)
    return at


def _numbers(lead: str) -> frozenset[str]:
    """Return the numbers of a lead as the platform writes them."""
    row = json.loads(a_lead(int(lead[-8:])).value)
    home = "".join(digit for digit in row["phone_home"] if digit.isdigit())
    return frozenset({row["phone_mobile"], *([f"+1{home}"] if home else [])})


def _tell(name: str, appended: Mapping[str, float], accepted: Mapping[str, float]) -> None:
    took = sorted(accepted[lead] - at for lead, at in appended.items() if lead in accepted)
    if not took:
        print(f"{name}: no opt-out was accepted", flush=True)
        return
    shares = ", ".join(
        f"{words} {took[min(len(took) - 1, int(len(took) * share))]:.3f} s"
        for words, share in (("p50", 0.5), ("p99", 0.99))
    )
    print(
        f"{name}: {len(took)} of {len(appended)} opt-outs accepted: {shares}, "
        f"max {took[-1]:.3f} s",
        flush=True,
    )


def _tell_of_requests(name: str, platform: Simulator, leads: Collection[str]) -> None:
    """Tell what the platform saw, and who of *leads* is callable now that the backlog is done."""
    seen = Seen()
    seen.take(platform)
    kinds = sorted({each.kind for each in platform.violations()})
    known = platform.contacts_by_lead(LIST_ID)
    contacts = [contact for lead in leads for contact in known.get(lead, [])]
    callable_ = sum(bool(contact["callable"]) for contact in contacts)
    print(
        f"{name}: {dict(seen.kinds)}, 429s {seen.statuses[429]}, violations {kinds}, "
        f"{callable_} of {len(contacts)} contacts of opted-out leads callable",
        flush=True,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backlog", type=int, default=50_000)
    parser.add_argument("--opt-outs", type=int, default=200)
    parser.add_argument("--pace", type=float, default=10.0, help="opt-outs a second")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--at-once", action="store_true", help="do not wait for intake")
    return parser.parse_args()


if __name__ == "__main__":
    main()
