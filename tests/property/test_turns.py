"""Laws of whose turn a slot is, for every order of coming."""

from collections import Counter, deque
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.command import Urgency
from connector.planning.turns import Turns

arrivals = st.lists(st.lists(st.sampled_from(Urgency), max_size=4), max_size=60)


@dataclass(slots=True)
class Waiter:
    """One that waits, and who got slots while it stood at the head of its row."""

    passed: Counter[Urgency] = field(default_factory=Counter)


@given(arrivals)
def test_no_head_of_a_row_is_passed_over_more_than_once(coming: list[list[Urgency]]) -> None:
    """Numbers wait for one slot of compliance, compliance for one of numbers, neither for a write;
    and no slot is lost while anyone waits.
    """
    turns = Turns()
    rows: dict[Urgency, deque[Waiter]] = {each: deque() for each in Urgency}
    for come in coming:
        for urgency in come:
            rows[urgency].append(Waiter())
        waiting = [urgency for urgency, row in rows.items() if row]
        if not waiting:
            continue
        chosen = turns.next(waiting)
        turns.took(chosen, waiting)
        rows[chosen].popleft()
        for urgency in waiting:
            if urgency is not chosen:
                rows[urgency][0].passed[chosen] += 1
        for urgency, other in (
            (Urgency.BLOCK, Urgency.COMPLIANCE),
            (Urgency.COMPLIANCE, Urgency.BLOCK),
        ):
            if rows[urgency]:
                assert rows[urgency][0].passed[other] <= 1
                assert not rows[urgency][0].passed[Urgency.WRITE]
