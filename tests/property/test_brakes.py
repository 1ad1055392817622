"""The law of the rates: not one write more than the limit in any minute, and none less."""

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from connector.planning.brakes import MINUTE, Rate

PARTITIONS = 8


@dataclass(frozen=True, slots=True)
class Ask:
    """After a pause in seconds, a write of a contact, by a worker that owns so many partitions."""

    pause: float
    contact: int
    own: int


asks = st.lists(
    st.builds(
        Ask,
        st.sampled_from([0.0, 0.5, 1.0, 7.0, 29.5, 60.0]),
        st.integers(0, 12),
        st.integers(1, PARTITIONS),
    ),
    max_size=60,
)


@given(limit=st.integers(1, 12), asks=asks)
def test_a_minute_holds_the_limit_and_not_less(limit: int, asks: list[Ask]) -> None:
    """Whatever the share is at each moment, and however often a write is repeated."""
    rate, now = Rate(limit), 0.0
    left: list[tuple[float, int, Fraction]] = []
    for ask in asks:
        now += ask.pause
        rate.share(ask.own, PARTITIONS)
        weight = Fraction(PARTITIONS, ask.own)
        minute = [each for each in left if each[0] > now - MINUTE]
        taken = sum(each[2] for each in minute)
        repeat = ask.contact in [each[1] for each in minute]
        passed = rate.passes(("list", str(ask.contact)), now)
        assert passed == (repeat or not minute or taken + weight <= limit)
        if passed and not repeat:
            left.append((now, ask.contact, weight))


@given(
    limit=st.integers(PARTITIONS, 40),
    shares=st.lists(st.integers(1, PARTITIONS), min_size=1, max_size=4).filter(
        lambda each: sum(each) <= PARTITIONS
    ),
    turns=st.lists(st.tuples(st.integers(0, 3), st.sampled_from([0.0, 0.3, 20.0])), max_size=120),
)
def test_all_workers_together_keep_the_limit(
    limit: int, shares: list[int], turns: list[tuple[int, float]]
) -> None:
    """Each against its share, none knows of the others."""
    rates = [Rate(limit) for _ in shares]
    for rate, own in zip(rates, shares, strict=True):
        rate.share(own, PARTITIONS)
    now, left = 0.0, list[float]()
    for number, (worker, pause) in enumerate(turns):
        now += pause
        if rates[worker % len(rates)].passes(("list", str(number)), now):
            left.append(now)
        assert sum(at > now - MINUTE for at in left) <= limit
