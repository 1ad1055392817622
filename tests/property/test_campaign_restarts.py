"""Laws of campaign restarts, over any life of a campaign, its list and its workers' looks."""

from dataclasses import dataclass, field, replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.campaign import Campaign
from connector.domain.ids import CampaignId
from connector.planning.campaign import Cooling, Guard, Leave, Revive, decide

COOLDOWN = 60.0
OTHERS = ("on", "off", "stopping", "invalid", "forced_off", "forced_stopping")

campaigns = st.builds(
    lambda status, always: Campaign(CampaignId("c"), status, always, 1),
    st.sampled_from(("complete", *OTHERS)),
    st.booleans(),
)
moments = st.none() | st.floats(0, 1_000)
guards = st.builds(Guard, st.floats(1, 500), moments, moments, moments)


@given(campaign=campaigns, guard=guards, now=st.floats(0, 2_000))
def test_it_is_turned_on_if_and_only_if_every_condition_holds(
    campaign: Campaign, guard: Guard, now: float
) -> None:
    """The conditions of the design, said in another way."""
    accepted = guard.accepted
    conditions = (
        campaign.status == "complete",
        not campaign.always_running,
        accepted is not None and (guard.at_work is None or accepted > guard.at_work),
        accepted is not None and (guard.restarted is None or accepted > guard.restarted),
        guard.restarted is None or now >= guard.restarted + guard.cooldown,
    )
    decision = decide(campaign, guard, now)
    assert isinstance(decision, Revive) == all(conditions)
    assert isinstance(decision, Leave) == (not all(conditions[:4]))


@given(campaign=campaigns, guard=guards, now=st.floats(0, 2_000))
def test_a_cooldown_ends_in_a_restart(campaign: Campaign, guard: Guard, now: float) -> None:
    """Who waits until the moment named, and finds all as it was, turns it on."""
    decision = decide(campaign, guard, now)
    if isinstance(decision, Cooling):
        assert decision.until > now
        assert isinstance(decide(campaign, guard, decision.until), Revive)


@dataclass
class Life:
    """One campaign that is dialled, runs out, and is looked at by one worker."""

    campaign: Campaign
    now: float = 0.0
    guard: Guard = field(default_factory=lambda: Guard(COOLDOWN))
    unreached: bool = False
    restarts: list[float] = field(default_factory=list)

    def step(self, what: str, seconds: float) -> None:
        """Let time pass, then let one thing happen."""
        self.now += seconds
        match what:
            case "accept":
                self.guard = replace(self.guard, accepted=self.now)
                self.unreached = self.campaign.status == "complete"
            case "run_out" if self.campaign.status == "on":
                self.campaign = replace(self.campaign, status="complete")
            case "look":
                self.look()
            case status if status in OTHERS and self.campaign.status != "complete":
                self.campaign = replace(self.campaign, status=status)
            case _:
                pass

    def look(self) -> None:
        """Look and do what is decided, as a worker does."""
        decision = decide(self.campaign, self.guard, self.now)
        if self.campaign.status != "complete":
            self.guard = replace(self.guard, at_work=self.now)
        if isinstance(decision, Revive):
            assert self.campaign.status == "complete"
            self.restarts.append(self.now)
            self.campaign = replace(self.campaign, status="on")
            self.guard = replace(self.guard, restarted=self.now)
            self.unreached = False


steps = st.lists(
    st.tuples(
        st.sampled_from(("accept", "run_out", "look", *OTHERS)),
        st.floats(0.1, 50, allow_subnormal=False),
    ),
    max_size=60,
)


@given(steps=steps, status=st.sampled_from(("complete", *OTHERS)))
def test_restarts_keep_their_distance_and_no_new_contact_stays_behind(
    steps: list[tuple[str, float]], status: str
) -> None:
    """Never two within a cool-down; a contact accepted after the end is dialled in the end."""
    life = Life(Campaign(CampaignId("c"), status, always_running=False, version=1))
    for what, seconds in steps:
        life.step(what, seconds)
    assert all(later - earlier >= COOLDOWN for earlier, later in pairwise(life.restarts))
    left_behind = life.unreached and life.campaign.status == "complete"
    life.step("look", COOLDOWN)
    if left_behind:
        assert life.restarts[-1:] == [life.now]
    assert not (life.unreached and life.campaign.status == "complete")
