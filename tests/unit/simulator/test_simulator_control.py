"""The control API shows and steers, and a reset begins anew."""

import pytest

from tests.support.platform_in_process import CONTACTS, NUMBERS, START, Platform, a_contact, a_row
from tests.support.simulators import CAMPAIGN, DNC, LIST, a_seed

ME = "/api/v2/tokens/me"


async def test_the_journal_has_every_platform_request_in_order(platform: Platform) -> None:
    """Each line has the fields of the contract; `since` leaves out what was seen."""
    await platform.add(a_contact("1"), doNotQueue="true")
    await platform.http.get(f"{CONTACTS}/none")
    lines = await platform.control("GET", "/journal")
    assert [line["n"] for line in lines] == [1, 2, 3]
    login, posted, got = lines
    assert (login["path"], login["token"], login["client"]) == ("/oauth/token", None, "demo")
    assert posted["method"] == "POST"
    assert posted["at"] == START
    assert posted["path"] == CONTACTS
    assert posted["query"] == {"doNotQueue": "true"}
    assert posted["body"] == [a_contact("1")]
    assert posted["status"] == 200
    assert posted["answer"][0]["id"] == "lead-1"
    assert posted["applied"] is True
    assert len(posted["token"]) == 16
    assert (got["status"], got["body"], got["applied"]) == (404, None, False)
    assert got["answer"]["contextId"] == got["correlation_id"]
    assert await platform.control("GET", "/journal?since=2") == [got]
    assert await platform.control("GET", "/journal?since=99") == []


async def test_a_journal_of_many_lines_is_read_in_pieces(platform: Platform) -> None:
    """Lines survive the cuts between pieces of a megabyte."""
    for n in range(60):
        await platform.add(*(a_contact(f"{n}-{m}") for m in range(60)))
    lines = await platform.control("GET", "/journal?since=1")
    assert len(lines) == 60
    assert all(len(line["answer"]) == 60 for line in lines)


async def test_bodies_that_are_not_json_are_text(platform: Platform) -> None:
    """A body that cannot be parsed stands in the journal as text."""
    await platform.http.post(CONTACTS, content=b"{oops")
    assert (await platform.control("GET", "/journal"))[-1]["body"] == "{oops"


async def test_reset_empties_and_seeds(platform: Platform) -> None:
    """A reset takes a new seed, empties books, journal, faults and violations, keeps tokens."""
    await platform.add(a_contact("1", callable="x"))
    await platform.add(a_contact("1"))
    await platform.http.post(NUMBERS, json=["+15551230001"])
    await platform.http.delete(NUMBERS)
    await platform.control("POST", "/faults", {"action": {"kind": "status", "status": 500}})
    seed = a_seed(dnc_lists=[{"id": DNC, "name": "x"}, {"id": "second", "name": "y"}])
    await platform.control("POST", "/reset", seed)
    assert await platform.control("GET", f"/contacts/{LIST}") == []
    assert await platform.control("GET", f"/dnc/{DNC}") == []
    assert await platform.control("GET", "/dnc/second") == []
    assert await platform.control("GET", "/journal") == []
    assert await platform.violations() == []
    assert (await platform.http.get(ME)).status_code == 200
    assert [line["n"] for line in await platform.control("GET", "/journal")] == [1]
    await platform.http.post("/_control/reset")
    assert await platform.control("GET", "/dnc/second") == []


async def test_a_reset_takes_the_tokens_of_clients_that_changed(platform: Platform) -> None:
    """A client with another secret, or gone, has to log in again."""
    changed = a_seed(clients=[{"client_id": "demo", "client_secret": "new"}])
    await platform.control("POST", "/reset", changed)
    assert (await platform.http.get(ME)).status_code == 401


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"client": []}', b'{"campaigns": 1}'])
async def test_a_bad_seed_changes_nothing(platform: Platform, content: bytes) -> None:
    """A reset whose seed is wrong is refused with its problems, and the books stay."""
    await platform.add(a_contact("1"))
    answered = await platform.http.post("/_control/reset", content=content)
    assert answered.status_code == 400
    assert answered.json()["problems"]
    assert len(await platform.control("GET", f"/contacts/{LIST}")) == 1


async def test_other_loaders_contacts_have_ids_of_the_platform(platform: Platform) -> None:
    """Contacts put by the control API get ids of their own, and missing columns are empty."""
    loaded = await platform.control(
        "POST", f"/contacts/{LIST}", [{"id": "mine", "data": {"CRM_Lead_ID": "1"}}]
    )
    assert loaded[0]["id"] != "mine"
    assert loaded[0]["data"] == a_row("1")
    assert (await platform.http.get(f"{CONTACTS}/{loaded[0]['id']}")).json() == loaded[0]
    unknown = await platform.http.post(f"/_control/contacts/{LIST}", json=[{"data": {"X": ""}}])
    assert unknown.status_code == 400


async def test_patching_a_contact(platform: Platform) -> None:
    """An agent's patch shows in the contact; call records add up by column."""
    await platform.add(a_contact("1"))
    path = f"/contacts/{LIST}/lead-1"
    await platform.control("PATCH", path, {"callRecords": {"Home": {"lastResult": "a"}}})
    patched = await platform.control(
        "PATCH", path, {"callable": False, "callRecords": {"Mobile": {"lastResult": "b"}}}
    )
    assert patched["callable"] is False
    assert patched["callRecords"].keys() == {"Home", "Mobile"}
    assert await platform.contact("lead-1") == patched


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/contacts/other", 404),
        ("GET", "/dnc/other", 404),
        ("GET", "/campaigns/other", 404),
        ("PATCH", f"/contacts/{LIST}/nobody", 404),
        ("GET", "/journal?since=x", 400),
        ("GET", "/nothing", 404),
        ("POST", "/violations", 405),
    ],
)
async def test_control_of_what_is_not_there(
    platform: Platform, method: str, path: str, status: int
) -> None:
    """The control API says so where it has nothing to show."""
    answered = await platform.http.request(method, f"/_control{path}", json={})
    assert answered.status_code == status


async def test_all_leads_can_be_lifted_at_once(platform: Platform) -> None:
    """Without a body, all leads may be called again."""
    await platform.control("POST", "/opted_out", {"lead_ids": ["1"]})
    await platform.http.delete("/_control/opted_out")
    await platform.add(a_contact("1", callable=False))
    await platform.add(a_contact("1", callable=True))
    assert await platform.violations() == []
    assert (await platform.control("GET", f"/campaigns/{CAMPAIGN}"))["campaignStatus"] == "on"
