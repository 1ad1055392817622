"""A short run of the fuzzer; `make fuzz` is the long one."""

from collections.abc import Callable

import pytest

from tests.fuzz.run import fed, fresh_seed

COUNT = 2_000


@pytest.mark.parametrize("seed", [7, None], ids=["fixed", "fresh"])
def test_any_bytes_give_a_change_or_a_reason(seed: int | None, say: Callable[[str], None]) -> None:
    """Whatever stands in key, value and headers: no exception, and all laws of a result hold."""
    seed = fresh_seed() if seed is None else seed
    say(f"fuzz: {COUNT:,} inputs, seed {seed}")
    books = fed(seed, range(COUNT))
    assert not books.failures, f"seed {seed}, {books.failures[0]}"
    assert books.inputs == COUNT
    assert {"Changes", "NotALeadChange", "Unreadable undecodable"} <= books.results.keys()
