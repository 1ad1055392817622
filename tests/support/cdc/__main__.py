"""Carry a CRM's table through a real pipeline and prove the result: `make cdc`."""

import argparse
import sys
import time

from tests.support.cdc.delays import Delays
from tests.support.cdc.pipeline import ALLOWANCE, LINGER, missing
from tests.support.cdc.play import Ending, play
from tests.support.cdc.shapes import SHAPES

SHOWN = 20
"""How many differences are written out."""


def main() -> int:
    """Play one shape; 0 where books and table agree, 3 where not or where a part is missing."""
    parser = argparse.ArgumentParser(prog="make cdc", description=__doc__)
    parser.add_argument("--shape", choices=SHAPES, default="avro")
    shape = SHAPES[parser.parse_args().shape]
    lack = missing()
    if lack is not None:
        _say(f"no real pipeline on this machine: {lack}")
        return 3
    begun = time.monotonic()
    _say(f"PostgreSQL -> Debezium -> Kafka ({shape.envelope}, {shape.encoding}) -> connector")
    ending = play(shape, lambda text: _say(f"{time.monotonic() - begun:6.1f} s  {text}"))
    _tell(ending)
    return 3 if ending.wrong else 0


def _tell(ending: Ending) -> None:
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in ending.verdicts.most_common())
    _say(f"\nrecords of the table's topic: {ending.records}; outcomes: {verdicts}")
    _say(f"contacts that may be called: {ending.contacts}; numbers not to call: {ending.numbers}")
    _say(
        f"\nfrom the commit in SQL, linger_seconds = {LINGER:g}, {ALLOWANCE:,} requests a minute:"
    )
    _say(_line("an edit to the contact", ending.edits, 50, 1.0))
    _say(_line("an opt-out to the DNC list", ending.opt_outs, 99, 0.5))
    for each in ending.wrong[:SHOWN]:
        _say(each)
    if ending.wrong:
        _say(f"\n{len(ending.wrong)} differences between the platform's books and the table")
    else:
        _say("\nthe platform's books equal the table, and every record has one outcome")


def _line(what: str, delays: Delays, goal_percentile: int, goal: float) -> str:
    figures = " ".join(f"p{each} {delays.percentile(each) * 1000:.0f} ms" for each in (50, 99))
    met = "met" if delays.percentile(goal_percentile) < goal else "MISSED"
    number = len(delays.seconds)
    return f"  {what}: {figures} of {number}; goal p{goal_percentile} < {goal:g} s {met}"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
