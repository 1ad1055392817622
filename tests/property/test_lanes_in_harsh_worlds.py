"""The law of the lanes where batches are split, keys change, agents disable, sources are two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.planning import decision
from connector.planning.policy import Removal
from tests.support.harsh_world import HarshWorld, a_harsh_policy

removals = st.sampled_from(Removal)


@given(
    seed=st.integers(0, 2**40),
    kills=st.integers(0, 6),
    opt_outs=st.sampled_from([0.05, 0.12, 0.33]),
    adopt=st.booleans(),
    seen=st.booleans(),
    delete=removals,
    leave=removals,
    parks=st.integers(0, 3),
    defers=st.booleans(),
)
def test_every_harsh_history_converges(
    *,
    seed: int,
    kills: int,
    opt_outs: float,
    adopt: bool,
    seen: bool,
    delete: Removal,
    leave: Removal,
    parks: int,
    defers: bool,
) -> None:
    """Nobody is callable after an opt-out, nor again where an agent disabled them."""
    policy = a_harsh_policy(adopt=adopt, delete=delete, leave=leave, seen=seen)
    world = HarshWorld(
        seed,
        policy,
        kills=kills,
        opt_outs=opt_outs,
        leads=3,
        records=18,
        parks=parks,
        defers=defers,
    )
    assert not world.play().wrong


RESURRECTED = {
    "callable row left after an opt-out was accepted",
    "callable after opt-out",
    "callable after an opt-out that follows the key",
}


@given(
    seed=st.integers(0, 2**40),
    kills=st.integers(0, 8),
    opt_outs=st.sampled_from([0.12, 0.33]),
    adopt=st.booleans(),
    seen=st.booleans(),
    delete=removals,
    leave=removals,
    parks=st.integers(0, 3),
    defers=st.booleans(),
)
def test_no_history_resurrects_who_opted_out(
    *,
    seed: int,
    kills: int,
    opt_outs: float,
    adopt: bool,
    seen: bool,
    delete: Removal,
    leave: Removal,
    parks: int,
    defers: bool,
) -> None:
    """After the first acceptance no request leaves that makes the lead callable, and nobody is in
    the end: with repeats, deletions, routes left, changed keys, re-consents of two sources, lists
    that are parked and deferred, and a worker that dies at any moment.
    """
    policy = a_harsh_policy(adopt=adopt, delete=delete, leave=leave, seen=seen)
    world = HarshWorld(
        seed, policy, kills=kills, opt_outs=opt_outs, leads=3, parks=parks, defers=defers
    )
    assert not RESURRECTED & world.play().wrong.keys()


@given(seed=st.integers(0, 2**40), kills=st.integers(0, 6))
def test_named_revisions_decide_there_too(seed: int, kills: int) -> None:
    """Repeats, changed keys and tombstones among older and equal revisions hide nothing."""
    policy = a_harsh_policy(adopt=True, delete=Removal.QUARANTINE, leave=Removal.QUARANTINE)
    world = HarshWorld(seed, policy, kills=kills, revisions=True)
    assert not world.play().wrong


@given(seed=st.integers(0, 2**40), kills=st.integers(0, 6), window=st.integers(1, 4))
def test_a_lead_that_changes_too_often_converges_window_by_window(
    seed: int, kills: int, window: int
) -> None:
    """Where more changes wait than are looked at, the rest comes in its turn."""
    policy = a_harsh_policy(adopt=True, delete=Removal.QUARANTINE, leave=Removal.REMOVE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decision, "WINDOW", window)
        world = HarshWorld(seed, policy, kills=kills, leads=1, records=16).play()
    assert not world.wrong
