"""The law of the lanes: any delivery of any history ends as one clean delivery does."""

from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.aging_world import AgingWorld, an_aging_policy
from tests.support.lane_world import World, a_policy


@given(
    seed=st.integers(0, 2**40), kills=st.integers(0, 4), adopt=st.booleans(), seen=st.booleans()
)
def test_every_history_converges(*, seed: int, kills: int, adopt: bool, seen: bool) -> None:
    """Repeats, kills, refusals and doubts leave the platform as a clean delivery would."""
    world = World(seed, policy=a_policy(adopt=adopt, seen=seen), kills=kills).play()
    assert not world.wrong


@given(seed=st.integers(0, 2**40), kills=st.integers(0, 4))
def test_named_revisions_decide(seed: int, kills: int) -> None:
    """Older and repeated revisions among them change nothing, and hide nothing that came before."""
    world = World(seed, kills=kills, revisions=True).play()
    assert not world.wrong


@given(seed=st.integers(0, 2**40), kills=st.integers(0, 4))
def test_opt_outs_hold_among_many(seed: int, kills: int) -> None:
    """Where every third change opts out, nobody is callable afterwards and no number is missed."""
    world = World(seed, kills=kills, opt_outs=0.33, leads=3, records=18).play()
    assert not world.wrong


@given(
    seed=st.integers(0, 2**40), kills=st.integers(0, 4), adopt=st.booleans(), seen=st.booleans()
)
def test_nothing_is_lost_among_partial_changes(
    *, seed: int, kills: int, adopt: bool, seen: bool
) -> None:
    """Where most changes name only what changed, no column is blanked and each value arrives."""
    policy = a_policy(adopt=adopt, seen=seen)
    world = World(seed, policy, kills=kills, partials=0.8, opt_outs=0.04, records=20).play()
    assert not world.wrong


@given(
    seed=st.integers(0, 2**40), kills=st.integers(0, 4), adopt=st.booleans(), seen=st.booleans()
)
@example(seed=6595, kills=1, adopt=True, seen=False)  # an insert that a crash hid, beside it
def test_a_parked_list_holds_nothing_up_elsewhere(
    *, seed: int, kills: int, adopt: bool, seen: bool
) -> None:
    """While a gate is shut the other list comes to what it can, and with it open so do both."""
    policy = a_policy(adopt=adopt, seen=seen)
    world = World(seed, policy, kills=kills, partials=0.7, opt_outs=0.02, records=12, parks=3)
    assert not world.play().wrong


@given(
    seed=st.integers(0, 2**40), kills=st.integers(0, 4), adopt=st.booleans(), seen=st.booleans()
)
def test_a_lead_comes_back_with_what_changed_meanwhile(
    *, seed: int, kills: int, adopt: bool, seen: bool
) -> None:
    """Where a lead is on one list or on none, what is named while it is on none is not lost."""
    policy = a_policy(adopt=adopt, seen=seen, ruled=True)
    world = World(seed, policy, kills=kills, partials=0.85, opt_outs=0.02, records=24)
    assert not world.play().wrong


@given(seed=st.integers(0, 2**40), kills=st.integers(0, 4), adopt=st.booleans())
def test_no_new_lead_that_is_too_old_is_inserted(*, seed: int, kills: int, adopt: bool) -> None:
    """Whatever is lost, refused or repeated meanwhile; and none that is there counts as expired."""
    policy = an_aging_policy(adopt=adopt)
    world = AgingWorld(seed, policy, kills=kills, opt_outs=0.03, leads=4).play()
    assert not world.wrong


def test_in_aging_worlds_leads_expire() -> None:
    """Some before they are first looked at, some while they wait; others are in time."""
    worlds = [AgingWorld(seed, an_aging_policy(adopt=False), leads=4) for seed in range(20)]
    for world in worlds:
        world.play()
    expired = {world.born[lead] for world in worlds for lead in world.expired}
    assert expired == {939.0, 950.0, 980.0}
    assert any(world.platform.contacts for world in worlds)


@given(
    seed=st.integers(0, 2**40), kills=st.integers(0, 4), adopt=st.booleans(), seen=st.booleans()
)
def test_what_a_shut_gate_defers_is_caught_up(
    *, seed: int, kills: int, adopt: bool, seen: bool
) -> None:
    """Settled while the gate is shut, and brought there once it is open, whatever comes between."""
    policy = a_policy(adopt=adopt, seen=seen)
    world = World(seed, policy, kills=kills, partials=0.5, opt_outs=0.04, parks=3, defers=True)
    assert not world.play().wrong
