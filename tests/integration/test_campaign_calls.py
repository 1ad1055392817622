"""The calls about campaigns, against the simulator over a socket: what each answer comes to."""

from collections.abc import Iterator

import pytest

from connector.domain.ids import CampaignId, ListId
from connector.genesys.campaign_body import WholeCampaign
from connector.genesys.campaigns import CampaignCalls, Changed, Gone, TurnedOn
from connector.genesys.failed import Failed
from tests.support.platform_access import Access, access
from tests.support.simulators import (
    CAMPAIGN,
    COLUMNS,
    DNC,
    LIST,
    Json,
    Simulator,
    a_seed,
)

OTHER_LIST = "aaaaaaaa-0000-4000-8000-000000000002"
SPRING = CampaignId(CAMPAIGN)
PUTS = {"method": "PUT", "path": "*/campaigns/*"}
READS = {"method": "GET", "path": "*/campaigns/*"}
FINDS = {"method": "GET", "path": "*/campaigns"}


def a_campaign(number: int, **parts: object) -> Json:
    """Return the seed of one more campaign of the list."""
    return {
        "id": f"cccccccc-0000-4000-8000-{number:012}",
        "name": f"Campaign {number}",
        "contact_list": LIST,
        "dnc_lists": [DNC],
        **parts,
    }


def seed(*campaigns: Json) -> Json:
    """Return a seed with two lists and these campaigns."""
    contact_lists = [
        {"id": each, "name": each[-1], "columns": list(COLUMNS), "phone_columns": ["Mobile"]}
        for each in (LIST, OTHER_LIST)
    ]
    return a_seed(contact_lists=contact_lists, campaigns=list(campaigns))


@pytest.fixture
def simulator(running: Simulator) -> Iterator[Simulator]:
    """Give the simulator with one completed campaign; nothing may be held against us after."""
    running.reset(seed(a_campaign(1, status="complete")))
    yield running
    assert running.violations() == []


def calls(reached: Access) -> CampaignCalls:
    """Return the calls on that client."""
    return CampaignCalls(reached.platform.exchange)


async def read(reached: Access) -> WholeCampaign:
    """Read the campaign of the seed."""
    whole = await calls(reached).read(SPRING)
    assert isinstance(whole, WholeCampaign)
    return whole


async def test_campaigns_of_a_list_are_found_over_all_pages(simulator: Simulator) -> None:
    """130 are two requests, each in a slot; another list's are none of them."""
    ours = [a_campaign(number, status="off") for number in range(1, 131)]
    simulator.reset(seed(*ours, a_campaign(500, contact_list=OTHER_LIST, status="complete")))
    async with access(simulator.url) as reached:
        found = await calls(reached).of_list(ListId(LIST))
        assert not isinstance(found, Failed)
        assert [each.id for each in found] == [each["id"] for each in ours]
        assert {each.status for each in found} == {"off"}
        assert reached.platform.quota.granted == len(simulator.journal()) == 3
        assert await calls(reached).of_list(ListId("nobody's")) == ()


async def test_a_campaign_is_turned_on_and_nothing_else_of_it_changes(
    simulator: Simulator,
) -> None:
    """The raw document goes back with its version; fields that nobody of us knows survive."""
    async with access(simulator.url) as reached:
        whole = await read(reached)
        strange = {**whole.document, "field of next year": {"deep": [1, 2.0, None, "ü"]}}
        simulator.http.put(
            f"/api/v2/outbound/campaigns/{CAMPAIGN}",
            json=strange,
            headers={"Authorization": await token(reached)},
        ).raise_for_status()
        before = simulator.campaign()
        assert before["campaignStatus"] == "complete"
        whole = await read(reached)
        assert await calls(reached).turn_on(whole) == TurnedOn()
    after = simulator.campaign()
    same = before.keys() - {"campaignStatus", "version", "dateModified"}
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert "field of next year" in same
    assert after["campaignStatus"] == "on"
    assert after["version"] == before["version"] + 1
    assert simulator.journal()[-1].body == {**before, "campaignStatus": "on"}


async def token(reached: Access) -> str:
    """Return what our client says who it is with."""
    held = reached.platform.exchange._tokens.held
    assert held is not None
    return held.authorization


