"""The order of Salesforce's changes (design.md rules 1, 2 and 4; salesforce-cdc.md section 6)."""

import pytest

from connector.domain.belief import Mark
from connector.domain.revision import Position, Revision
from connector.planning.order import Order, order
from tests.support.lead_changes import an_origin

NEWER, REPEAT, OLDER = Order.NEWER, Order.REPEAT, Order.OLDER
SECOND = 1_793_700_942_000
BEFORE, AFTER = 1_793_700_942_716_501_507, 70_000_000_000
"""Commit numbers of one organisation before and after a migration: they may fall."""


def _revision(number: int, place: int, time: int) -> Revision:
    return Revision(Position("sfdc", (number, place)), time)


OLD = _revision(BEFORE, 3, SECOND)
CASES = [
    (_revision(BEFORE, 3, SECOND), REPEAT, REPEAT),
    (_revision(BEFORE, 4, SECOND), NEWER, NEWER),
    (_revision(BEFORE, 2, SECOND), OLDER, OLDER),
    (_revision(BEFORE + 1, 1, SECOND), NEWER, NEWER),
    (_revision(BEFORE - 1, 9, SECOND), OLDER, OLDER),
    (_revision(AFTER, 1, SECOND + 1_000), NEWER, NEWER),
    (_revision(BEFORE - 1, 1, SECOND + 1_000), NEWER, NEWER),
    (_revision(BEFORE - 1, 1, SECOND - 1_000), OLDER, OLDER),
    (_revision(BEFORE + 1, 1, SECOND - 1_000), NEWER, OLDER),
]


@pytest.mark.parametrize(("new", "here", "elsewhere"), CASES)
def test_old_is_what_is_newer_by_nothing_here_and_by_time_first_elsewhere(
    new: Revision, here: Order, elsewhere: Order
) -> None:
    """In its own partition a change is old only if neither number nor time is newer; against
    another partition the time decides, then number, then place: a migration drops nothing.
    """
    origin = an_origin(101)
    same = Mark(origin.topic_id, origin.partition, 100, OLD, origin.source)
    other = Mark(origin.topic_id, origin.partition + 1, 100, OLD, origin.source)
    assert order(origin, new, (same,)) is here
    assert order(origin, new, (other,)) is elsewhere


def test_writers_that_tell_no_number_go_by_time_and_place() -> None:
    """Their positions are no match for those with a number, but for one another."""
    origin = an_origin(101)
    old = Revision(Position("sfdc_time", (SECOND, 3)), SECOND)
    mark = Mark(origin.topic_id, origin.partition, 100, old, origin.source)
    for place, expected in ((2, OLDER), (3, REPEAT), (4, NEWER)):
        new = Revision(Position("sfdc_time", (SECOND, place)), SECOND)
        assert order(origin, new, (mark,)) is expected
    assert order(origin, _revision(1, 1, SECOND), (mark,)) is NEWER
