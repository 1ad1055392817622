"""The decision table of campaigns: from where, for whom and how often one is turned on again."""

import pytest

from connector.domain.campaign import Campaign
from connector.domain.ids import CampaignId
from connector.planning.campaign import Cooling, Decision, Guard, Leave, LeftFor, Revive, decide

NOW = 10_000.0
COOLDOWN = 900.0
STATUS = Leave(LeftFor.STATUS)
NOTHING_NEW = Leave(LeftFor.NOTHING_NEW)


def a_campaign(status: str = "complete", *, always_running: bool = False) -> Campaign:
    """Return a campaign in that status."""
    return Campaign(CampaignId("spring"), status, always_running, 7)


@pytest.mark.parametrize(
    "status",
    [
        "on",
        "off",
        "stopping",
        "invalid",
        "forced_off",
        "forced_stopping",
        "Complete",
        "complete ",
        "completed",
        "",
        "a_status_of_next_year",
    ],
)
def test_only_exactly_complete_is_turned_on(status: str) -> None:
    """Whoever turned it off, or whatever stopped it, had a reason; what is unknown too."""
    assert decide(a_campaign(status), Guard(COOLDOWN, accepted=NOW - 1), NOW) == STATUS


def test_a_campaign_that_always_runs_is_left_alone() -> None:
    """It dials what is appended by itself."""
    told = decide(a_campaign(always_running=True), Guard(COOLDOWN, accepted=NOW - 1), NOW)
    assert told == Leave(LeftFor.ALWAYS_RUNNING)


@pytest.mark.parametrize(
    ("accepted", "at_work", "restarted", "decision"),
    [
        (None, None, None, NOTHING_NEW),
        (NOW - 1, None, None, Revive()),
        # Seen at work after the contact was accepted: that run reached it.
        (NOW - 50, NOW - 50, None, NOTHING_NEW),
        (NOW - 50, NOW - 49, None, NOTHING_NEW),
        (NOW - 50, NOW - 51, None, Revive()),
        # Turned on after the contact was accepted: the new run begins at the first record.
        (NOW - 2_000, None, NOW - 2_000, NOTHING_NEW),
        (NOW - 2_000, None, NOW - 1_999, NOTHING_NEW),
        (NOW - 1_000, None, NOW - 2_000, Revive()),
        # Within the cool-down it waits, and no longer.
        (NOW - 1, None, NOW - 899, Cooling(NOW + 1)),
        (NOW - 1, None, NOW - 900, Revive()),
        (NOW - 1, NOW - 5, NOW - 10, Cooling(NOW + 890)),
        # Nothing new is nothing to cool for.
        (NOW - 11, None, NOW - 10, NOTHING_NEW),
        # Another worker's clock is ahead of ours.
        (NOW, None, NOW + 3, NOTHING_NEW),
        (NOW + 4, None, NOW + 3, Cooling(NOW + 903)),
    ],
)
def test_a_completed_campaign_comes_back_for_new_contacts_once_in_a_cooldown(
    accepted: float | None, at_work: float | None, restarted: float | None, decision: Decision
) -> None:
    """Each row is one combination of what is known."""
    guard = Guard(COOLDOWN, accepted, at_work, restarted)
    assert decide(a_campaign(), guard, NOW) == decision
