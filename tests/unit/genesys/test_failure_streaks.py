"""Pauses that grow while a place fails."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.result import NO_RECEIPT, Refused
from connector.genesys.answer import (
    Answer,
    Busy,
    Collided,
    Environment,
    Throttled,
    Unavailable,
    Unclear,
    wish,
)
from connector.genesys.culprit import alone
from connector.genesys.streaks import Streaks
from connector.planning.gates import GateReason
from tests.support.commands import an_upsert

NO_JITTER = 0.999_999


def pauses(answer: Answer, times: int) -> list[float]:
    """Return the pauses of *times* failures in a row."""
    streaks = Streaks(lambda: NO_JITTER)
    return [streaks.pause("list", streaks.at("list"), answer) for _ in range(times)]


@pytest.mark.parametrize(
    "answer",
    [Unclear(), Unavailable(), Busy(), Environment(GateReason.PERMISSION)],
)
def test_pauses_grow_to_a_bound(answer: Answer) -> None:
    """Twice as long each time, and never without end."""
    first, *others = pauses(answer, 12)
    assert others[0] == pytest.approx(2 * first)
    assert others[-1] == pytest.approx(others[-2])
    assert 5 <= others[-1] <= 60


def test_what_was_in_the_air_together_counts_once() -> None:
    """Ten attempts that fail in the same outage do not make the longest pause at once."""
    streaks = Streaks(lambda: NO_JITTER)
    begun = streaks.at("list")
    together = {streaks.pause("list", begun, Unclear()) for _ in range(10)}
    assert len(together) == 1
    assert streaks.at("list") == begun + 1


def test_an_answer_ends_the_streak_of_its_place_only() -> None:
    """Lists fail and recover each by itself."""
    streaks = Streaks(lambda: NO_JITTER)
    for place in ("a", "b"):
        for _ in range(3):
            streaks.pause(place, streaks.at(place), Unclear())
    streaks.ended("a")
    assert (streaks.at("a"), streaks.at("b")) == (0, 3)


def test_the_wish_of_the_platform_is_kept() -> None:
    """A 429 waits exactly as told and is no failure; a 503 waits at least as told."""
    streaks = Streaks(lambda: 0.0)
    assert streaks.pause("list", 0, Throttled(42.0)) == 42.0
    assert streaks.at("list") == 0
    assert streaks.pause("list", 0, Unavailable(7.0)) == 7.0


@given(
    kind=st.sampled_from([Unclear, Unavailable, Busy, Throttled]),
    asked=st.floats(0, 1e4),
    jitter=st.floats(0, 1, exclude_max=True),
    times=st.integers(1, 30),
)
def test_no_pause_is_shorter_than_the_platform_asked(
    kind: type[Unclear | Unavailable | Busy | Throttled], asked: float, jitter: float, times: int
) -> None:
    """`Retry-After` may come with any refusal; jitter comes on top of it."""
    streaks = Streaks(lambda: jitter)
    for _ in range(times):
        pause = streaks.pause("list", streaks.at("list"), kind(asked))
        assert asked <= pause <= asked + 30.0


@given(asked=st.floats(0, 1e4))
def test_a_collision_waits_half_a_second_or_as_long_as_asked(asked: float) -> None:
    """The brief names 500 ms; the platform may name more."""
    command = an_upsert("1")
    told = alone(command, Collided("request.conflict", asked), NO_RECEIPT)
    assert told == Refused(max(0.5, asked), collision=True)
    assert wish(Collided("request.conflict", asked)) == asked
