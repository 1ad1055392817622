"""What a client must never do is held against it, and nothing else is."""

import pytest

from connector.simulator.call import Call
from connector.simulator.contact import Contact
from connector.simulator.flights import Flights
from connector.simulator.seed import read
from connector.simulator.world import open_world
from tests.support.platform_in_process import (
    CONTACTS,
    NUMBERS,
    START,
    Platform,
    a_contact,
    a_row,
    in_process,
)
from tests.support.simulators import CLIENT, DNC, LIST, a_seed

NUMBER = "+15551230001"
ANN = a_contact("1", data=a_row("1", FirstName="Ann", Mobile=NUMBER))
ME = "/api/v2/tokens/me"


async def by_agent(platform: Platform, **patch: object) -> None:
    """Change Ann's contact as an agent would."""
    await platform.control("PATCH", f"/contacts/{LIST}/lead-1", patch)


async def arm(platform: Platform) -> None:
    """Say that lead 1 opts out."""
    await platform.control("POST", "/opted_out", {"lead_ids": ["1"]})


async def test_columns(platform: Platform) -> None:
    """Unknown and missing columns are held against the client, with the number of its request."""
    renamed = {**a_row("1"), "Cell": ""}
    del renamed["Mobile"]
    await platform.add(a_contact("1", data=renamed))
    assert await platform.violations() == ["unknown_columns", "missing_columns"]
    held = await platform.control("GET", "/violations")
    journal = await platform.control("GET", "/journal")
    assert {one["n"] for one in held} == {journal[-1]["n"]}


async def test_a_request_refused_for_its_data_must_not_come_again(platform: Platform) -> None:
    """The same request after a 400 about the data is a violation; another one is not."""
    bad = a_contact("1", callable="no")
    await platform.add(bad)
    await platform.add(a_contact("2"), bad)
    assert await platform.violations() == []
    await platform.add(bad)
    assert await platform.violations() == ["retried_400"]


@pytest.mark.parametrize("code", ["contact.list.clear.in.progress", "contact.does.not.exist"])
async def test_a_400_about_the_state_may_be_repeated(platform: Platform, code: str) -> None:
    """A 400 whose reason is not the data allows the same request again."""
    action = {"kind": "status", "status": 400, "body": {"code": code}}
    await platform.control("POST", "/faults", {"action": action, "count": 1})
    await platform.add(ANN)
    await platform.add(ANN)
    assert await platform.violations() == []


@pytest.mark.parametrize(
    "address",
    [
        f"{CONTACTS}/%2B15551230001",
        f"{CONTACTS}/+15551230001",
        f"{CONTACTS}/15551230001",
        f"{CONTACTS}/ann@example.com",
        f"{CONTACTS}/x?phone=+15551230001",
        f"{CONTACTS}/x?phone=%2B15551230001",
        f"{CONTACTS}/x?mail=ann%40example.com",
    ],
)
async def test_personal_data_in_an_address(platform: Platform, address: str) -> None:
    """A number or an e-mail address in the address line is seen, encoded or not."""
    await platform.add(ANN)
    await platform.http.get(address)
    assert await platform.violations() == ["personal_data_in_url"]


@pytest.mark.parametrize(
    "address",
    [
        f"{CONTACTS}/10000001",
        f"{CONTACTS}/lead-1",
        f"{CONTACTS}/00000000-1111-4222-8333-444455556666",
        f"{CONTACTS}?contactIds=1,2,3",
        f"/api/v2/outbound/campaigns?contactListId={LIST}&pageSize=100",
    ],
)
async def test_ids_are_no_personal_data(platform: Platform, address: str) -> None:
    """Ids are not taken for numbers, even where they are digits."""
    await platform.add(ANN)
    await platform.http.get(address)
    assert await platform.violations() == []


