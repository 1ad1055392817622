"""Campaigns are read, replaced with their version, started and stopped as documented."""

from typing import Any

import pytest

from tests.support.platform_in_process import Platform, a_contact, code_of, in_process
from tests.support.simulators import CAMPAIGN, DNC, LIST, a_seed

HOME = "00000000-0000-4000-8000-000000000000"
BASE = "/api/v2/outbound/campaigns"
PATH = f"{BASE}/{CAMPAIGN}"


def with_status(status: str) -> dict[str, Any]:
    """Return a seed whose campaign has a status."""
    campaign = {"id": CAMPAIGN, "name": "Spring", "contact_list": LIST, "dnc_lists": [DNC]}
    return a_seed(campaigns=[{**campaign, "status": status}])


async def test_read_change_put_keeps_unknown_fields(platform: Platform) -> None:
    """The raw object goes back with its version; fields that nobody knows survive."""
    campaign = (await platform.http.get(PATH)).json()
    assert campaign["contactList"]["id"] == LIST
    assert campaign["dncLists"] == [{"id": DNC}]
    changed = {**campaign, "campaignStatus": "off", "futureField": {"a": 1}}
    answered = await platform.http.put(PATH, json=changed)
    assert answered.status_code == 200
    assert answered.json()["version"] == campaign["version"] + 1
    assert answered.json()["futureField"] == {"a": 1}
    assert await platform.control("GET", f"/campaigns/{CAMPAIGN}") == answered.json()


async def test_an_old_version_is_refused(platform: Platform) -> None:
    """A PUT with another version than the latest is 409, and changes nothing."""
    campaign = (await platform.http.get(PATH)).json()
    await platform.http.put(PATH, json=campaign)
    answered = await platform.http.put(PATH, json={**campaign, "campaignStatus": "off"})
    assert code_of(answered) == (409, "invalid.update.wrong.version")
    assert (await platform.http.get(PATH)).json()["campaignStatus"] == "on"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("on", "off", 200),
        ("off", "on", 200),
        ("complete", "on", 200),
        ("invalid", "on", 200),
        ("complete", "complete", 200),
        ("stopping", "stopping", 200),
        ("complete", "off", (400, "invalid.update.bad.status.transition")),
        ("on", "complete", (400, "invalid.update.bad.status.transition")),
        ("forced_off", "on", (400, "invalid.update.bad.status.transition")),
        ("off", "On", (400, "invalid.value")),
        ("off", None, (400, "invalid.value")),
    ],
)
async def test_status_transitions(before: str, after: object, expected: object) -> None:
    """Only documented transitions are taken, in lower case."""
    async with in_process(with_status(before)) as platform:
        campaign = (await platform.http.get(PATH)).json()
        answered = await platform.http.put(PATH, json={**campaign, "campaignStatus": after})
        got = answered.status_code if answered.status_code == 200 else code_of(answered)
        assert got == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"name": ""}, (400, "invalid.update")),
        ({"callerName": None}, (400, "invalid.update")),
        ({"contactList": {"id": "other"}}, (404, "contact.list.not.found")),
        ({"dncLists": [{"id": "other"}]}, (400, "dnc.list.not.found")),
        ({"dncLists": "other"}, (400, "invalid.value")),
    ],
)
async def test_a_campaign_must_be_whole(
    platform: Platform, change: dict[str, object], expected: tuple[int, str]
) -> None:
    """A PUT without required fields, or with references that lead nowhere, is refused."""
    campaign = (await platform.http.get(PATH)).json()
    assert code_of(await platform.http.put(PATH, json={**campaign, **change})) == expected


@pytest.mark.parametrize(
    ("before", "call", "after", "raised"),
    [
        ("off", "start", "on", 1),
        ("complete", "start", "on", 1),
        ("on", "start", "on", 0),
        ("on", "stop", "off", 1),
        ("off", "stop", "off", 0),
        ("complete", "stop", "complete", 0),
    ],
)
@pytest.mark.parametrize("content", [b"", b"null", b"{}"])
async def test_start_and_stop(
    before: str, call: str, after: str, raised: int, content: bytes
) -> None:
    """Start and stop need no body and no version; a change of status raises the version."""
    async with in_process(with_status(before)) as platform:
        answered = await platform.http.post(f"{PATH}/{call}", content=content)
        assert (answered.status_code, answered.content) == (204, b"")
        campaign = (await platform.http.get(PATH)).json()
        assert (campaign["campaignStatus"], campaign["version"]) == (after, 1 + raised)


