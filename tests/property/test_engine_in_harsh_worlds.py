"""The law of the lanes, carried by whole engines: assigned, revoked, killed, answered late."""

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.planning.policy import Removal
from tests.support.engine_world import play
from tests.support.harsh_world import HarshWorld, a_harsh_policy

removals = st.sampled_from(Removal)


@settings(max_examples=settings().max_examples // 10)
@given(
    seed=st.integers(0, 2**40),
    moves=st.integers(0, 5),
    opt_outs=st.sampled_from([0.05, 0.12, 0.33]),
    adopt=st.booleans(),
    seen=st.booleans(),
    delete=removals,
    leave=removals,
    parks=st.integers(0, 2),
)
def test_ownerships_come_and_go_and_every_history_converges(
    *,
    seed: int,
    moves: int,
    opt_outs: float,
    adopt: bool,
    seen: bool,
    delete: Removal,
    leave: Removal,
    parks: int,
) -> None:
    """Every record has its outcome, every offset is committed, nobody is resurrected."""
    policy = a_harsh_policy(adopt=adopt, delete=delete, leave=leave, seen=seen)
    world = HarshWorld(
        seed, policy, kills=moves, opt_outs=opt_outs, leads=3, agents=0, parks=parks, defers=True
    )
    assert not play(world).wrong


@settings(max_examples=settings().max_examples // 10)
@given(
    seed=st.integers(0, 2**40),
    moves=st.integers(0, 3),
    pulls=st.integers(1, 4),
    adopt=st.booleans(),
    delete=removals,
    leave=removals,
)
def test_brakes_change_nothing_of_the_end(
    *, seed: int, moves: int, pulls: int, adopt: bool, delete: Removal, leave: Removal
) -> None:
    """Whatever they held back meanwhile, and whoever owned it by the time they were let go."""
    policy = a_harsh_policy(adopt=adopt, delete=delete, leave=leave, seen=False)
    world = HarshWorld(seed, policy, kills=moves, opt_outs=0.12, leads=3, agents=0)
    assert not play(world, pulls).wrong
