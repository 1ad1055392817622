"""Cases of whose turn a slot is."""

import pytest

from connector.domain.command import Urgency
from connector.planning.turns import Turns

NUMBERS, COMPLIANCE, WRITE = Urgency.BLOCK, Urgency.COMPLIANCE, Urgency.WRITE


def order(*slots: set[Urgency]) -> list[Urgency]:
    """Grant one slot after another, each to one of those that wait for it."""
    turns, got = Turns(), list[Urgency]()
    for waiting in slots:
        got.append(turns.next(waiting))
        turns.took(got[-1], waiting)
    return got


@pytest.mark.parametrize(
    ("slots", "got"),
    [
        ([{WRITE, COMPLIANCE, NUMBERS}], [NUMBERS]),
        ([{WRITE, COMPLIANCE}] * 3, [COMPLIANCE] * 3),
        ([{WRITE, NUMBERS}] * 3, [NUMBERS] * 3),
        ([{WRITE, COMPLIANCE, NUMBERS}] * 4, [NUMBERS, COMPLIANCE, NUMBERS, COMPLIANCE]),
        ([{NUMBERS}, {COMPLIANCE, NUMBERS}], [NUMBERS, NUMBERS]),
        ([{COMPLIANCE, NUMBERS}, {WRITE}, {COMPLIANCE, NUMBERS}], [NUMBERS, WRITE, NUMBERS]),
        ([{COMPLIANCE, NUMBERS}, {NUMBERS, WRITE}], [NUMBERS, NUMBERS]),
    ],
    ids=[
        "numbers go first",
        "compliance goes before writes, however long they wait",
        "numbers do too",
        "numbers and compliance take turns while both wait",
        "who came after the last slot was passed over by nobody",
        "who was passed over and gave up leaves no turn behind",
        "a turn that nobody takes falls to numbers",
    ],
)
def test_whose_turn_it_is(slots: list[set[Urgency]], got: list[Urgency]) -> None:
    """Slot by slot, out of those that wait."""
    assert order(*slots) == got
