"""Measure how many changes one worker settles in a second, beside two that promise less.

    python -m benchmarks.throughput [--records 200000] [--partitions 4] [--rounds 1] [--profile]

All contenders in one run, on one real broker (make kafka), over the same records, against the same
HTTP server without latency, one after another: one worker of ours, whose outcome and state are
durable; a bare confluent-kafka loop; a stock Faust agent. The last two keep no state, give no
outcome and look at no number.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.records import lead_records
from benchmarks.rig import (
    last_line,
    load_average,
    platform_server,
    take_counts,
    write_settings,
)
from benchmarks.worker_run import Took, Worker
from tests.support.brokers import Broker, kafka_brokers
from tests.support.topics import Sent, create_topics, produce

SOURCE = "bench-leads"
OURS, BARE, STOCK = "worker", "bare loop", "stock Faust"
TIMEOUT = 1_800.0


def main() -> None:
    """Measure, and print what was found."""
    asked = _arguments()
    print(f"python -m benchmarks.throughput {' '.join(sys.argv[1:])}".rstrip())
    print(f"load average before: {load_average()}")
    with (
        kafka_brokers() as broker,
        platform_server() as platform,
        tempfile.TemporaryDirectory(prefix="throughput-") as directory,
    ):
        _load(broker, asked.records, asked.partitions)
        rig = _Rig(broker, platform, Path(directory), asked)
        for number in range(1, asked.rounds + 1):
            rig.round(number)
        rig.compare()
        if asked.profile:
            rig.profile()
    print(f"load average after: {load_average()}")


class _Rig:
    """The contenders and what was measured of them."""

    def __init__(
        self, broker: Broker, platform: str, directory: Path, asked: argparse.Namespace
    ) -> None:
        self._broker = broker
        self._platform = platform
        self._directory = directory
        self._asked = asked
        self._took: dict[str, list[Took]] = {OURS: [], BARE: [], STOCK: []}

    def round(self, number: int) -> None:
        """Run every contender once; the records per request are counted at the server."""
        take_counts(self._platform)
        self._note(self.worker(f"bench-{number}", [sys.executable, "-m", "connector"]))
        requests, sizes = take_counts(self._platform)
        print(f"             requests {requests}; contacts of the inserts {_shares(sizes)}")
        if self._asked.only_ours:
            return
        self._note(self._contender(BARE, "benchmarks.bare_loop", number))
        self._note(self._contender(STOCK, "benchmarks.stock_agent", number))

    def worker(self, application: str, runner: Sequence[str]) -> Took:
        """Run one worker over all records."""
        partitions = self._asked.partitions
        settings = write_settings(
            self._directory,
            self._broker.bootstrap_servers,
            application,
            SOURCE,
            partitions,
            self._platform,
        )
        worker = Worker(self._broker, settings, application, partitions)
        worker.create_topics()
        return worker.run(self._asked.records, runner, TIMEOUT)

    def _contender(self, name: str, module: str, number: int) -> Took:
        records = self._asked.records
        command = [sys.executable, "-m", module, self._broker.bootstrap_servers, SOURCE]
        found = last_line([*command, str(records), self._platform, str(number)], TIMEOUT)
        return Took(name, records, found["seconds"], found["cpu"], found["main_cpu"])

    def _note(self, took: Took) -> None:
        self._took[took.name].append(took)
        print(
            f"{took.name:12} {took.rate:7,.0f} changes/s, {took.seconds:6.1f} s, "
            f"CPU {took.each(took.cpu):4.0f} us a change, "
            f"of it the main thread {took.each(took.main_cpu):4.0f} us",
            flush=True,
        )

    def compare(self) -> None:
        """Print the ratios of the rounds."""
        for name in (BARE, STOCK):
            pairs = zip(self._took[OURS], self._took[name], strict=False)
            ratios = sorted(ours.rate / other.rate for ours, other in pairs)
            if ratios:
                print(
                    f"worker : {name} = {statistics.median(ratios):.2f} "
                    f"(min {ratios[0]:.2f}, max {ratios[-1]:.2f}, {len(ratios)} rounds)"
                )

    def profile(self) -> None:
        """Run the worker once more under the sampler, and print where its CPU went."""
        shares = self._directory / "shares.txt"
        runner = [sys.executable, "-m", "benchmarks.sampled_worker", str(shares)]
        self.worker("bench-profile", runner)
        print(shares.read_text(), end="")


def _shares(sizes: dict[int, int]) -> str:
    """Say how full the inserts were."""
    if not sizes:
        return "none"
    total = sum(size * often for size, often in sizes.items())
    largest = max(sizes)
    full = sizes[largest] / sum(sizes.values())
    mean = total / sum(sizes.values())
    return f"{mean:.1f} in the mean, {full:.1%} of the requests carry {largest}"


def _load(broker: Broker, records: int, partitions: int) -> None:
    create_topics(broker, [SOURCE], partitions)
    started = time.perf_counter()
    sizes = [len(each.value) for each in lead_records(min(records, 1000))]
    produce(broker, SOURCE, (Sent(each.key, each.value) for each in lead_records(records)))
    print(
        f"{records:,} records of {statistics.mean(sizes):.0f} B over {partitions} partitions, "
        f"written in {time.perf_counter() - started:.1f} s"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only-ours", action="store_true", help="leave the others out")
    parser.add_argument("--profile", action="store_true", help="name the parts of our CPU too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
