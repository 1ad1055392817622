"""The collector is spared, and still collects."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from connector.stream.garbage import YOUNG, spare_collector


class Knot:
    """Something that holds itself."""

    def __init__(self) -> None:
        """Tie it."""
        self.itself = self


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """Give the other tests Python's own collector back."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_what_is_there_is_left_alone_and_what_comes_is_searched_less_often() -> None:
    """Everything loaded is frozen, and the young are searched after ten thousand."""
    spare_collector()
    assert gc.get_threshold()[0] == YOUNG
    assert gc.get_freeze_count() > YOUNG


def test_cycles_made_later_still_go() -> None:
    """A cycle that comes after is freed without being asked for."""
    spare_collector()
    gone = weakref.ref(Knot())
    kept: list[list[int]] = [[] for _ in range(3 * YOUNG)]
    assert gone() is None
    assert len(kept) == 3 * YOUNG
