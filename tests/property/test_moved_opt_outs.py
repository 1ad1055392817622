"""Nobody who opted out is called after a move, in whatever order all records come again."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.change import LeadChange
from connector.planning.moved import moved
from tests.support.lane_world import World, a_policy


@given(seed=st.integers(0, 2**40), kills=st.integers(0, 3), adopt=st.booleans())
def test_nobody_who_opted_out_is_called_in_the_new_application(
    *, seed: int, kills: int, adopt: bool
) -> None:
    """The whole history again, with nothing known but the opt-outs that moved."""
    old = _world(seed, 0, adopt=adopt).play()
    assert not old.wrong
    new = _world(seed, kills, adopt=adopt)
    new.platform = old.platform
    new.rows = {lead: moved(row, {"t": "crm"}.get) for lead, row in old.rows.items()}
    new.table = dict(new.rows)
    new.changes = [_again(each) for each in new.changes]
    new.topic = {door: [_again(each) for each in made] for door, made in new.topic.items()}
    new.play()
    told = [
        each for each in new.wrong if "opt-out" in each or "outcome" in each or each == "stuck"
    ]
    assert not told, new.wrong


def _world(seed: int, kills: int, *, adopt: bool) -> World:
    policy = a_policy(adopt=adopt)
    return World(seed, policy, kills=kills, opt_outs=0.3, leads=3, records=18)


def _again(change: LeadChange) -> LeadChange:
    """Return a change as its record comes again, in a topic that was made anew."""
    return replace(change, origin=replace(change.origin, topic_id="new"))
