"""Contacts are taken, kept and refused as documented."""

import pytest

from tests.support.platform_in_process import (
    CONTACTS,
    Platform,
    a_contact,
    a_row,
    code_of,
    in_process,
)
from tests.support.simulators import LIST, a_seed


async def test_a_post_inserts_and_answers_whole_contacts(platform: Platform) -> None:
    """A new contact gets its system columns; without an id the platform chooses one."""
    unnamed = a_contact("2")
    del unnamed["id"]
    answered = await platform.add(a_contact("1"), unnamed)
    assert answered.status_code == 200
    first, second = answered.json()
    assert first["id"] == "lead-1"
    assert first["callable"] is True
    assert first["phoneNumberStatus"] == {"Mobile": {"callable": True}, "Home": {"callable": True}}
    assert first["dateCreated"].endswith("Z")
    assert len(second["id"]) == 36
    read = await platform.http.get(f"{CONTACTS}/lead-1")
    assert read.json() == first


async def test_a_post_with_a_known_id_replaces_the_row_and_keeps_the_rest(
    platform: Platform,
) -> None:
    """An upsert replaces data; what it leaves out of the status fields keeps its value."""
    await platform.add(
        a_contact("1", callable=False, phoneNumberStatus={"Mobile": {"callable": False}})
    )
    await platform.control(
        "PATCH", f"/contacts/{LIST}/lead-1", {"callRecords": {"Mobile": {"lastResult": "busy"}}}
    )
    answered = await platform.add(
        a_contact("1", data=a_row("1", FirstName="Ann")), doNotQueue="true"
    )
    contact = answered.json()[0]
    assert contact["data"]["FirstName"] == "Ann"
    assert contact["callable"] is False
    assert contact["phoneNumberStatus"] == {"Mobile": {"callable": False}}
    assert contact["callRecords"] == {"Mobile": {"lastResult": "busy"}}
    assert len(await platform.control("GET", f"/contacts/{LIST}")) == 1


async def test_clear_system_data_begins_anew(platform: Platform) -> None:
    """`clearSystemData` resets attempts and callable of a contact that is there."""
    await platform.add(a_contact("1", callable=False))
    await platform.control("PATCH", f"/contacts/{LIST}/lead-1", {"callRecords": {"Mobile": {}}})
    answered = await platform.add(a_contact("1"), clearSystemData="true", priority="true")
    contact = answered.json()[0]
    assert contact["callable"] is True
    assert contact["callRecords"] == {}
    assert contact["configurationOverrides"] == {"priority": True}


async def test_a_put_replaces_one_contact(platform: Platform) -> None:
    """A PUT answers the contact as it is afterwards; an omitted `callable` keeps its value."""
    await platform.add(a_contact("1", callable=False))
    contact = a_contact("1", data=a_row("1", Status="Open"))
    answered = await platform.put(contact)
    assert answered.status_code == 200
    assert answered.json()["data"]["Status"] == "Open"
    assert answered.json()["callable"] is False
    assert (await platform.put({**contact, "callable": True})).json()["callable"] is True


async def test_what_is_omitted_is_a_switch() -> None:
    """Two undocumented answers of a PUT can be switched."""
    behaviour = {"omitted_callable": "true", "put_unknown_contact": "contact.does.not.exist"}
    async with in_process(a_seed(behaviour=behaviour)) as platform:
        await platform.add(a_contact("1", callable=False))
        assert (await platform.put(a_contact("1"))).json()["callable"] is True
        assert code_of(await platform.put(a_contact("2"))) == (400, "contact.does.not.exist")


def _without(column: str) -> dict[str, str]:
    return {name: cell for name, cell in a_row("1").items() if name != column}


REFUSED: dict[str, tuple[dict[str, object], str]] = {
    "no data": ({"data": None}, "contact.missing.data"),
    "data is text": ({"data": "x"}, "invalid.value"),
    "unknown column": ({"data": {**a_row("1"), "Nope": ""}}, "invalid.contact.columns"),
    "missing column": ({"data": _without("Home")}, "contact.missing.columns"),
    "long column": (
        {"data": {**a_row("1"), "C" * 129: ""}},
        "contact.column.length.limit.exceeded",
    ),
    "number in a cell": ({"data": {**a_row("1"), "Status": 1}}, "invalid.value"),
    "null in a cell": ({"data": {**a_row("1"), "Status": None}}, "invalid.value"),
    "truth in a cell": ({"data": {**a_row("1"), "Status": True}}, "invalid.value"),
    "long cell": ({"data": a_row("1", Status="x" * 513)}, "contact.datum.length.limit.exceeded"),
    "odd id": ({"id": "lead 1"}, "invalid.contact.id"),
    "id of umlauts": ({"id": "führung"}, "invalid.contact.id"),
    "id of number": ({"id": 7}, "invalid.contact.id"),
    "empty id": ({"id": ""}, "invalid.contact.id"),
    "long id": ({"id": "x" * 101}, "contact.id.length.limit.exceeded"),
    "no list": ({"contactListId": None}, "constraint.validation"),
    "other list": ({"contactListId": "other"}, "invalid.value"),
    "callable is text": ({"callable": "false"}, "invalid.value"),
    "status is text": ({"phoneNumberStatus": "x"}, "invalid.value"),
}


