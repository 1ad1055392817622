"""An armed fault meets the requests that it names, and does what it says."""

import httpx
import pytest

from tests.support.platform_in_process import (
    CONTACTS,
    NUMBERS,
    Platform,
    a_contact,
    code_of,
    in_process,
)
from tests.support.simulators import DNC, LIST

ME = "/api/v2/tokens/me"


async def statuses(platform: Platform, requests: int) -> list[int]:
    """Return the statuses of so many requests."""
    return [(await platform.http.get(ME)).status_code for _ in range(requests)]


MATCHES: dict[str, tuple[dict[str, object], int | None, list[int]]] = {
    "all": ({}, None, [503, 503, 503, 503]),
    "count": ({}, 2, [503, 503, 200, 200]),
    "nth": ({"nth": 3}, None, [200, 200, 503, 200]),
    "every": ({"every": 2}, None, [200, 503, 200, 503]),
    "every, counted": ({"every": 2}, 1, [200, 503, 200, 200]),
    "method": ({"method": "get"}, None, [503] * 4),
    "other method": ({"method": "POST"}, None, [200] * 4),
    "path": ({"path": "/api/*/me"}, None, [503] * 4),
    "other path": ({"path": "/api/v2/tokens"}, None, [200] * 4),
    "never": ({"probability": 0}, None, [200] * 4),
    "always": ({"probability": 1}, None, [503] * 4),
}


@pytest.mark.parametrize(("match", "count", "expected"), MATCHES.values(), ids=MATCHES.keys())
async def test_matching(
    platform: Platform, match: dict[str, object], count: int | None, expected: list[int]
) -> None:
    """Method, path, nth, every, probability and count choose the requests."""
    fault = {"match": match, "action": {"kind": "status", "status": 503}, "count": count}
    await platform.control("POST", "/faults", fault)
    assert await statuses(platform, 4) == expected


async def test_chance_is_repeatable() -> None:
    """The same seed meets the same requests, another seed meets others."""
    runs = []
    for seed in (1, 1, 2):
        async with in_process() as platform:
            match = {"probability": 0.5, "seed": seed}
            fault = {"match": match, "action": {"kind": "status", "status": 500}}
            await platform.control("POST", "/faults", fault)
            runs.append(await statuses(platform, 40))
    assert runs[0] == runs[1] != runs[2]
    assert {200, 500} == set(runs[0])


async def test_two_faults_follow_each_other(platform: Platform) -> None:
    """The first that fires is played; the next has its turn when that one is spent."""
    for status in (500, 502):
        fault = {"action": {"kind": "status", "status": status}, "count": 1}
        await platform.control("POST", "/faults", fault)
    assert await statuses(platform, 3) == [500, 502, 200]
    assert await platform.control("GET", "/faults") == []


async def test_disarming(platform: Platform) -> None:
    """DELETE disarms all; what is armed can be read with how often it met and fired."""
    await platform.control(
        "POST", "/faults", {"match": {"every": 2}, "action": {"kind": "status", "status": 500}}
    )
    await statuses(platform, 3)
    armed = await platform.control("GET", "/faults")
    assert [(one["met"], one["fired"]) for one in armed] == [(3, 1)]
    await platform.control("DELETE", "/faults")
    assert await statuses(platform, 2) == [200, 200]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 409, 413, 429, 500, 502, 503, 504])
async def test_a_status_without_a_body_has_the_platforms(platform: Platform, status: int) -> None:
    """The error body has the documented code of its status, and nothing was applied."""
    action = {"kind": "status", "status": status, "headers": {"Retry-After": 3}}
    await platform.control("POST", "/faults", {"action": action, "count": 1})
    answered = await platform.add(a_contact("1"))
    assert answered.status_code == answered.json()["status"] == status
    assert answered.headers["retry-after"] == "3"
    assert await platform.control("GET", f"/contacts/{LIST}") == []


