"""The short way to decide says what the whole table says, wherever it says anything."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.planning import lane
from connector.planning.alone import decide_alone
from connector.planning.decision import decide_whole
from connector.planning.plan import Case, Plan
from tests.support.lane_world import World, a_policy


@dataclass
class Both:
    """Decides both ways, and demands the same of them; `alone` counts the short ways."""

    alone: int = 0

    def __call__(self, case: Case) -> Plan:
        """Return the plan of the whole table."""
        whole, short = decide_whole(case), decide_alone(case)
        if short is not None:
            self.alone += 1
            assert short == whole
        return whole


@given(
    seed=st.integers(0, 2**40),
    kills=st.integers(0, 3),
    adopt=st.booleans(),
    opt_outs=st.sampled_from([0.0, 0.2]),
    partials=st.sampled_from([0.1, 0.6]),
)
def test_the_short_way_is_equal_in_every_history(
    *, seed: int, kills: int, adopt: bool, opt_outs: float, partials: float
) -> None:
    """Repeats, kills, refusals, doubts, opt-outs, partial and lacking rows: one way to decide."""
    both = Both()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lane, "decide", both)
        policy = a_policy(adopt=adopt)
        world = World(
            seed, policy, kills=kills, opt_outs=opt_outs, leads=6, partials=partials
        ).play()
    assert not world.wrong


def test_the_short_way_is_taken() -> None:
    """New leads of lists that only we fill are asked for and ended by it."""
    both = Both()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lane, "decide", both)
        for seed in range(20):
            World(seed, policy=a_policy(adopt=False), leads=6).play()
    assert both.alone > 40
