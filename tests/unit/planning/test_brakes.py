"""What a rate lets pass, and what follows when it does not."""

from dataclasses import replace

import pytest

from connector.domain.command import Command
from connector.planning.brakes import MINUTE, Brake, Brakes, Rate, Trip
from connector.planning.cargo import stop_of
from connector.planning.gates import EVERYWHERE, Gates, HoldReason, Scope, Stop
from tests.support.commands import a_block, a_find, a_quarantine, a_removal, an_upsert

LIST = "a list"


def passes(rate: Rate, times: int, at: float, first: int = 0) -> list[bool]:
    """Ask for *times* writes of different contacts."""
    return [rate.passes((LIST, str(n)), at) for n in range(first, first + times)]


def test_not_one_more_than_the_limit_leaves_in_a_minute() -> None:
    """The last second of a minute still counts, the first of the next does not."""
    rate = Rate(3)
    assert passes(rate, 4, 0.0) == [True, True, True, False]
    assert passes(rate, 1, MINUTE - 0.01, 9) == [False]
    assert passes(rate, 4, MINUTE, 20) == [True, True, True, False]


def test_a_repeat_is_no_further_write() -> None:
    """What the platform refused and what is planned anew is asked for again, often."""
    rate = Rate(2)
    assert passes(rate, 2, 0.0) == passes(rate, 2, 1.0) == [True, True]
    assert passes(rate, 1, 2.0, 5) == [False]
    assert passes(rate, 1, MINUTE, 0) == [True]


def test_a_worker_counts_against_its_share() -> None:
    """Two of eight partitions: a quarter of the limit."""
    rate = Rate(20)
    rate.share(2, 8)
    assert passes(rate, 6, 0.0) == [True] * 5 + [False]


def test_one_write_alone_is_no_mass() -> None:
    """The share of a worker can be less than one write."""
    rate = Rate(1)
    rate.share(1, 8)
    assert passes(rate, 2, 0.0) == [True, False]


def test_a_rebalance_neither_trips_nor_forgives() -> None:
    """What left before counts as the part of the limit that it was."""
    rate = Rate(100)
    assert all(passes(rate, 80, 0.0))
    rate.share(4, 8)
    assert passes(rate, 11, 1.0, 100) == [True] * 10 + [False]


def test_a_trip_holds_everywhere_is_told_once_and_ends_with_a_release() -> None:
    """After it, counting begins anew."""
    gates, trips = Gates(), list[Trip]()
    brakes = Brakes(gates, {Brake.INSERTS: 1, Brake.DELETES: 0})
    brakes.tell = trips.append
    inserts = stop_of(an_upsert("a"))
    assert [brakes.passes(inserts, (LIST, each), 0.0) for each in "abc"] == [True, False, False]
    assert trips == [Trip(Brake.INSERTS, 2, 1)]
    scope = Scope(EVERYWHERE, Stop.INSERTS)
    assert gates.now_held == {scope: {HoldReason.BRAKE}}
    gates.let_go(scope, HoldReason.BRAKE)
    brakes.anew(Brake.INSERTS)
    assert [brakes.passes(inserts, (LIST, each), 1.0) for each in "bc"] == [True, False]
    brakes.anew(Brake.DELETES)


@pytest.mark.parametrize(
    ("command", "counts"),
    [
        (an_upsert("a"), False),
        (an_upsert("a", requeue=True), False),
        (a_removal("a"), True),
        (replace(a_quarantine("a"), deletes=True), True),
        (replace(a_removal("a"), hastens=True), False),
        (a_quarantine("a"), False),
        (a_block("a", "+12025550101"), False),
        (a_find("a"), False),
    ],
)
def test_a_deletion_counts_however_it_is_carried_out(command: Command, *, counts: bool) -> None:
    """A disqualification, an opt-out or another kind of write never does; 0 is off."""
    brakes = Brakes(Gates(), {Brake.INSERTS: 0, Brake.DELETES: 3})
    passed = [brakes.passes(stop_of(command), (LIST, str(n)), 0.0) for n in range(9)]
    assert passed == [True] * 3 + [not counts] * 6


def test_every_brake_but_that_of_dead_letters_stops_what_it_is_named_for() -> None:
    """A record names a brake, a gate its kind of writes: the words are the same."""
    stops = {each: each.stop for each in Brake}
    assert stops.pop(Brake.DEAD_LETTERS) is None
    assert {str(brake): str(stop) for brake, stop in stops.items()} == {
        each: each for each in ("inserts", "updates", "deletes", "writes")
    }