async def test_unknown_campaigns_and_methods(platform: Platform) -> None:
    """An unknown campaign is 404 with the code of its path; POST on a campaign is 405."""
    assert code_of(await platform.http.get(f"{BASE}/x")) == (404, "resource.not.found")
    assert code_of(await platform.http.post(f"{BASE}/x/start")) == (404, "campaign.not.found")
    answered = await platform.http.post(PATH, json={"campaignStatus": "on"})
    assert code_of(answered) == (405, "method.not.allowed")
    assert answered.headers["allow"] == "GET, PATCH, PUT"


LISTED: dict[str, tuple[dict[str, object], int]] = {
    "all": ({}, 1),
    "contact list": ({"contactListId": LIST}, 1),
    "other contact list": ({"contactListId": "x"}, 0),
    "DNC list": ({"dncListIds": DNC}, 1),
    "other DNC list": ({"dncListIds": "x"}, 0),
    "id": ({"id": [CAMPAIGN, "x"]}, 1),
    "other id": ({"id": "x"}, 0),
    "prefix": ({"name": "spr"}, 1),
    "no prefix": ({"name": "ing"}, 0),
    "contains": ({"name": "rin", "filterType": "Contains"}, 1),
    "equals": ({"name": "spring", "filterType": "Equals"}, 1),
    "ends with": ({"name": "ing", "filterType": "EndsWith"}, 1),
    "pattern": ({"name": "s.*g", "filterType": "RegEx"}, 1),
    "no such pattern": ({"name": "s.*x", "filterType": "RegEx"}, 0),
    "before": ({"name": "summer", "filterType": "LessThan"}, 1),
    "not before": ({"name": "spring", "filterType": "LessThan"}, 0),
    "not after": ({"name": "spring", "filterType": "LessThanEqualTo"}, 1),
    "after": ({"name": "spring", "filterType": "GreaterThan"}, 0),
    "not earlier": ({"name": "spring", "filterType": "GreaterThanEqualTo"}, 1),
    "division": ({"divisionId": ["x", HOME]}, 1),
    "other division": ({"divisionId": "x"}, 0),
    "queue": ({"distributionQueueId": "x"}, 0),
    "edge group": ({"edgeGroupId": "x"}, 0),
    "answering rules": ({"callAnalysisResponseSetId": "x"}, 0),
}


@pytest.mark.parametrize(("query", "total"), LISTED.values(), ids=LISTED.keys())
async def test_listing(platform: Platform, query: dict[str, Any], total: int) -> None:
    """The listing filters by lists, ids and names; Prefix is the default."""
    answered = await platform.http.get(BASE, params=query)
    assert answered.json()["total"] == total
    assert len(answered.json()["entities"]) == total


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"id": ",".join(map(str, range(101)))}, "too.many.bulk.retrieves"),
        ({"filterType": "Sounds"}, "invalid.query.param.value"),
        ({"pageSize": "0"}, "invalid.query.param.value"),
        ({"pageNumber": "x"}, "invalid.query.param.value"),
        ({"name": "(", "filterType": "RegEx"}, "invalid.query.param.value"),
        ({"sortBy": "contactList"}, "invalid.query.param.value"),
        ({"sortOrder": "sideways"}, "invalid.query.param.value"),
    ],
)
async def test_listing_refuses(platform: Platform, query: dict[str, str], code: str) -> None:
    """A query that makes no sense is refused."""
    assert code_of(await platform.http.get(BASE, params=query)) == (400, code)


async def test_campaigns_are_found_by_what_they_use(platform: Platform) -> None:
    """A queue that a campaign was given is a filter of the listing."""
    campaign = (await platform.http.get(PATH)).json()
    await platform.http.put(PATH, json={**campaign, "queue": {"id": "q1"}})
    answered = await platform.http.get(BASE, params={"distributionQueueId": "q1"})
    assert [one["id"] for one in answered.json()["entities"]] == [CAMPAIGN]


async def test_listing_sorts_where_it_is_asked() -> None:
    """Things come by a field and in an order; without either, as the books have them."""
    names = ("beta", "alpha", "gamma")
    seed = a_seed(campaigns=[{"id": name, "name": name, "contact_list": LIST} for name in names])
    async with in_process(seed) as platform:
        for query, expected in (
            ({}, ["beta", "alpha", "gamma"]),
            ({"sortBy": "name"}, ["alpha", "beta", "gamma"]),
            ({"sortBy": "name", "sortOrder": "descending"}, ["gamma", "beta", "alpha"]),
        ):
            answered = await platform.http.get(BASE, params=query)
            assert [one["name"] for one in answered.json()["entities"]] == expected


