"""Cases of departures: when one more may be granted a slot."""

from connector.planning.departures import ABOUT, WINDOW, Departures


def test_one_that_leaves_late_counts_in_the_minute_in_which_it_left() -> None:
    """Its slot was granted long before; it is counted until its departure is a minute old."""
    departures = Departures()
    for at in (0.0, 20.0):
        assert departures.wait(at, 2) == 0.0
        departures.granted(at)
    departures.left(25.0)
    departures.left(25.0)
    assert departures.wait(61.0, 2) == 25.0 + WINDOW - 61.0
    assert departures.wait(25.0 + WINDOW, 2) == 0.0


def test_what_was_granted_and_never_leaves_is_forgotten_after_a_while() -> None:
    """A connection that was refused must not cost a slot for ever."""
    departures = Departures()
    departures.granted(0.0)
    assert departures.wait(1.0, 1) == ABOUT - 1.0
    assert departures.wait(ABOUT, 1) == 0.0


def test_what_is_given_back_and_another_allowance_count_no_more() -> None:
    """Nor does a small share keep everything back."""
    departures = Departures()
    departures.granted(0.0)
    departures.given_back()
    assert departures.wait(1.0, 0.5) == 0.0
    departures.granted(1.0)
    departures.left(1.0)
    assert departures.wait(2.0, 0.5) > 0.0
    departures.forget()
    assert departures.wait(2.0, 0.5) == 0.0
