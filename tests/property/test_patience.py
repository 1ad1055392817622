"""Laws of the patience: bounded, never shorter than the server asked, growing at its worst."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.planning.patience import BOUNDS, Bounds, Wait, WaitKind, pause

kinds = st.sampled_from(WaitKind)
minima = st.floats(0, 1e4)
jitters = st.floats(0, 1, exclude_max=True)
bounds = st.builds(
    lambda first, more, attempts: Bounds(first, first + more, attempts),
    st.floats(0.01, 10),
    st.floats(0, 100),
    st.none() | st.integers(1, 20),
)


@given(kind=kinds, minimum=minima, attempt=st.integers(1, 10_000), jitter=jitters, limits=bounds)
def test_a_pause_is_bounded_and_never_shorter_than_asked(
    kind: WaitKind, minimum: float, attempt: int, jitter: float, limits: Bounds
) -> None:
    """Whatever failed, the pause lies between what the server asked and that plus the longest."""
    seconds = pause(Wait(kind, minimum), attempt, jitter, limits)
    if limits.attempts is not None and attempt >= limits.attempts:
        assert seconds is None
    else:
        assert seconds is not None
        assert minimum <= seconds <= minimum + limits.longest


@given(kind=kinds, minimum=minima, attempt=st.integers(1, 100), jitter=jitters, limits=bounds)
def test_pauses_never_shrink(
    kind: WaitKind, minimum: float, attempt: int, jitter: float, limits: Bounds
) -> None:
    """With the same luck a later pause is not shorter than an earlier one."""
    here, later = (
        pause(Wait(kind, minimum), each, jitter, limits) for each in (attempt, attempt + 1)
    )
    assert later is None or (here is not None and here <= later)


@given(minimum=st.floats(0.001, 1e4), attempt=st.integers(1, 100), jitter=jitters)
def test_a_throttled_client_waits_exactly_what_it_was_told(
    minimum: float, attempt: int, jitter: float
) -> None:
    """After a 429 neither jitter nor attempts change the wait."""
    wait = Wait(WaitKind.THROTTLED, minimum)
    assert pause(wait, attempt, jitter, BOUNDS[WaitKind.THROTTLED]) == minimum


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 0.5), (2, 1), (3, 2), (7, 30), (99, 30)])
def test_a_collision_doubles_from_half_a_second_to_thirty(attempt: int, seconds: float) -> None:
    """The brief names 500 ms; pauses double to 30 s and never end by themselves."""
    wait = Wait(WaitKind.COLLISION)
    assert pause(wait, attempt, 0.99, BOUNDS[WaitKind.COLLISION]) == seconds


@given(first=jitters, second=jitters)
def test_jitter_is_full(first: float, second: float) -> None:
    """Two workers that failed together return as far apart as their luck is."""
    limits = BOUNDS[WaitKind.UNKNOWN]
    pauses = [pause(Wait(WaitKind.UNKNOWN), 1, luck, limits) for luck in (first, second)]
    assert pauses == [first * limits.first, second * limits.first]
