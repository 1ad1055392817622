"""The right to speak to the platform, and the commits that renew it."""

import asyncio
from collections.abc import Callable, Mapping

import pytest

from connector.domain.record import TopicPartition
from connector.stream.commits import Commits
from connector.stream.lease import Lease, LeaseLapsed

PLACE = TopicPartition("a.lead-changes", 0)


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


class Coordinator:
    """A group whose coordinator answers late, or not at all."""

    def __init__(self, clock: Clock, takes: float, *, confirms: bool = True) -> None:
        self._clock, self._takes, self._confirms = clock, takes, confirms

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> bool:
        """Take a while, then confirm or not."""
        assert offsets
        self._clock.now += self._takes
        return self._confirms

    def hold(self, place: TopicPartition) -> None:
        """Hold nothing."""

    def release(self, place: TopicPartition) -> None:
        """Release nothing."""

    def go_back(self, place: TopicPartition, offset: int, gone: Callable[[], None]) -> None:
        """Read nothing again."""


def test_a_lease_lapses_before_the_session_ends() -> None:
    """After 0.7 of the session without a confirmed commit nothing may leave."""
    clock = Clock()
    lease = Lease(10.0, clock)
    clock.now += 6.9
    lease.check()
    clock.now += 0.2
    assert lease.lapsed
    with pytest.raises(LeaseLapsed):
        lease.check()


def commits_of(
    group: Coordinator,
    lease: Lease,
    clock: Clock,
    fatal: Callable[[BaseException], None] = lambda _: None,
    confirmed: Callable[[], None] = lambda: None,
) -> Commits:
    """Commit one place, for whoever wants to hear of it."""
    return Commits(group, lease, lambda: {PLACE: 1}, clock, fatal, confirmed)


@pytest.mark.parametrize(("confirms", "lapsed"), [(True, False), (False, True)])
async def test_only_a_confirmed_commit_renews_it(*, confirms: bool, lapsed: bool) -> None:
    """The coordinator's answer is the proof of membership; a commit that failed is none."""
    clock = Clock()
    lease = Lease(10.0, clock)
    clock.now += 5.0
    group = Coordinator(clock, 0.0, confirms=confirms)
    told: list[str] = []
    commits = commits_of(group, lease, clock, confirmed=lambda: told.append("confirmed"))
    await commits.once()
    assert told == (["confirmed"] if confirms else [])
    clock.now += 1.0
    assert lease.left == pytest.approx(6.0 if confirms else 1.0)
    clock.now += 2.0
    assert lease.lapsed is lapsed
    assert (lease.left == 0.0) is lapsed


async def test_it_counts_from_the_moment_the_commit_was_sent() -> None:
    """A process that is paused while the answer is under way must not gain by it."""
    clock = Clock()
    lease = Lease(10.0, clock)
    await commits_of(Coordinator(clock, 8.0), lease, clock).once()
    assert lease.lapsed


async def test_a_lapsed_lease_ends_the_worker() -> None:
    """The commits notice it though no request is due."""
    clock = Clock()
    lease = Lease(10.0, clock)
    clock.now += 8.0
    told: list[BaseException] = []
    commits = commits_of(Coordinator(clock, 0.0), lease, clock, fatal=told.append)
    await asyncio.wait_for(commits.run(), 1.0)
    assert [type(reason) for reason in told] == [LeaseLapsed]
