"""A real PostgreSQL table through a real Debezium, as `make cdc` runs it."""

import os

import pytest

from tests.support.cdc.pipeline import missing
from tests.support.cdc.play import play
from tests.support.cdc.shapes import SHAPES

pytestmark = [pytest.mark.cdc, pytest.mark.slow]


def test_the_books_equal_the_table() -> None:
    """Contacts, DNC list and outcomes are those of the table, whatever SQL did to it."""
    lack = missing()
    if lack is not None and not os.environ.get("CI"):
        pytest.skip(f"no real pipeline here: {lack}")
    assert lack is None, f"CI must test on a real pipeline: {lack}"
    said: list[str] = []
    ending = play(SHAPES["avro"], said.append)
    assert ending.wrong == (), said
    assert ending.contacts > 250
    assert ending.numbers > 100
    assert len(ending.edits.seconds) == 200
    assert len(ending.opt_outs.seconds) == 100