async def test_a_status_with_a_body_of_its_own(platform: Platform) -> None:
    """A body is sent as given: JSON as JSON, text as text; `apply` carries the request out."""
    body = {"code": "contact.list.clear.in.progress", "status": 400}
    await platform.control(
        "POST", "/faults", {"action": {"kind": "status", "status": 400, "body": body}, "count": 1}
    )
    assert code_of(await platform.add(a_contact("1"))) == (400, "contact.list.clear.in.progress")
    action = {"kind": "status", "status": 504, "body": "<html>", "apply": True}
    await platform.control("POST", "/faults", {"action": action, "count": 1})
    answered = await platform.add(a_contact("1"))
    assert (answered.status_code, answered.text) == (504, "<html>")
    assert len(await platform.control("GET", f"/contacts/{LIST}")) == 1


@pytest.mark.parametrize(
    ("kind", "applied"), [("reset_before", False), ("reset_after_apply", True)]
)
async def test_resets(platform: Platform, kind: str, *, applied: bool) -> None:
    """The client gets no answer; whether the request took effect depends on the kind."""
    await platform.control("POST", "/faults", {"action": {"kind": kind}, "count": 1})
    with pytest.raises(ConnectionResetError):
        await platform.add(a_contact("1"))
    assert len(await platform.control("GET", f"/contacts/{LIST}")) == applied
    line = (await platform.control("GET", "/journal"))[-1]
    assert (line["status"], line["answer"], line["applied"]) == (None, None, applied)


async def test_malformed_json(platform: Platform) -> None:
    """The request took effect, and the answer cannot be parsed, also where it had no body."""
    await platform.control("POST", "/faults", {"action": {"kind": "malformed_json"}, "count": 2})
    for answered in (
        await platform.add(a_contact("1")),
        await platform.http.post(NUMBERS, json=["+15551230001"]),
    ):
        assert answered.status_code == 200
        with pytest.raises(ValueError, match=r"Expecting|Extra|Unterminated"):
            answered.json()
    assert len(await platform.control("GET", f"/contacts/{LIST}")) == 1
    assert len(await platform.control("GET", f"/dnc/{DNC}")) == 1


async def test_applying_in_part(platform: Platform) -> None:
    """Half of the contacts are taken and named; half of the numbers are, and a 500 is told."""
    await platform.control("POST", "/faults", {"action": {"kind": "apply_partially"}})
    answered = await platform.add(*(a_contact(str(n)) for n in range(5)))
    assert answered.status_code == 200
    assert [one["id"] for one in answered.json()] == ["lead-0", "lead-1"]
    answered = await platform.http.post(NUMBERS, json=["+15551230001", "+15551230002"])
    assert answered.status_code == 500
    assert len(await platform.control("GET", f"/dnc/{DNC}")) == 1
    assert (await platform.put(a_contact("0"))).status_code == 200
    assert (await platform.add(a_contact("x", data={}))).status_code == 400
    await platform.http.delete(CONTACTS, params={"contactIds": "lead-0,lead-1"})
    assert len(await platform.control("GET", f"/contacts/{LIST}")) == 1


async def test_enabling_again_follows_an_accepted_quarantine(platform: Platform) -> None:
    """Only a request that makes a contact uncallable is met; its answer shows it uncallable."""
    await platform.add(a_contact("1"))
    fault = {"action": {"kind": "re_enable"}, "count": 1}
    await platform.control("POST", "/faults", fault)
    await platform.add(a_contact("1"))
    await platform.put({**a_contact("1", callable=False), "data": {}})
    answered = await platform.put(a_contact("1", callable=False))
    assert answered.json()["callable"] is False
    assert (await platform.contact("lead-1"))["callable"] is True
    await platform.add(a_contact("1", callable=False))
    assert (await platform.contact("lead-1"))["callable"] is False
    assert await platform.violations() == ["missing_columns"]


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"action": {"kind": "explode"}},
        {"action": {"kind": "delay"}, "match": {"nth": 0}},
        {"action": {"kind": "delay"}, "match": {"route": "*"}},
        {"action": {"kind": "delay"}, "count": 0},
    ],
)
async def test_a_fault_that_is_none_is_refused(
    platform: Platform, fault: dict[str, object]
) -> None:
    """An unknown kind or field is a problem with its path."""
    answered: httpx.Response = await platform.http.post("/_control/faults", json=fault)
    assert answered.status_code == 400
    assert answered.json()["problems"]