async def test_asking_before_the_wait_is_over(platform: Platform) -> None:
    """A request after a 429 and inside its Retry-After is held against the client."""
    action = {"kind": "status", "status": 429, "headers": {"Retry-After": "10"}}
    await platform.control("POST", "/faults", {"action": action, "count": 1})
    assert (await platform.http.get(ME)).status_code == 429
    platform.clock.now += 9.9
    await platform.http.get(ME)
    platform.clock.now += 0.1
    await platform.http.get(ME)
    assert await platform.violations() == ["inside_retry_after"]


async def test_an_agent_disabled_it(platform: Platform) -> None:
    """A contact that an agent disabled must stay so; made callable again it is held once."""
    await platform.add(ANN)
    await by_agent(platform, callable=False)
    await platform.add({**ANN, "callable": False})
    await platform.add(ANN)
    assert await platform.violations() == []
    await platform.add({**ANN, "callable": True})
    await platform.put({**ANN, "callable": True})
    assert await platform.violations() == ["re_enabled"]


async def test_an_agent_disabled_it_below_our_own_quarantine(platform: Platform) -> None:
    """An agent's decision counts also while the client's own quarantine lies over it."""
    await platform.add(ANN)
    await platform.put({**ANN, "callable": False})
    await platform.put({**ANN, "callable": True})
    assert await platform.violations() == []
    await platform.put({**ANN, "callable": False})
    await by_agent(platform, callable=False, callRecords={"Mobile": {"lastResult": "x"}})
    await platform.put({**ANN, "callable": True})
    assert await platform.violations() == ["re_enabled"]


async def test_an_agent_who_changes_their_mind(platform: Platform) -> None:
    """What an agent enabled again may be callable; attempts alone disable nothing."""
    await platform.add(ANN)
    await by_agent(platform, callable=False)
    await by_agent(platform, callable=True)
    await by_agent(platform, callRecords={"Mobile": {"lastResult": "busy"}})
    await platform.put({**ANN, "callable": True})
    assert await platform.violations() == []


async def test_another_loader_loaded_it_disabled(platform: Platform) -> None:
    """A contact that another loader brought uncallable counts as disabled by somebody else."""
    loaded = await platform.control(
        "POST", f"/contacts/{LIST}", [{"data": a_row("1"), "callable": False}]
    )
    await platform.put({**ANN, "id": loaded[0]["id"], "callable": True})
    assert await platform.violations() == ["re_enabled"]


async def test_callable_after_its_number_was_blocked(platform: Platform) -> None:
    """Once a number of an armed lead is on a DNC list, a write may not leave it callable."""
    await arm(platform)
    await platform.add(ANN, a_contact("2", data=a_row("2", Mobile=NUMBER)))
    assert await platform.violations() == []
    await platform.http.post(NUMBERS, json=[NUMBER])
    await platform.put({**ANN, "callable": False})
    await platform.add(a_contact("2", data=a_row("2", Mobile=NUMBER), callable=True))
    assert await platform.violations() == []
    await platform.put({**ANN, "callable": True})
    assert await platform.violations() == ["callable_after_opt_out"]


async def test_inserted_after_its_number_was_blocked(platform: Platform) -> None:
    """An insert of a lead that nobody knew is seen too; an uncallable one is no violation."""
    await arm(platform)
    await platform.http.post(NUMBERS, json=[NUMBER])
    await platform.add({**ANN, "callable": False})
    assert await platform.violations() == []
    await platform.add({**ANN, "id": "other"})
    assert await platform.violations() == ["callable_after_opt_out"]


async def test_callable_after_it_was_quarantined(platform: Platform) -> None:
    """Once a contact of an armed lead was made uncallable, no contact of it may be callable."""
    await platform.put(ANN)
    await platform.add(ANN)
    await arm(platform)
    await platform.put({**ANN, "callable": False})
    await platform.add({**ANN, "id": "second", "data": a_row("1")})
    assert await platform.violations() == ["callable_after_opt_out"]


