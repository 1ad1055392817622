"""What the service leaves open is a switch of the seed, and limits are settings of it."""

from typing import Any

import pytest

from tests.support.platform_in_process import (
    CONTACTS,
    NUMBERS,
    Platform,
    a_contact,
    a_row,
    code_of,
    in_process,
)
from tests.support.simulators import CLIENT, DNC, LIST, a_seed

NUMBER = "+15551230001"
KEY = "CRM_Lead_ID"
SPACE = "/api/v2/organizations/limits/namespaces"


@pytest.mark.parametrize("status", [400, 401])
async def test_the_status_of_a_refused_login(status: int) -> None:
    """Wrong credentials are 400 or 401, with the body of OAuth either way."""
    async with in_process(a_seed(behaviour={"refused_login": status})) as platform:
        for auth in (("demo", "wrong"), ("nobody", "demo")):
            grant = {"grant_type": "client_credentials"}
            answered = await platform.http.post("/oauth/token", data=grant, auth=auth)
            assert answered.status_code == status
            assert answered.json()["error"] == "invalid_client"


@pytest.mark.parametrize("status", [200, 202, 204])
async def test_the_status_of_added_numbers(status: int) -> None:
    """A POST of numbers succeeds with any of three."""
    async with in_process(a_seed(behaviour={"added_numbers": status})) as platform:
        assert (await platform.http.post(NUMBERS, json=[NUMBER])).status_code == status
        assert await platform.control("GET", f"/dnc/{DNC}") == [
            {"number": NUMBER, "expires": None}
        ]


async def test_a_limit_for_each_token() -> None:
    """Counted by token, a second token brings a second allowance."""
    seed = a_seed(
        clients=[{**CLIENT, "requests_per_minute": 2}], behaviour={"rate_limit_of": "token"}
    )
    async with in_process(seed) as platform:
        for expected in (200, 200, 429):
            assert (await platform.http.get("/api/v2/tokens/me")).status_code == expected
        await platform.log_in()
        assert (await platform.http.get("/api/v2/tokens/me")).status_code == 200


async def test_a_fixed_minute() -> None:
    """With a fixed window everything is allowed again at the full minute."""
    seed = a_seed(
        clients=[{**CLIENT, "requests_per_minute": 3}], behaviour={"rate_window": "fixed"}
    )
    async with in_process(seed) as platform:
        platform.clock.now = (platform.clock.now // 60 + 1) * 60 + 50
        for _ in range(3):
            await platform.http.get("/api/v2/tokens/me")
        answered = await platform.http.get("/api/v2/tokens/me")
        assert (answered.status_code, answered.headers["retry-after"]) == (429, "10")
        platform.clock.now += 10
        for expected in (200, 200, 200, 429):
            assert (await platform.http.get("/api/v2/tokens/me")).status_code == expected


async def searched(platform: Platform) -> dict[str, Any]:
    """Return what a search finds: the status cell and whether it is callable, by id."""
    found = (await platform.http.post(f"{CONTACTS}/search", json={})).json()["entities"]
    return {one["id"]: (one["data"]["Status"], one["callable"]) for one in found}


async def test_a_search_that_lags() -> None:
    """Inserts, changes and deletions are seen by searches later, by reads at once."""
    async with in_process(a_seed(behaviour={"search_lag_seconds": 5})) as platform:
        ann = a_contact("1", data=a_row("1", Status="old"), callable=True)
        await platform.add(ann, a_contact("2", callable=True))
        await platform.add({**a_contact("3"), "id": None})
        assert await searched(platform) == {}
        assert (await platform.http.get(f"{CONTACTS}/lead-1")).status_code == 200
        platform.clock.now += 5
        assert len(await searched(platform)) == 3
        await platform.put({**ann, "data": a_row("1", Status="new"), "callable": False})
        await platform.http.delete(f"{CONTACTS}/lead-2")
        found = await searched(platform)
        assert (found["lead-1"], found["lead-2"]) == (("old", True), ("", True))
        column = {"column": "Status", "operator": "EQUALS", "value": "new"}
        wanted = {"criteria": {"clauses": [{"predicates": [column]}]}}
        answered = await platform.http.post(f"{CONTACTS}/search", json=wanted)
        assert answered.json()["total"] == 0
        column["value"] = "old"
        answered = await platform.http.post(f"{CONTACTS}/search", json=wanted)
        assert answered.json()["total"] == 1
        platform.clock.now += 5
        found = await searched(platform)
        assert found["lead-1"] == ("new", False)
        assert "lead-2" not in found


@pytest.mark.parametrize(
    ("limit", "key"),
    [("contacts_per_list", "contacts.per.list"), ("contacts_per_org", "contacts.per.org")],
)
async def test_a_full_list(limit: str, key: str) -> None:
    """A new contact too many refuses the batch; contacts that are there can still be changed."""
    async with in_process(a_seed(limits={limit: 2})) as platform:
        assert (await platform.add(a_contact("1"), a_contact("1"))).status_code == 200
        refused = await platform.add(a_contact("2"), a_contact("3"))
        assert code_of(refused) == (400, "contacts.per.org.limit.exceeded")
        assert refused.json()["limit"] == {"key": key, "namespace": "outbound", "value": 2}
        assert (await platform.add(a_contact("1"), a_contact("2"))).status_code == 200
        nameless = {**a_contact("3"), "id": None}
        assert code_of(await platform.add(nameless))[0] == 400
        assert len(await platform.control("GET", f"/contacts/{LIST}")) == 2


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        ("dnc_records_per_list", "dnc.records.per.list.limit.exceeded"),
        ("dnc_records_per_org", "dnc.records.per.organization.limit.exceeded"),
    ],
)
async def test_a_full_dnc_list(limit: str, code: str) -> None:
    """A number too many refuses the request; numbers that are there can be added again."""
    async with in_process(a_seed(limits={limit: 1})) as platform:
        assert (await platform.http.post(NUMBERS, json=[NUMBER, NUMBER])).status_code == 204
        refused = await platform.http.post(NUMBERS, json=[NUMBER, "+15551230002"])
        assert code_of(refused) == (400, code)
        assert (await platform.http.post(NUMBERS, json=[NUMBER])).status_code == 204


