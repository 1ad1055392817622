"""What the platform says about campaigns."""

import pytest

from connector.domain.campaign import Campaign
from connector.domain.ids import CampaignId
from connector.genesys.campaign_body import (
    Campaigns,
    WholeCampaign,
    read_campaigns,
    read_whole_campaign,
)
from connector.genesys.contact_body import UnreadableError

BODY = {"id": "c", "version": 7, "campaignStatus": "complete", "alwaysRunning": False}


def test_a_campaign_is_read_with_all_that_stands_there() -> None:
    """Its document is kept as it came."""
    body = {**BODY, "a field of next year": [1]}
    read = read_whole_campaign(body)
    assert read == WholeCampaign(
        Campaign(CampaignId("c"), "complete", always_running=False, version=7), body
    )
    assert "next year" not in repr(read)


@pytest.mark.parametrize(("always", "told"), [(True, True), (False, False), (None, False)])
def test_always_running_is_optional(always: bool | None, told: bool) -> None:  # noqa: FBT001 - a table's cell
    """SDK `Campaign`: no required field."""
    assert read_whole_campaign({**BODY, "alwaysRunning": always}).campaign.always_running is told


def test_a_listing_is_read_page_by_page() -> None:
    """A listing without a count of pages is one page."""
    campaign = Campaign(CampaignId("c"), "complete", always_running=False, version=7)
    assert read_campaigns({"entities": [BODY], "pageCount": 3}) == Campaigns((campaign,), 3)
    assert read_campaigns({"entities": [], "pageCount": 0}) == Campaigns((), 1)
    assert read_campaigns({"entities": [BODY]}) == Campaigns((campaign,), 1)


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "c",
        {},
        {**BODY, "id": 1},
        {**BODY, "version": "7"},
        {**BODY, "campaignStatus": None},
        {**BODY, "alwaysRunning": "false"},
    ],
)
def test_what_is_no_campaign_is_unreadable(body: object) -> None:
    """Nothing is decided on what is not understood."""
    with pytest.raises(UnreadableError):
        read_whole_campaign(body)
    with pytest.raises(UnreadableError):
        read_campaigns({"entities": [BODY, body]})


def test_what_is_no_listing_is_unreadable() -> None:
    """One campaign is none, and neither is an error."""
    for body in (None, [BODY], BODY, {"entities": None}):
        with pytest.raises(UnreadableError):
            read_campaigns(body)
