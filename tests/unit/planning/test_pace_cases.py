"""Cases of the pace that operators meet."""

import math

import pytest

from connector.domain.command import Urgency
from connector.planning.departures import WINDOW
from connector.planning.pace import Pace


def taken(pace: Pace, urgency: Urgency, start: float, end: float) -> int:
    """Send as fast as allowed from *start* to *end*; count."""
    now, sent = start, 0
    while True:
        now += pace.wait(now, urgency)
        if now >= end:
            return sent
        pace.take(now)
        sent += 1


@pytest.mark.parametrize(
    ("allowance", "least"), [(300, 298), (75, 73), (37.5, 35), (4, 2), (3, 2), (2, 1)]
)
def test_writes_get_what_is_written_down(allowance: float, least: int) -> None:
    """At 300 a minute 298 are used (99.3 %); small shares keep a margin of two requests."""
    pace = Pace(allowance)
    taken(pace, Urgency.WRITE, 0, 120)
    assert least <= taken(pace, Urgency.WRITE, 120, 180) <= allowance


@pytest.mark.parametrize("late", [0.0, 0.01, 0.05, 0.09])
def test_a_loop_that_comes_late_to_each_slot_loses_none(late: float) -> None:
    """The next slot stands where it would have stood, and no minute holds more than allowed."""
    pace, now, sent = Pace(300), 0.0, []
    while now < 600:
        wait = pace.wait(now, Urgency.WRITE)
        if wait > 0:
            now += wait + late
            continue
        pace.take(now)
        sent.append(now)
    assert len(sent) >= 0.99 * 3_000
    assert max(sum(at <= each < at + WINDOW for each in sent) for at in sent) <= 300


def test_a_start_sends_no_burst() -> None:
    """The first write waits half a gap, each other a gap, and nothing is saved up."""
    pace = Pace(62)
    assert pace.wait(100.0, Urgency.WRITE) == 0.5
    assert pace.wait(100.0, Urgency.BLOCK) == 0.0
    pace.take(100.5)
    assert pace.wait(100.5, Urgency.WRITE) == 1.0
    pace.take(200.0)
    assert pace.wait(200.0, Urgency.WRITE) == 0.5
    pace.take(200.5)
    assert pace.wait(200.5, Urgency.WRITE) == 1.0


def test_an_unused_slot_comes_back_only_to_the_last_taker() -> None:
    """A refund undoes the last taking, once."""
    pace = Pace(62)
    pace.wait(0.0, Urgency.WRITE)
    pace.take(1.0)
    pace.refund()
    assert pace.wait(1.0, Urgency.WRITE) == 0.0
    pace.refund()
    assert pace.wait(1.0, Urgency.WRITE) == 0.0
    pace.take(1.0)
    pace.share(0.5, 1.0)
    pace.refund()
    assert pace.wait(1.0, Urgency.BLOCK) > 1.0


def test_without_a_share_nothing_ever_leaves() -> None:
    """A worker without partitions waits for ever, and starts empty when it gets some."""
    pace = Pace(62)
    pace.share(0.0, 0.0)
    assert pace.wait(0.0, Urgency.BLOCK) == math.inf
    pace.share(1.0, 10.0)
    assert pace.wait(10.0, Urgency.BLOCK) == 1.0
    assert pace.wait(10.0, Urgency.WRITE) == 1.5


def test_the_same_share_again_changes_nothing() -> None:
    """A rebalance that moves no budget costs no slot."""
    pace = Pace(62)
    taken(pace, Urgency.WRITE, 0, 10)
    before = pace.wait(10.0, Urgency.WRITE)
    pace.share(1.0, 10.0)
    assert pace.wait(10.0, Urgency.WRITE) == before


def test_the_longest_of_two_closes_holds() -> None:
    """A shorter 429 after a longer one shortens nothing, and blocks wait too."""
    pace = Pace(300)
    pace.close(60.0)
    pace.close(30.0)
    assert pace.wait(10.0, Urgency.BLOCK) == 50.0
    assert repr(pace).startswith("Pace(300 a minute")