async def test_limits_can_be_read() -> None:
    """The namespaces tell the limits as they are, and what they are by default."""
    seed = a_seed(
        clients=[{**CLIENT, "requests_per_minute": 700}],
        limits={"contacts_per_list": 5},
        behaviour={"request_bytes": 1000},
    )
    async with in_process(seed) as platform:
        for path, expected in (
            (f"{SPACE}/outbound", {"contacts.per.list": 5, "contacts.per.org": 5_000_000}),
            (f"{SPACE}/outbound/defaults", {"contacts.per.list": 1_000_000}),
            (f"{SPACE}/platform.api", {"token.rate.per.minute": 700, "request.bytes.max": 1000}),
            (
                f"{SPACE}/platform.api/defaults",
                {"client.credentials.token.rate.per.minute": 300, "request.bytes.max": 512_000},
            ),
        ):
            entities = (await platform.http.get(path)).json()["entities"]
            told = {one["key"]: one["value"] for one in entities}
            assert told.items() >= expected.items()
            assert {one["namespace"] for one in entities} == {path.split("/")[6]}
        assert (await platform.http.get(f"{SPACE}/x")).status_code == 404


@pytest.mark.parametrize(("case", "total"), [("exact", 1), ("ignored", 2)])
@pytest.mark.parametrize(
    "predicate",
    [
        {"operator": "EQUALS", "value": "lead-X"},
        {"operator": "IN", "range": {"inSet": ["lead-X", "other"]}},
    ],
)
async def test_a_search_that_is_blind_to_case(
    case: str, total: int, predicate: dict[str, object]
) -> None:
    """Whether `x` is found with `X` is a switch; what is shown is as it was written."""
    async with in_process(a_seed(behaviour={"search_case": case})) as platform:
        await platform.add(*(a_contact(each, data=a_row(f"lead-{each}")) for each in "xX"))
        wanted = {"criteria": {"clauses": [{"predicates": [{"column": KEY, **predicate}]}]}}
        found = (await platform.http.post(f"{CONTACTS}/search", json=wanted)).json()
        assert found["total"] == total
        cells = {each["data"][KEY] for each in found["entities"]}
        assert cells == ({"lead-X"} if total == 1 else {"lead-x", "lead-X"})
