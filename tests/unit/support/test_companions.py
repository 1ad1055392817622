"""What may become of a record that waits with others of its lead, by the tests' own model."""

import pytest

from tests.support.companions import loosened
from tests.support.flat_reading import Kind, Reading

HERE: frozenset[tuple[str, str | None]] = frozenset({("unchanged", "opted_out")})
OLD, NEW = frozenset({"+15550001"}), frozenset({"+15550002"})


@pytest.mark.parametrize(
    ("before", "overtakes"),
    [
        ([Reading(Kind.UPSERT, numbers=NEW)], True),
        ([Reading(Kind.UPSERT, numbers=OLD)], False),
        ([Reading(Kind.BROKEN, numbers=NEW)], False),
        ([], False),
    ],
)
def test_an_opt_out_that_overtakes_a_new_number_blocks_it_itself(
    before: list[Reading], *, overtakes: bool
) -> None:
    """Behind the row nothing is left to do; before it there is. Both ends are right."""
    opt_out = Reading(Kind.OPT_OUT, numbers=OLD)
    endings = loosened(HERE, opt_out, before, [], opted_out=True, blocked=OLD)
    assert endings == HERE | ({("applied", None)} if overtakes else set())
