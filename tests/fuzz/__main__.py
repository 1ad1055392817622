"""Fuzz the decoders: `make fuzz`, or `python -m tests.fuzz --seed 7 --count 100000`.

`--only 4711` feeds one input of a seed again.
"""

import argparse
import os
import sys
import time
from multiprocessing import get_context

from tests.fuzz.run import Books, fed, fresh_seed, together

GROWTH = 24 * 2**20
"""Bytes that a process may grow by after its warm-up: the readers of numbers go on filling what
they remember. A million inputs over two processes took 4 to 6 MiB."""


def main() -> int:
    """Run it; 1 where a law was broken or memory grew."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--seed", type=int, default=None, help="default: a fresh one")
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--only", type=int, default=None, help="the number of one input")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    seed = fresh_seed() if options.seed is None else options.seed
    numbers = (
        range(options.count) if options.only is None else range(options.only, options.only + 1)
    )
    shares = [numbers[first :: options.processes] for first in range(options.processes)]
    _say(f"fuzz: {len(numbers):,} inputs, seed {seed}, {options.processes} processes")
    began = time.monotonic()
    with get_context("spawn").Pool(options.processes) as pool:
        books = pool.starmap(fed, [(seed, share) for share in shares if share])
    return _told(books, seed, time.monotonic() - began)


def _told(books: list[Books], seed: int, took: float) -> int:
    inputs = sum(each.inputs for each in books)
    _say(f"{inputs:,} inputs in {took:,.0f} s: {inputs / took:,.0f} a second")
    for kind, count in together(books).most_common():
        _say(f"  {count:>9,} {kind}")
    slowest = max(books, key=lambda each: each.slowest)
    _say(f"slowest: {slowest.slowest * 1000:,.0f} ms of CPU, input {slowest.slowest_number}")
    grown = []
    for each in books:
        _say(f"memory: {each.warm / 2**20:,.0f} MiB warm, {each.end / 2**20:,.0f} MiB at the end")
        grown.append(each.warm > 0 and each.end - each.warm > GROWTH)
    failures = [failure for each in books for failure in each.failures]
    for failure in failures:
        _say(f"BROKEN, seed {seed}, {failure}")
    if any(grown):
        _say(f"BROKEN, seed {seed}: memory grew by more than {GROWTH / 2**20:,.0f} MiB")
    return 1 if failures or any(grown) else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
