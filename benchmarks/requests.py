"""Count the requests that changes cost: `make bench-requests`.

    python -m benchmarks.requests [--sets 1] [--seed 0]

One real worker, a real broker (make kafka), the simulator over a socket, 300 requests a minute,
look-ups for contacts of other loaders on (`adopt_existing`). First 5,000 new leads with batches of
50; then the reference mix of design.md section 4 over a list that has 5,000 leads, shuffled, as
one backlog: per 1,000 changes 600 new leads, 250 updates, 100 without effect, 40 opt-outs, 10
deletes. The mix is counted twice: over leads that this connector loaded, and by a new connector
over leads that somebody else loaded.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.crew import PARTITIONS, Crew, Seen, Where, simulator
from benchmarks.platform_server import LIST_ID
from benchmarks.records import LeadRecord, a_lead
from benchmarks.rig import Terms, load_average
from tests.support.brokers import Broker, kafka_brokers
from tests.support.simulators import Simulator
from tests.support.topics import Sent, create_topics, produce

ALLOWANCE = 300
LEADS = 5_000
CLIENT = "requests"
TIMEOUT = 900.0


def main() -> None:
    """Count, and print what was found."""
    asked = _arguments()
    print(f"python -m benchmarks.requests {' '.join(sys.argv[1:])}".rstrip())
    print(f"load average before: {load_average()}")
    with (
        kafka_brokers() as broker,
        tempfile.TemporaryDirectory(prefix="requests-") as directory,
        simulator(Path(directory), {CLIENT: ALLOWANCE}) as running,
    ):
        where = Where(broker, running.url, Path(directory))
        rows = _own_leads(where, running, asked)
        running.reset()
        _others_leads(where, running, asked, rows)
    print(f"load average after: {load_average()}")


def _own_leads(
    where: Where, running: Simulator, asked: argparse.Namespace
) -> list[dict[str, str]]:
    """Load the leads, count the mix over them; return the rows as they were loaded."""
    create_topics(where.broker, ["own"], PARTITIONS)
    with Crew(where, "own-leads", "own", Terms(CLIENT, ALLOWANCE, adopt=True)) as crew:
        crew.join()
        known = [a_lead(number) for number in range(LEADS)]
        sent = _play(crew, where.broker, running, Load("own", "5,000 new leads", known))
        rows = [contact["data"] for contact in running.contacts(LIST_ID)]
        mix = list(_mix(asked.sets, random.Random(asked.seed)))
        _play(crew, where.broker, running, Load("own", "mix over our own leads", mix, sent))
        crew.leave()
    return rows


def _others_leads(
    where: Where, running: Simulator, asked: argparse.Namespace, rows: list[dict[str, str]]
) -> None:
    """Count the mix of a connector that never saw the list before."""
    running.put_contacts([{"data": row} for row in rows], LIST_ID)
    create_topics(where.broker, ["others"], PARTITIONS)
    with Crew(where, "others-leads", "others", Terms(CLIENT, ALLOWANCE, adopt=True)) as crew:
        crew.join()
        mix = list(_mix(asked.sets, random.Random(asked.seed)))
        _play(crew, where.broker, running, Load("others", "mix over leads of others", mix))
        crew.leave()


@dataclass(frozen=True, slots=True)
class Load:
    """Records for a topic, sent as one backlog; so many outcomes were there *before*."""

    topic: str
    name: str
    records: list[LeadRecord]
    before: int = 0


def _play(crew: Crew, broker: Broker, running: Simulator, load: Load) -> int:
    """Send a load, wait for its outcomes, print what it cost; return how many there are then."""
    past, seen = Seen(), Seen()
    past.take(running)
    seen.last = past.last
    produce(broker, load.topic, (Sent(each.key, each.value or None) for each in load.records))
    outcomes = load.before + len(load.records)
    crew.await_outcomes(outcomes, TIMEOUT)
    seen.take(running)
    requests = sum(seen.kinds.values())
    print(
        f"{load.name}: {len(load.records):,} changes, {requests} requests, "
        f"{requests / len(load.records) * 1000:.1f} for 1,000 changes: {dict(seen.kinds)}; "
        f"{seen.full}; 429s {seen.statuses[429]}, "
        f"violations {sorted({each.kind for each in running.violations()})}",
        flush=True,
    )
    return outcomes


def _mix(sets: int, chance: random.Random) -> Iterator[LeadRecord]:
    """Make the reference mix, *sets* times over leads of their own, shuffled."""
    known = list(range(LEADS))
    chance.shuffle(known)
    records = [a_lead(LEADS + number) for number in range(600 * sets)]
    for _ in range(sets):
        records += [a_lead(known.pop(), status="Qualified") for _ in range(250)]
        records += [a_lead(known.pop()) for _ in range(100)]
        records += [a_lead(known.pop(), opts_out=True) for _ in range(40)]
        records += [LeadRecord(a_lead(known.pop()).key, b"") for _ in range(10)]
    chance.shuffle(records)
    return iter(records)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=1, help="how many times 1,000 changes")
    parser.add_argument("--seed", type=int, default=0, help="of the order in which they come")
    return parser.parse_args()


if __name__ == "__main__":
    main()