async def test_only_the_version_that_was_read_is_turned_on(simulator: Simulator) -> None:
    """Two that read the same turn it on once; the second is told to read again."""
    async with access(simulator.url) as reached:
        first, second = await read(reached), await read(reached)
        assert await calls(reached).turn_on(first) == TurnedOn()
        assert await calls(reached).turn_on(second) == Changed()
        again = await read(reached)
        assert (again.campaign.status, again.campaign.version) == ("on", 2)


@pytest.mark.parametrize("status", [400, 409])
async def test_one_that_is_active_already_is_done(simulator: Simulator, status: int) -> None:
    """`invalid.update.campaign.active` is listed under both."""
    body = {"code": "invalid.update.campaign.active"}
    async with access(simulator.url) as reached:
        whole = await read(reached)
        simulator.arm(PUTS, {"kind": "status", "status": status, "body": body}, 1)
        assert await calls(reached).turn_on(whole) == TurnedOn(already=True)


async def test_a_campaign_that_was_deleted_is_gone(simulator: Simulator) -> None:
    """Read or written: there is nothing to turn on."""
    async with access(simulator.url) as reached:
        whole = await read(reached)
        simulator.reset(seed())
        assert await calls(reached).read(SPRING) == Gone()
        assert await calls(reached).turn_on(whole) == Gone()


@pytest.mark.parametrize(
    ("action", "answer", "doubtful"),
    [
        (
            {"kind": "status", "status": 403, "body": {"code": "missing.permissions"}},
            "environment",
            False,
        ),
        (
            {"kind": "status", "status": 401, "body": {"code": "bad.credentials"}},
            "environment",
            False,
        ),
        ({"kind": "status", "status": 501}, "environment", False),
        ({"kind": "status", "status": 503}, "unavailable", False),
        ({"kind": "status", "status": 500}, "unclear", True),
        ({"kind": "reset_before"}, "unclear", True),
        ({"kind": "half_body"}, "unclear", True),
        ({"kind": "malformed_json"}, "unclear", True),
        ({"kind": "delay", "delay_ms": 1_000}, "unclear", True),
        ({"kind": "status", "status": 409, "body": {"code": "request.conflict"}}, "busy", False),
        ({"kind": "status", "status": 429, "headers": {"Retry-After": "30"}}, "throttled", False),
    ],
)
@pytest.mark.parametrize("match", [FINDS, READS, PUTS], ids=["find", "read", "put"])
async def test_whatever_fails_is_told_and_parks_nothing(
    simulator: Simulator,
    match: Json,
    action: Json,
    answer: str,
    doubtful: bool,  # noqa: FBT001 - a table's cell
) -> None:
    """A class of answer and what to do next; no list and no client is parked for it."""
    async with access(simulator.url, timeout=0.4) as reached:
        whole = await read(reached)
        simulator.arm(match, action)
        told: object
        if match is FINDS:
            told = await calls(reached).of_list(ListId(LIST))
        elif match is READS:
            told = await calls(reached).read(SPRING)
        else:
            told = await calls(reached).turn_on(whole)
        assert isinstance(told, Failed)
        assert (told.answer, told.doubtful) == (answer, doubtful)
        assert told.advice
        assert (told.after == 30.0) == (answer == "throttled")
        assert reached.parked == []
        simulator.disarm()


async def test_a_campaign_that_the_platform_refuses_says_what_to_do(simulator: Simulator) -> None:
    """A configuration code is the campaign's, for a person to mend."""
    async with access(simulator.url) as reached:
        whole = await read(reached)
        body = {"code": "queue.not.found"}
        simulator.arm(PUTS, {"kind": "status", "status": 400, "body": body}, 1)
        told = await calls(reached).turn_on(whole)
        assert isinstance(told, Failed)
        assert (told.answer, told.code, told.doubtful) == ("unfit", "queue.not.found", False)
        assert "by hand" in told.advice


async def test_nothing_leaves_without_permission(simulator: Simulator) -> None:
    """A worker that may have lost its partitions asks for no campaign."""

    class NotOurs(Exception):  # noqa: N818  # what happened, as in the lease
        pass

    def refuse() -> None:
        raise NotOurs

    async with access(simulator.url, permit=refuse) as reached:
        with pytest.raises(NotOurs):
            await calls(reached).of_list(ListId(LIST))
    assert simulator.journal() == []
