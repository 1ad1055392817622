"""Laws of the pace: the allowance is kept in every window, and used."""

import heapq
import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.command import Urgency
from connector.planning.departures import WINDOW
from connector.planning.pace import MOST, Pace, quiet

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


@dataclass(frozen=True, slots=True)
class Reserve:
    """Hear that a command will send so many requests within so many seconds."""

    requests: int
    seconds: float


Step = Idle | Send | Share | Close | Reserve

urgencies = st.sampled_from(Urgency)
steps = st.lists(
    st.one_of(
        st.builds(Idle, st.floats(0, 90)),
        st.builds(Send, urgencies, st.integers(1, 40), st.booleans()),
        st.builds(Share, st.sampled_from([0.0, 0.125, 0.25, 0.5, 0.75, 1.0])),
        st.builds(Close, st.floats(0, 30)),
        st.builds(Reserve, st.integers(1, 40), st.floats(0, 90)),
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
            case Reserve(requests=requests, seconds=seconds):
                name = f"command {self.now} {requests}"
                self.pace.reserve(name, requests, self.now + seconds, self.now)
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
                self.pace.left(self.now)
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


@given(
    allowance=st.floats(3, 600),
    urgencies=st.lists(urgencies, min_size=1, max_size=5),
    delays=st.lists(st.floats(0, 8), min_size=1, max_size=40),
    unsent=st.sets(st.integers(0, 40)),
)
def test_what_leaves_late_breaks_no_window(
    allowance: float, urgencies: list[Urgency], delays: list[float], unsent: set[int]
) -> None:
    """However long after its slot each request leaves, and whether it leaves at all."""
    pace, now, left = Pace(allowance), 1000.0, list[float]()
    waiting: list[float] = []
    for number in range(3 * int(allowance)):
        while (wait := pace.wait(now, urgencies[number % len(urgencies)])) > 0:
            now += wait
            while waiting and waiting[0] <= now:
                left.append(heapq.heappop(waiting))
                pace.left(left[-1])
        pace.take(now)
        if number % 41 not in unsent:
            heapq.heappush(waiting, now + delays[number % len(delays)])
    assert most_within_a_minute(left) <= max(1.0, allowance)


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


HEARD = 5.0
"""Seconds within which every worker of the fleet hears a claim."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A command that says `after` seconds after the one before that it will send; in the first
    moment that it may, and once more in the last, if those are a minute apart.
    """

    after: float
    part: float
    lasts: float


@dataclass(frozen=True, slots=True)
class Told:
    """A claim as workers hear it, and when its command sends."""

    name: str
    at: float
    requests: int
    until: float
    sends: tuple[float, ...]


def commands(allowance: float, claims: Sequence[Claim]) -> list[Told]:
    """Let each command claim what it may, and wait as long as it must."""
    told: list[Told] = []
    now = 1100.0
    for claim in claims:
        now += claim.after
        lasting = [each.requests for each in told if each.until + WINDOW > now]
        requests = max(1, int(claim.part * allowance))
        if sum(lasting) + requests > MOST * allowance:
            continue
        begins = now + HEARD + quiet([*lasting, requests], allowance)
        until = begins + claim.lasts
        moments = [begins, until] if claim.lasts >= WINDOW else [begins]
        sends = tuple(moment for moment in moments for _ in range(requests))
        told.append(Told(f"command {len(told)}", now, requests, until, sends))
    return told


def worker(
    pace: Pace, hears: Sequence[tuple[float, Told]], urgencies: Sequence[Urgency], end: float
) -> list[float]:
    """Send all that one worker may, until *end*; give the moments."""
    now, sent, ahead = 1000.0, list[float](), deque(sorted(hears, key=lambda pair: pair[0]))
    while now < end:
        wait = pace.wait(now, urgencies[len(sent) % len(urgencies)])
        if ahead and ahead[0][0] <= now + wait:
            now, claim = ahead.popleft()
            assert pace.reserve(claim.name, claim.requests, claim.until, now)
        else:
            now += wait
            pace.take(now)
            sent.append(now)
    return sent


@given(
    allowance=st.floats(30, 300),
    parts=st.lists(st.integers(1, 3), min_size=1, max_size=3),
    claims=st.lists(
        st.builds(Claim, st.floats(0, 90), st.floats(0, 0.5), st.floats(0, 90)),
        min_size=1,
        max_size=3,
    ),
    delays=st.lists(st.floats(0, HEARD), min_size=3, max_size=3),
    urgencies=st.lists(urgencies, min_size=1, max_size=5),
)
def test_workers_and_commands_together_keep_the_allowance(
    allowance: float,
    parts: list[int],
    claims: list[Claim],
    delays: list[float],
    urgencies: list[Urgency],
) -> None:
    """Workers that have all to do, and commands that each send all that they claimed at once: no
    60 s hold more than the client's allowance, whenever within `HEARD` each worker hears of it.
    """
    told = commands(allowance, claims)
    end = max((each.until for each in told), default=1100.0) + 2 * WINDOW
    sent = [moment for each in told for moment in each.sends]
    for part, delay in zip(parts, delays, strict=False):
        pace = Pace(allowance)
        pace.share(part / sum(parts), 1000.0)
        hears = [(each.at + delay, each) for each in told]
        sent += worker(pace, hears, urgencies, end)
    assert most_within_a_minute(sorted(sent)) <= allowance


@given(
    allowance=st.floats(60, 600),
    part=st.floats(0.01, 0.5),
    seconds=st.floats(0, 300),
)
def test_a_reservation_takes_its_requests_and_ends_by_itself(
    allowance: float, part: float, seconds: float
) -> None:
    """While it lasts the rest is used, and a minute after its end the whole share again."""
    pace, start, requests = Pace(allowance), 1000.0, allowance * part
    assert pace.reserve("command", requests, start + seconds, start)
    sent = worker(pace, (), [Urgency.WRITE], start + seconds + 5 * WINDOW)
    lasts = seconds + WINDOW - quiet([requests], allowance)
    within = sum(each < start + seconds + WINDOW for each in sent)
    assert within >= (allowance - requests - 2) * lasts / WINDOW - 3
    after = sum(start + seconds + 2 * WINDOW <= each for each in sent)
    assert after / 3 >= allowance - 2 - 0.5


@given(allowance=st.floats(60, 600), seconds=st.floats(1, 300))
def test_a_command_that_ends_early_gives_back_what_it_reserved(
    allowance: float, seconds: float
) -> None:
    """Its end is told under the same name; a later end than the first changes nothing."""
    pace = Pace(allowance)
    assert pace.reserve("command", 20, 1000.0 + seconds, 1000.0)
    assert pace.reserve("command", 20, 1000.0, 1001.0)
    assert pace.reserve("command", 20, 9000.0, 1002.0)
    sent = worker(pace, (), [Urgency.WRITE], 1000.0 + 5 * WINDOW)
    after = sum(each >= 1000.0 + 2 * WINDOW for each in sent)
    assert after / 3 >= allowance - 2 - 0.5