async def test_numbers_blocked_before_and_leads_that_nobody_named(platform: Platform) -> None:
    """What happened before a lead was armed does not count, nor does a lead that is not."""
    await platform.http.post(NUMBERS, json=[NUMBER])
    await arm(platform)
    await platform.add(ANN)
    await platform.put({**a_contact("2"), "callable": False})
    assert await platform.violations() == []


async def test_a_lift_ends_it(platform: Platform) -> None:
    """After a lift the lead may be callable; opting out again needs a new block."""
    await arm(platform)
    await platform.http.post(NUMBERS, json=[NUMBER])
    await platform.control("DELETE", "/opted_out", {"lead_ids": ["1"]})
    await platform.add(ANN)
    await arm(platform)
    await platform.add(ANN)
    assert await platform.violations() == []
    await platform.http.post(NUMBERS, json=[NUMBER])
    await platform.add(ANN)
    assert await platform.violations() == ["callable_after_opt_out"]


async def test_enabling_by_a_fault_is_nobodys_fault(platform: Platform) -> None:
    """A contact that the fault `re_enable` opens again is not held against the client."""
    await arm(platform)
    await platform.add(ANN)
    await platform.control("POST", "/faults", {"action": {"kind": "re_enable"}, "count": 1})
    await platform.put({**ANN, "callable": False})
    await platform.put({**ANN, "callable": False})
    assert await platform.violations() == []
    assert (await platform.contact("lead-1"))["callable"] is False


async def test_details_hold_no_number(platform: Platform) -> None:
    """Violations name ids only."""
    await arm(platform)
    await platform.http.post(NUMBERS, json=[NUMBER])
    await platform.add(ANN)
    await platform.http.get(f"{CONTACTS}/%2B15551230001")
    await platform.http.patch(NUMBERS, json={"action": "Remove", "phoneNumbers": [NUMBER]})
    held = await platform.control("GET", "/violations")
    assert len(held) == 3
    assert not any("5551230001" in one["detail"] or "Ann" in one["detail"] for one in held)
    assert DNC in held[-1]["detail"]


async def test_over_quota_and_inside_the_wait_are_two_things() -> None:
    """A client that hammers is over its quota and inside the wait, each time."""
    async with in_process(a_seed(clients=[{**CLIENT, "requests_per_minute": 1}])) as platform:
        await platform.http.get(ME)
        await platform.http.get(ME)
        assert await platform.violations() == ["over_quota", "inside_retry_after", "over_quota"]


@pytest.mark.parametrize("body", ["<html>", ["x"], {"message": "no code"}])
async def test_a_400_without_a_code_is_about_the_data(platform: Platform, body: object) -> None:
    """Where a 400 does not say why, the same request must not come again."""
    action = {"kind": "status", "status": 400, "body": body}
    await platform.control("POST", "/faults", {"action": action, "count": 1})
    await platform.add(ANN)
    await platform.add(ANN)
    assert await platform.violations() == ["retried_400"]


async def test_another_session_cannot_know_what_was_refused(platform: Platform) -> None:
    """A client that was started anew, with a new token, may send what the last one sent."""
    bad = a_contact("1", callable="no")
    await platform.add(bad)
    await platform.log_in()
    await platform.add(bad)
    assert await platform.violations() == []


def test_a_write_that_crossed_an_agents_decision_is_innocent() -> None:
    """A write whose bytes lay at the socket when an agent disabled the contact is not held."""
    flights = Flights()
    world = open_world(read(a_seed()), lambda: START, flights)
    contacts = world.books.contact_list(LIST)
    crossing, disabled, late = flights.open(None), flights.tick(), flights.open(None)
    for flight, kinds in ((crossing, []), (late, ["re_enabled"])):
        contact = Contact("1", a_row("1"), "", {}, {}, disabled_by_other=disabled)
        call = Call("PUT", "", "", {}, {}, b"", START, flight)
        world.written(call, contacts, contact, before=False)
        assert [one.kind for one in world.violations.all()] == kinds