async def test_a_patch_changes_how_a_campaign_dials(platform: Platform) -> None:
    """A PATCH answers 204 without a body, raises the version and leaves the rest alone."""
    before = (await platform.http.get(PATH)).json()
    patch = {"outboundLineCount": 9, "abandonRate": 2.5, "queue": {"id": "q1"}}
    answered = await platform.http.patch(PATH, json=patch)
    assert (answered.status_code, answered.content) == (204, b"")
    after = (await platform.http.get(PATH)).json()
    assert after == {**before, **patch, "version": 2}
    answered = await platform.http.put(PATH, json=before)
    assert code_of(answered) == (409, "invalid.update.wrong.version")


@pytest.mark.parametrize(
    ("patch", "code"),
    [
        ({"campaignStatus": "on"}, "invalid.update"),
        ({"outboundLineCount": "9"}, "invalid.value"),
        ({"outboundLineCount": True}, "invalid.value"),
        ({"queue": "q1"}, "invalid.value"),
        ([], "invalid.value"),
    ],
)
async def test_a_patch_cannot_change_the_status(
    platform: Platform, patch: object, code: str
) -> None:
    """What a PATCH does not know is refused, and nothing changes."""
    assert code_of(await platform.http.patch(PATH, json=patch)) == (400, code)
    assert (await platform.http.get(PATH)).json()["version"] == 1


async def called(platform: Platform, lead: str, at: str) -> None:
    """Let the dialler call a contact."""
    records = {"Mobile": {"lastAttempt": at, "lastResult": "NO_ANSWER"}}
    await platform.control("PATCH", f"/contacts/{LIST}/lead-{lead}", {"callRecords": records})


async def test_progress_and_recycling(platform: Platform) -> None:
    """Progress counts the contacts called since the last recycle, which turns nothing on."""
    await platform.add(a_contact("1"), a_contact("2", callable=False), a_contact("3"))
    await called(platform, "1", "2026-11-01T10:00:00.000Z")
    await called(platform, "2", "2026-11-01T10:00:00.000Z")
    progress = (await platform.http.get(f"{PATH}/progress")).json()
    assert progress["campaign"]["id"] == CAMPAIGN
    assert progress["contactList"]["id"] == LIST
    counts = ("numberOfContactsCalled", "totalNumberOfContacts", "percentage")
    assert [progress[name] for name in counts] == [2, 3, 66]
    assert progress["numberOfContactsSkipped"] == {"uncallable": 1}
    many = await platform.http.post(f"{BASE}/progress", json=[CAMPAIGN, "x"])
    assert many.json() == [progress]
    await platform.control("PATCH", f"/campaigns/{CAMPAIGN}", {"campaignStatus": "complete"})
    answered = await platform.http.delete(f"{PATH}/progress")
    assert (answered.status_code, answered.content) == (202, b"")
    assert (await platform.http.get(PATH)).json()["campaignStatus"] == "complete"
    assert (await platform.http.get(f"{PATH}/progress")).json()["percentage"] == 0
    await called(platform, "1", "2026-11-02T10:00:00.000Z")
    assert (await platform.http.get(f"{PATH}/progress")).json()["percentage"] == 33
    for answered in (
        await platform.http.delete(f"{BASE}/x/progress"),
        await platform.http.get(f"{BASE}/x/progress"),
    ):
        assert answered.status_code == 404


@pytest.mark.parametrize(("switch", "status"), [("accepted", 202), ("too.many.recycles", 429)])
async def test_recycling_again_within_five_seconds(switch: str, status: int) -> None:
    """A second recycle within 5 s is accepted or refused, as the switch says."""
    async with in_process(a_seed(behaviour={"early_recycle": switch})) as platform:
        assert (await platform.http.delete(f"{PATH}/progress")).status_code == 202
        platform.clock.now += 4.9
        assert (await platform.http.delete(f"{PATH}/progress")).status_code == status
        platform.clock.now += 5
        assert (await platform.http.delete(f"{PATH}/progress")).status_code == 202


async def test_the_dialler_changes_status_and_version(platform: Platform) -> None:
    """The control API ends a campaign as the dialler would, which makes old versions old."""
    campaign = (await platform.http.get(PATH)).json()
    await platform.control("PATCH", f"/campaigns/{CAMPAIGN}", {"campaignStatus": "complete"})
    answered = await platform.http.put(PATH, json=campaign)
    assert code_of(answered) == (409, "invalid.update.wrong.version")
