"""Percentiles and sets of bounded memory agree with those that keep everything."""

from hypothesis import given
from hypothesis import strategies as st

from connector.ops.distribution import Distribution
from connector.ops.seen import Seen


def _exactly(values: list[int], percent: int) -> int:
    """Return the nearest rank."""
    return sorted(values)[max(0, -(-len(values) * percent // 100) - 1)]


@given(values=st.lists(st.integers(0, 65_535), min_size=1), percent=st.integers(1, 100))
def test_what_is_below_a_minute_is_exact(values: list[int], percent: int) -> None:
    """The smallest value that so many percent do not exceed."""
    distribution = Distribution()
    for each in values:
        distribution.add(each)
    assert distribution.percentile(percent) == _exactly(values, percent)
    assert distribution.largest == max(values)


@given(values=st.lists(st.integers(0, 2**40), min_size=1))
def test_what_is_longer_is_close(values: list[int]) -> None:
    """Within a fiftieth of a per mille below; the largest is exact."""
    distribution = Distribution()
    for each in values:
        distribution.add(each)
    exact, near = _exactly(values, 50), distribution.percentile(50)
    assert near is not None
    assert exact * (1 - 1 / 2**15) <= near <= exact
    assert distribution.document()["max"] == max(values)


def test_of_nothing_there_is_none() -> None:
    """No value, no percentile."""
    assert Distribution().document() == {"p50": None, "p99": None, "max": None}


@given(things=st.lists(st.tuples(st.text(max_size=3), st.integers(0, 3))))
def test_what_was_seen_is_known(things: list[tuple[str, int]]) -> None:
    """As a set says it."""
    seen, known = Seen(), set[tuple[str, int]]()
    for each in things:
        assert seen.add(each) is (each not in known)
        known.add(each)
    assert len(seen) == len(known)


def test_many_are_seen_in_little_memory() -> None:
    """It grows and forgets nothing: 27 bytes each at most."""
    seen, many = Seen(), 100_000
    assert all(seen.add((f"crm/0/{each}", 7)) for each in range(many))
    assert not any(seen.add((f"crm/0/{each}", 7)) for each in range(many))
    assert len(seen) == many
    assert seen.bytes <= 27 * many
