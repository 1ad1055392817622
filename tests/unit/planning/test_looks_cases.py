"""When the campaigns of a list are looked at."""

from itertools import pairwise

import pytest

from connector.planning.looks import EVERY, FIRST_PAUSE, LONGEST_PAUSE, QUIET, Looks


def test_nobody_looks_without_a_reason() -> None:
    """No contact was accepted: not one request."""
    looks = Looks()
    assert looks.due() is None
    looks.accepted(100.0)
    looks.begun(105.0)
    looks.ended(None)
    assert looks.due() is None


def test_a_lone_contact_is_looked_after_within_seconds() -> None:
    """Also right after another look."""
    looks = Looks()
    looks.accepted(100.0)
    assert looks.due() == 100.0 + QUIET
    looks.begun(105.0)
    looks.ended(None)
    looks.accepted(106.0)
    assert looks.due() == 106.0 + QUIET


def test_a_steady_stream_is_looked_after_once_a_minute() -> None:
    """The first time at once; then the minute counts from look to look."""
    looks, at = Looks(), []
    for second in range(0, 600, 2):
        now = float(second)
        looks.accepted(now)
        due = looks.due()
        assert due is not None
        if due <= now:
            at.append(now)
            looks.begun(now)
            looks.ended(None)
            looks.accepted(now)
    assert at[0] <= 2 * QUIET
    assert all(EVERY <= later - earlier <= EVERY + 2 for earlier, later in pairwise(at))
    assert len(at) == 10


def test_what_comes_during_a_look_wants_another() -> None:
    """Its campaigns may have been read before it was there."""
    looks = Looks()
    looks.accepted(100.0)
    looks.begun(105.0)
    looks.accepted(105.5)
    looks.ended(None)
    assert looks.due() == 105.5 + QUIET
    assert looks.accepted_at == 105.5


def test_a_cooldown_brings_a_look_of_its_own() -> None:
    """At its end, unless new contacts are due earlier."""
    looks = Looks()
    looks.accepted(100.0)
    looks.begun(105.0)
    looks.ended(900.0)
    assert looks.due() == 900.0
    assert looks.accepted(200.0)
    assert looks.due() == 200.0 + QUIET
    assert not looks.accepted(201.0)
    assert looks.due() == 200.0 + QUIET


def test_failures_wait_longer_and_longer() -> None:
    """No new contact shortens a pause, and a success ends them."""
    looks, pauses = Looks(), []
    looks.accepted(0.0)
    now = 5.0
    for _ in range(9):
        looks.begun(now)
        pauses.append(looks.failed(now, 0.0))
        looks.accepted(now + 1)
        assert looks.due() == now + pauses[-1]
        now += pauses[-1]
    assert pauses[:4] == [FIRST_PAUSE, 30.0, 60.0, 120.0]
    assert pauses[-1] == LONGEST_PAUSE
    looks.begun(now)
    looks.ended(None)
    assert looks.due() is None
    assert looks.failed(now, 0.0) == FIRST_PAUSE


@pytest.mark.parametrize(("jitter", "least", "pause"), [(0.5, 0, 11.25), (0.999, 40.0, 40.0)])
def test_chance_shortens_a_pause_and_the_platform_lengthens_it(
    jitter: float, least: float, pause: float
) -> None:
    """Half of it at most; what the platform asked for is kept."""
    assert Looks().failed(0.0, jitter, least) == pytest.approx(pause)
