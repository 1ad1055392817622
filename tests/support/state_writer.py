"""Write state rows as fast as the disk takes them, until killed: run by the crash tests.

Row number N has the key `k<N mod 97>` and its own number as value, and stands at offset N.
Some rows are always put and not delivered, as in a worker under load.
"""

import sys
import threading
from pathlib import Path

from connector.stream.rocks_table import Disk, RocksTable
from tests.support.fake_log import FakeLog

KEYS = 97
AHEAD = 40


def key_of(number: int) -> bytes:
    """Return the key of row *number*."""
    return b"k%d" % (number % KEYS)


def write_for_ever(directory: Path, report_every: int) -> None:
    """Put rows, deliver those *AHEAD* puts behind, and print how far it is now and then."""
    table = RocksTable(FakeLog(), "changelog", Disk(directory, "id-1", write_after=50))
    table.restore([0], threading.Event())
    number = 0
    while True:
        table.put(0, key_of(number), b"%d" % number)
        due = number - AHEAD
        if due >= 0:
            table.delivered(0, key_of(due), b"%d" % due, due)
        if number % report_every == 0:
            print(number, flush=True)  # noqa: T201 - the parent reads it
        number += 1


if __name__ == "__main__":
    write_for_ever(Path(sys.argv[1]), report_every=500)
