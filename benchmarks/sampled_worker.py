"""Run the command line with a sampler in it, and write where its CPU went.

    python -m benchmarks.sampled_worker SHARES run --config FILE

A timer of CPU time interrupts the main thread every few milliseconds that the process computes. A
sample belongs to the room of the innermost frame that has one; waiting costs no CPU and so counts
for nothing. The shares are written to SHARES each second, for a worker ends without ado.
"""

import signal
import sys
from collections import Counter
from pathlib import Path
from types import FrameType

EVERY = 0.004
"""Seconds of CPU between samples."""

_TOLD_EVERY = 250
"""Samples after which the shares are written: each second of CPU."""

LARGEST = 3

ROOMS = (
    ("the event loop itself", ("asyncio/", "connector/stream/worker")),
    ("HTTP (httpx, tokens, answers)", ("connector/genesys/", "httpx/", "httpcore/", "h11/")),
    ("decoding (envelope, numbers, changes)", ("connector/cdc/", "phonenumbers/")),
    ("our topics' codecs", ("stream/lead_changes", "stream/outcomes", "stream/state_rows")),
    ("producing and its reports", ("stream/producer", "stream/sends")),
    ("settlement and state", ("stream/settlement", "stream/rocks", "stream/overlay", "_table.py")),
    ("planning (lanes, decisions, outbox)", ("connector/planning/", "stream/lanes")),
    ("doors, ledger, dispatch", ("connector/stream/",)),
    ("metrics and log", ("connector/telemetry/", "prometheus_client/", "structlog/")),
    ("Faust and aiokafka", ("faust/", "aiokafka/", "mode/")),
)
"""Rooms by parts of file names; the first that fits. `domain` and libraries count for callers."""


class Sampler:
    """Counts what the main thread executes when the timer fires."""

    def __init__(self, shares: Path) -> None:
        self._shares = shares
        self._found: Counter[str] = Counter()
        self._rooms: dict[str, str | None] = {}

    def start(self) -> None:
        """Begin to sample."""
        signal.signal(signal.SIGPROF, self._sample)
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)

    def _sample(self, _number: int, frame: FrameType | None) -> None:
        self._found[self._room(frame)] += 1
        if self._found.total() % _TOLD_EVERY == 0:
            self._shares.write_text(self.shares())

    def _room(self, frame: FrameType | None) -> str:
        while frame is not None:
            name = frame.f_code.co_filename
            if name not in self._rooms:
                self._rooms[name] = _room_of(name)
            room = self._rooms[name]
            if room is not None:
                return room
            frame = frame.f_back
        return "other"

    def shares(self) -> str:
        """Return the rooms by their share, the largest first, named as such."""
        total = max(1, self._found.total())
        lines = [f"where the CPU of the worker goes ({total} samples):"]
        for place, (room, often) in enumerate(self._found.most_common()):
            mark = "*" if place < LARGEST else " "
            lines.append(f" {mark} {often / total:5.1%}  {room}")
        return "\n".join(lines) + "\n"


def _room_of(name: str) -> str | None:
    for room, parts in ROOMS:
        if any(part in name for part in parts):
            return room
    return None


def run(shares: Path, words: list[str]) -> None:
    """Run the command line under a sampler."""
    from connector.cli.main import main  # noqa: PLC0415 - after the sampler is there

    Sampler(shares).start()
    sys.argv = ["connector", *words]
    main()


if __name__ == "__main__":
    run(Path(sys.argv[1]), sys.argv[2:])
