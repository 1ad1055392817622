"""Measure how fast the state of a worker is restored, and what memory that takes.

    python -m benchmarks.restore [--rows 1000000] [--partitions 8]

On a real broker (make kafka). Each restore runs in a process of its own: the load alone, without
the group's join. Cold: nothing on disk, every row is read. Warm: the database of the run before.
Beside it Faust's own recovery of a tenth of the rows, from assignment to recovered.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from connector.domain.belief import NOTHING_KNOWN, Belief, ContactBelief, ListBelief, Mark
from connector.domain.ids import ContactId, Digest, LeadId, ListId
from connector.domain.revision import Position, Revision
from connector.stream import state_rows
from connector.stream.kafka_client import KafkaConfig
from connector.stream.memory_table import MemoryTable
from connector.stream.reader import Reader
from connector.stream.rocks_table import Disk, RocksTable
from connector.stream.state_table import StateTable
from tests.support.brokers import Broker, kafka_brokers
from tests.support.topics import Sent, create_topics, produce

_CHANGELOG = "bench-lead-state-changelog"
_LIST = ListId("1f1a5f5e-6d2c-4f0e-9c7b-0d0f5a1b2c3d")


@dataclass(frozen=True, slots=True)
class Measured:
    """One restore: seconds of the load, CPU seconds of it, records, MiB at the peak and after."""

    case: str
    seconds: float
    cpu: float
    records: int
    peak_mib: int
    mib_after: int


def main() -> None:
    """Write the rows once, then restore them cold and warm, each kind of table."""
    asked = _arguments()
    if asked.measure is not None:
        print(json.dumps(asdict(_measure(asked))))
        return
    with kafka_brokers() as broker, tempfile.TemporaryDirectory(prefix="restore-") as disk:
        started = time.perf_counter()
        size = _write(broker, _CHANGELOG, asked.rows, asked.partitions)
        print(
            f"{asked.rows:,} rows of {size} B over {asked.partitions} partitions, "
            f"written in {time.perf_counter() - started:.1f} s"
        )
        for case in ("rocksdb cold", "rocksdb warm", "memory"):
            found = _in_its_own_process(case, broker, asked, disk)
            print(
                f"{found.case:13} {found.seconds:6.2f} s (CPU {found.cpu:.2f} s), "
                f"{found.records:,} records read, peak {found.peak_mib} MiB, "
                f"after {found.mib_after} MiB"
            )
        _stock(broker, asked.rows // 10, asked.partitions)


def _stock(broker: Broker, rows: int, partitions: int) -> None:
    """Let Faust recover *rows* rows its own way."""
    application = "bench-stock"
    create_topics(broker, [f"{application}-source"], partitions)
    _write(broker, f"{application}-state-changelog", rows, partitions)
    command = [sys.executable, "-m", "benchmarks.stock_recovery", broker.bootstrap_servers]
    with tempfile.TemporaryDirectory(prefix="stock-") as directory:
        done = subprocess.run(
            [*command, application, str(partitions)],
            check=True,
            capture_output=True,
            text=True,
            timeout=600,
            env={**os.environ, "FAUST_DATADIR": directory},
        )
    found = json.loads(done.stdout.splitlines()[-1])
    print(f"Faust's own   {found['seconds']:6.2f} s, {found['rows']:,} rows recovered")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--partitions", type=int, default=8)
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    parser.add_argument("--broker", help=argparse.SUPPRESS)
    parser.add_argument("--disk", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _write(broker: Broker, changelog: str, rows: int, partitions: int) -> int:
    """Write *rows* usual leads to a compacted changelog; return the size of one."""
    create_topics(broker, [changelog], partitions, {"cleanup.policy": "compact"})
    produce(broker, changelog, _leads(rows, partitions))
    one = next(_leads(1, 1))
    return len(one.key or b"") + len(one.value or b"")


def _leads(rows: int, partitions: int) -> Iterator[Sent]:
    for number in range(rows):
        lead = LeadId(f"00Q5g00000{number:08d}")
        (row,) = state_rows.changed_rows(lead, NOTHING_KNOWN, _belief(lead, number))
        yield Sent(row.key, row.value, partition=number % partitions)


def _belief(lead: LeadId, number: int) -> Belief:
    """Return the belief about a lead that was inserted and edited since."""
    revision = Revision(Position("lsn", (26_823_448 + number,)), 1_790_000_000_000 + number)
    contact = ContactBelief(ContactId(lead), Digest(f"qL1x0Zy0V3sZ{number:08d}"), callable=True)
    return Belief(
        marks=(Mark("uuLGq2jUTyqzcHwyXMxTkA", number % 4, number, revision),),
        lists={_LIST: ListBelief((contact,), looked=True, routed=True)},
    )


def _in_its_own_process(
    case: str, broker: Broker, asked: argparse.Namespace, disk: str
) -> Measured:
    command = [
        *(
            sys.executable,
            "-m",
            "benchmarks.restore",
            "--measure",
            case,
            "--partitions",
            str(asked.partitions),
        ),
        *("--broker", broker.bootstrap_servers, "--disk", disk),
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Measured(**json.loads(done.stdout))


def _measure(asked: argparse.Namespace) -> Measured:
    """Restore in this process, and look up some rows to prove that they are there."""
    reader = Reader(KafkaConfig(asked.broker), "bench")
    table: StateTable = (
        MemoryTable(reader, _CHANGELOG)
        if asked.measure == "memory"
        else RocksTable(reader, _CHANGELOG, Disk(asked.disk, "bench"))
    )
    partitions = range(asked.partitions)
    started, burnt = time.perf_counter(), time.process_time()
    restored = table.restore(partitions, threading.Event())
    seconds, cpu = time.perf_counter() - started, time.process_time() - burnt
    for lead in _leads(1_000, asked.partitions):
        found = table.get(lead.partition or 0, lead.key or b"")
        if found != lead.value:
            raise RuntimeError("a row is not what was written")
    after = _mib("VmRSS")
    table.close()
    return Measured(asked.measure, seconds, cpu, restored.records, _mib("VmHWM"), after)


def _mib(name: str) -> int:
    """Return a figure of this process from Linux, in MiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) // 1024
    return 0


if __name__ == "__main__":
    main()
