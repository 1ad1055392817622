"""Laws of the pace: the allowance is kept in every window, and used."""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.command import Urgency
from connector.planning.pace import WINDOW, Pace

LITTLE = 1e-6
"""Below what the platform's clock can tell apart."""


@dataclass(frozen=True, slots=True)
class Idle:
    """Ask for nothing for a while."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Send:
    """Send as fast as allowed, this often; sometimes find nothing to send and refund."""

    urgency: Urgency
    times: int
    refund: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """Get another share of the partitions."""

    fraction: float


@dataclass(frozen=True, slots=True)
class Close:
    """Hear a 429."""

    seconds: float


Step = Idle | Send | Share | Close

urgencies = st.sampled_from(Urgency)
steps = st.lists(
    st.one_of(
        st.builds(Idle, st.floats(0, 90)),
        st.builds(Send, urgencies, st.integers(1, 40), st.booleans()),
        st.builds(Share, st.sampled_from([0.0, 0.125, 0.25, 0.5, 0.75, 1.0])),
        st.builds(Close, st.floats(0, 30)),
    ),
    max_size=40,
)


class Run:
    """One worker that goes through a schedule and notes when it sent and what it was allowed."""

    def __init__(self, pace: Pace, now: float, allowance: float) -> None:
        self.pace, self.now, self.allowance = pace, now, allowance
        self.sent: list[float] = []
        self.closed: list[tuple[float, float]] = []
        self.allowed: list[tuple[float, float]] = [(-math.inf, allowance)]

    def step(self, step: Step) -> None:
        """Go through one step of the schedule."""
        match step:
            case Idle(seconds=seconds):
                self.now += seconds
            case Send():
                self.send(step)
            case Share(fraction=fraction):
                self.pace.share(fraction, self.now)
                self.allowed.append((self.now, self.allowance * fraction))
            case Close(seconds=seconds):
                self.pace.close(self.now + seconds)
                self.closed.append((self.now, self.now + seconds))
            case _:
                assert_never(step)

    def send(self, step: Send) -> None:
        """Send as fast as the pace allows."""
        for _ in range(step.times):
            wait = self.pace.wait(self.now, step.urgency)
            if wait > 10 * WINDOW:
                return
            self.now += wait
            self.pace.take(self.now)
            if step.refund:
                self.pace.refund()
                self.now += 0.01
            else:
                self.sent.append(self.now)

    def allowed_within(self, start: float, end: float) -> float:
        """Return the mean allowance over a window."""
        ends = [since for since, _ in self.allowed[1:]] + [end]
        return sum(
            rate * max(0.0, min(until, end) - max(since, start))
            for (since, rate), until in zip(self.allowed, ends, strict=True)
        ) / (end - start)


def most_within_a_minute(sent: Sequence[float]) -> int:
    """Count the fullest window of 60 s."""
    window: deque[float] = deque()
    most = 0
    for moment in sent:
        window.append(moment)
        while window[0] <= moment - WINDOW + LITTLE:
            window.popleft()
        most = max(most, len(window))
    return most


@given(allowance=st.floats(3, 600), ahead=st.integers(0, 2), schedule=steps)
def test_no_window_holds_more_than_the_largest_share_in_it(
    allowance: float, ahead: int, schedule: list[Step]
) -> None:
    """Over any schedule, no 60 s hold more requests than the allowance, refunds and closes
    included.
    """
    run = Run(Pace(allowance, ahead), 1000.0, allowance)
    for step in schedule:
        run.step(step)
    assert most_within_a_minute(run.sent) <= max(1.0, allowance)


@given(allowance=st.floats(40, 600), schedule=steps)
def test_a_change_of_share_adds_no_burst(allowance: float, schedule: list[Step]) -> None:
    """No 60 s hold more than the shares of those 60 s come to, so workers whose shares sum to one
    keep the client's allowance across a rebalance.
    """
    run = Run(Pace(allowance), 0.0, allowance)
    for step in schedule:
        run.step(step)
    for moment in run.sent:
        start = moment - WINDOW + LITTLE
        count = sum(start < other <= moment for other in run.sent)
        assert count <= run.allowed_within(moment - WINDOW, moment) + LITTLE * allowance


@given(schedule=steps)
def test_nothing_leaves_while_closed(schedule: list[Step]) -> None:
    """Between a 429 and the end of its wait nothing leaves, of whatever urgency."""
    run = Run(Pace(300), 0.0, 300)
    for step in schedule:
        run.step(step)
    for since, until in run.closed:
        assert not [moment for moment in run.sent if since + LITTLE < moment < until - LITTLE]


@given(allowance=st.floats(60, 600), start=st.floats(0, 1e6))
def test_constant_demand_uses_the_share(allowance: float, start: float) -> None:
    """Writes that always wait use all of the allowance but two requests a minute."""
    pace, now, sent = Pace(allowance), start, 0
    while now < start + 10 * WINDOW:
        now += pace.wait(now, Urgency.WRITE)
        pace.take(now)
        sent += 1
    assert sent / 10 >= allowance - 2 - 0.2


@given(allowance=st.floats(4, 600), backlog=st.integers(0, 200))
def test_compliance_waits_one_gap_at_most(allowance: float, backlog: int) -> None:
    """However long writes have been sending, compliance gets the next slot within one gap."""
    pace, now = Pace(allowance), 0.0
    for _ in range(backlog):
        now += pace.wait(now, Urgency.WRITE)
        pace.take(now)
    gap = WINDOW / (allowance - 2)
    for urgency in (Urgency.BLOCK, Urgency.COMPLIANCE):
        assert pace.wait(now, urgency) <= gap + LITTLE
