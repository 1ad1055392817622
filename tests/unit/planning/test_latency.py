"""How long each step of a change took, from the moments that its lane noted."""

from dataclasses import replace

import pytest

from connector.domain.outcome import Action, Effect, Latency
from connector.domain.result import Receipt
from connector.domain.revision import NO_REVISION, Revision
from connector.planning.latency import latency_of
from connector.planning.pending import Door, Pending, Progress
from tests.support.lead_changes import an_opt_out

APPEND = 1_790_000_000_000
BASE = APPEND / 1000
BLOCKED = Effect("dnc", Action.NUMBERS_BLOCKED)
EAST = Effect("east", Action.QUARANTINED, "c-1")
WEST = Effect("west", Action.QUARANTINED, "c-1")
EAST_SEEN = Effect("east", Action.VERIFIED, "c-1")
WEST_SEEN = Effect("west", Action.VERIFIED, "c-1")
AGAIN = Effect("east", Action.QUARANTINED, "c-1", Receipt(200, "corr-2"))


def pending(
    *effects: Effect, append: int = APPEND, commit: int | None = None, **moments: float
) -> Pending:
    """Return an opt-out; its moments are in seconds behind the append."""
    revision = NO_REVISION if commit is None else Revision(commit_time=commit)
    change = an_opt_out(0, "+1550", revision=revision)
    change = replace(change, origin=replace(change.origin, timestamp=append))
    progress = Progress(BASE, **{name: BASE + at for name, at in moments.items()})
    return Pending(change, Door.COMPLY, None, progress, list(effects))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (pending(), Latency(None, 1_500)),
        (pending(commit=APPEND - 250), Latency(250, 1_500)),
        (pending(sent=2.0), Latency(None, 1_500, 500)),
        (pending(BLOCKED, sent=2.0, accepted=2.2), Latency(None, 1_500, 500, 200)),
        (
            pending(BLOCKED, EAST, EAST_SEEN, sent=2.0, accepted=2.2, verified=3.2),
            Latency(None, 1_500, 500, 200, 1_000),
        ),
        (
            pending(BLOCKED, EAST, sent=2.0, blocked=2.1, accepted=9.0),
            Latency(None, 1_500, 500, 7_000, None, 2_100),
        ),
    ],
    ids=["asked nothing", "commit time", "refused", "numbers alone", "read back", "contact later"],
)
def test_what_did_not_happen_is_none(change: Pending, expected: Latency) -> None:
    """And the steps that did add up to the whole."""
    assert latency_of(change, BASE + 1.5) == expected


@pytest.mark.parametrize(
    ("effects", "verified"),
    [
        ((EAST, WEST, EAST_SEEN, WEST_SEEN), 1_000),
        ((EAST, EAST_SEEN, WEST), None),
        ((EAST, EAST_SEEN, AGAIN), None),
        ((EAST, AGAIN, EAST_SEEN), 1_000),
    ],
    ids=["both lists", "one list of two", "enabled again", "repeated and seen"],
)
def test_a_read_back_counts_when_it_confirmed_every_contact(
    effects: tuple[Effect, ...], verified: int | None
) -> None:
    """Half an answer is none: the outcome left after 30 s without the rest of it."""
    change = pending(*effects, sent=1.0, accepted=2.0, verified=3.0)
    assert latency_of(change, BASE).accepted_to_verified_ms == verified


def test_a_step_that_seems_to_end_before_it_began_took_no_time() -> None:
    """The clocks of two machines differ; a last number is accepted after the read-back."""
    skewed = pending(commit=APPEND + 40)
    assert latency_of(skewed, BASE - 3.0) == Latency(0, 0)
    numbers_last = pending(EAST, EAST_SEEN, BLOCKED, sent=1.0, accepted=5.0, verified=3.0)
    assert latency_of(numbers_last, BASE).accepted_to_verified_ms == 0


def test_a_record_without_a_time_has_no_age() -> None:
    """What happened at the platform is told all the same."""
    change = pending(BLOCKED, append=-1, commit=APPEND, sent=2.0, accepted=2.5)
    assert latency_of(change, BASE + 1.0) == Latency(None, None, 1_000, 500)