@pytest.mark.parametrize(("change", "code"), REFUSED.values(), ids=REFUSED.keys())
async def test_a_bad_contact_refuses_the_batch(
    platform: Platform, change: dict[str, object], code: str
) -> None:
    """One contact that is not as documented refuses all, and nothing is applied."""
    answered = await platform.add(a_contact("0"), {**a_contact("1"), **change})
    assert code_of(answered) == (400, code)
    assert await platform.control("GET", f"/contacts/{LIST}") == []


PUT_REFUSED = {name: case for name, case in REFUSED.items() if "id" not in case[0]}


@pytest.mark.parametrize(("change", "code"), PUT_REFUSED.values(), ids=PUT_REFUSED.keys())
async def test_a_bad_put_is_refused(
    platform: Platform, change: dict[str, object], code: str
) -> None:
    """A PUT takes a whole contact too; a partial one is refused, never merged."""
    await platform.add(a_contact("1"))
    assert code_of(await platform.put({**a_contact("1"), **change})) == (400, code)
    assert (await platform.contact("lead-1"))["data"] == a_row("1")


async def test_limits_of_a_post(platform: Platform) -> None:
    """1,000 contacts are taken, one more is not; neither is a body beyond 512,000 bytes."""
    many = [a_contact(str(n)) for n in range(1001)]
    assert (await platform.add(*many[:1000])).status_code == 200
    assert code_of(await platform.add(*many)) == (400, "too.many.contacts.added")
    wide = [a_contact(str(n), data=a_row(str(n), Status="x" * 512)) for n in range(900)]
    assert code_of(await platform.add(*wide)) == (413, "request.entity.too.large")


@pytest.mark.parametrize(
    ("content", "kind", "expected"),
    [
        (b"{", "application/json", (400, "bad.request")),
        (b"{}", "application/json", (400, "invalid.value")),
        (b"[1]", "application/json", (400, "invalid.value")),
        (b"[]", "text/csv", (415, "unsupported.media.type")),
    ],
)
async def test_bodies_that_are_no_array_of_contacts(
    platform: Platform, content: bytes, kind: str, expected: tuple[int, str]
) -> None:
    """A body that cannot be read is refused with the code for it."""
    answered = await platform.http.post(CONTACTS, content=content, headers={"content-type": kind})
    assert code_of(answered) == expected


async def test_unknown_things(platform: Platform) -> None:
    """A list, a contact or an address that is not there is 404; a wrong method is 405."""
    elsewhere = CONTACTS.replace(LIST, "other")
    http = platform.http
    assert code_of(await http.post(elsewhere, json=[])) == (404, "contact.list.not.found")
    assert code_of(await http.get(f"{CONTACTS}/x")) == (404, "resource.not.found")
    assert code_of(await platform.put(a_contact("9"))) == (404, "resource.not.found")
    assert code_of(await http.delete(f"{CONTACTS}/x")) == (404, "contact.not.found")
    assert code_of(await http.get("/api/v2/users/me")) == (404, "not.found")
    assert code_of(await http.get(CONTACTS)) == (405, "method.not.allowed")


async def test_a_put_names_one_contact_only(platform: Platform) -> None:
    """The id of the body must be the id of the path, where it is given."""
    await platform.add(a_contact("1"))
    answered = await platform.http.put(f"{CONTACTS}/lead-1", json=a_contact("2"))
    assert code_of(answered) == (400, "invalid.update")


async def test_deleting(platform: Platform) -> None:
    """One or many are deleted; ids come repeated or joined; unknown ones are passed over."""
    await platform.add(*(a_contact(str(n)) for n in range(6)))
    http = platform.http
    answered = await http.delete(f"{CONTACTS}/lead-0")
    assert (answered.status_code, answered.content) == (200, b"")
    await http.delete(CONTACTS, params={"contactIds": ["lead-1", "lead-2"]})
    await http.delete(CONTACTS, params={"contactIds": "lead-3,lead-4,lead-9"})
    left = await platform.control("GET", f"/contacts/{LIST}")
    assert [one["id"] for one in left] == ["lead-5"]
    many = ",".join(f"lead-{n}" for n in range(251))
    assert code_of(await http.delete(CONTACTS)) == (400, "no.contacts.specified")
    answered = await http.delete(CONTACTS, params={"contactIds": many})
    assert code_of(answered) == (400, "too.many.contacts.added")


async def test_fetching_many(platform: Platform) -> None:
    """Up to 50 contacts are read by id; those that are not there are left out."""
    await platform.add(a_contact("1"), a_contact("2"))
    answered = await platform.http.post(f"{CONTACTS}/bulk", json=["lead-2", "nobody", "lead-1"])
    assert [one["id"] for one in answered.json()] == ["lead-2", "lead-1"]
    answered = await platform.http.post(f"{CONTACTS}/bulk", json=["x"] * 51)
    assert code_of(answered) == (400, "too.many.contacts.requested")
    assert code_of(await platform.http.post(f"{CONTACTS}/bulk", json=[1])) == (
        400,
        "invalid.value",
    )


async def test_statuses_come_back_as_sent(platform: Platform) -> None:
    """Phone and media statuses that a write names replace those of the contact."""
    await platform.add(a_contact("1"))
    statuses = {
        "phoneNumberStatus": {"Mobile": {"callable": False}},
        "contactableStatus": {"Voice": {"contactable": False, "columnStatus": {}}},
    }
    answered = await platform.put(a_contact("1", **statuses))
    assert answered.json().items() >= statuses.items()
    assert (await platform.put(a_contact("1"))).json().items() >= statuses.items()
