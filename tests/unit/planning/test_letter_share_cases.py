"""When a partition has too many dead letters."""

import pytest

from connector.domain.reason import Reason
from connector.planning.letter_share import WINDOW, Excess, LetterShare

BAD, GOOD = Reason.UNDECODABLE, None


def records_to_excess(share: float, *records: Reason | None) -> int | None:
    """Return how many of *records*, repeated for ever, are read when the brake trips."""
    counted = LetterShare(share)
    for number in range(1, 5 * WINDOW):
        if counted.take(records[(number - 1) % len(records)]) is not None:
            return number
    return None


@pytest.mark.parametrize(
    ("share", "records", "trips_at"),
    [
        (0.2, (BAD,), 201),
        (0.2, (GOOD, GOOD, BAD), 603),
        (0.2, (GOOD, GOOD, GOOD, GOOD, BAD), None),  # 200 of 1,000 are not more than 200
        (0.2, (GOOD,), None),
        (0.57, (BAD,), 571),  # 0.57 x 1,000 is a little less than 570 to a machine
        (0.001, (BAD,), 2),
        (0.0005, (BAD,), 1),
        (1, (BAD,), None),
        (0, (BAD,), None),
    ],
)
def test_more_than_the_share_trips(
    share: float, records: tuple[Reason | None, ...], trips_at: int | None
) -> None:
    """At the first letter above share x 1,000, however few records there were; 0 is off."""
    assert records_to_excess(share, *records) == trips_at


def test_an_excess_names_the_most_frequent_reason() -> None:
    """A person looks there first."""
    counted = LetterShare(0.003)
    for reason in (BAD, Reason.GAP, GOOD, BAD):
        found = counted.take(reason)
        assert found is None or reason is BAD
    assert counted.take(Reason.GAP) == Excess(4, 5, BAD, 2)


def test_letters_that_are_long_past_do_not_count() -> None:
    """A letter counts among the 1,000 records that end with it, and not one longer."""
    counted = LetterShare(0.001)
    for reason in (BAD, *[GOOD] * (WINDOW - 1)):
        assert counted.take(reason) is None
    assert counted.take(BAD) is None
    for _ in range(WINDOW - 2):
        assert counted.take(GOOD) is None
    assert counted.take(BAD) == Excess(2, WINDOW, BAD, 2)
