"""Named revisions: which of two is newer, in one source and between two (design.md, rule 5)."""

import pytest

from connector.domain.belief import Mark
from connector.domain.revision import Revision
from connector.planning.order import Order, order
from tests.support.lead_changes import an_origin

NEWER, REPEAT, OLDER = Order.NEWER, Order.REPEAT, Order.OLDER
NINE, ZONED = "2026-11-01T09:00:00Z", "2026-11-01T10:00:00+01:00"


def _order(new: str, old: str, *, source: str = "default", topic: str = "crm") -> Order:
    """Order a change of `default` behind one of *source* in another partition."""
    mark = Mark(topic, 3, 100, Revision(named=old), source)
    return order(an_origin(7), Revision(named=new), (mark,))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("7", "8", NEWER),
        ("9", "10", NEWER),
        ("10", "9", OLDER),
        ("10", "10.0", REPEAT),
        ("1762000000000", "1762000000001", NEWER),
        (str(2**70), str(2**70 + 1), NEWER),
        (NINE, "2026-11-01T09:00:01Z", NEWER),
        (NINE, "2026-11-01T08:59:59.999999Z", OLDER),
        (NINE, ZONED, REPEAT),
        (NINE, "2026-11-01t09:00:00z", REPEAT),
        (NINE, "2026-11-01 09:00:00", REPEAT),
        (ZONED, "2026-11-01T09:30:00Z", NEWER),
        ("2026-11-01T09:00:00.123456788Z", "2026-11-01T09:00:00.123456789Z", NEWER),
        ("2026-11-01T09:00:00.5Z", "2026-11-01T09:00:00.50+00:00", REPEAT),
        ("2026-10-31", "2026-11-01", NEWER),
        ("b", "a", OLDER),
        ("b", "b", REPEAT),
    ],
)
def test_revisions_of_one_source_are_compared_as_what_they_are(
    old: str, new: str, expected: Order
) -> None:
    """Integers as numbers, RFC 3339 as instants to the last digit, all else as text."""
    assert _order(new, old) is expected


@pytest.mark.parametrize(("old", "new"), [(NINE, "7"), ("7", NINE), ("zz", "7"), (NINE, "a")])
def test_revisions_of_unlike_kinds_have_no_order(old: str, new: str) -> None:
    """A column that became another type is behind what it was: Kafka's order stands."""
    assert _order(new, old) is NEWER


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("57", "3", NEWER),
        ("3", "3", NEWER),
        ("b", "a", NEWER),
        (NINE, "3", NEWER),
        (NINE, "2026-11-01T08:00:00Z", OLDER),
        (NINE, ZONED, REPEAT),
        (NINE, "2026-11-01T10:00:00Z", NEWER),
    ],
)
def test_between_two_sources_only_times_have_an_order(old: str, new: str, expected: Order) -> None:
    """The third edit of a row here is not older than the 57th of another table."""
    assert _order(new, old, source="other", topic="other-crm") is expected


def test_a_source_that_was_renamed_is_the_same() -> None:
    """Its topic tells: what it wrote under its old name keeps its order."""
    assert _order("6", "7", source="old-name") is OLDER
