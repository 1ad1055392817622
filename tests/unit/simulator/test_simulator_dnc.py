"""DNC lists take numbers as documented, and removals exist but are held against the client."""

from datetime import UTC, datetime

import pytest

from tests.support.platform_in_process import NUMBERS, START, Platform, code_of, in_process
from tests.support.simulators import DNC, a_seed

ONE, TWO = "+15551230001", "+15551230002"


def minute(days: float) -> str:
    """Return a moment so many days after the start, as the API writes it."""
    return datetime.fromtimestamp(START + days * 86_400, UTC).strftime("%Y-%m-%dT%H:%MZ")


async def entries(platform: Platform) -> dict[str, str | None]:
    """Return what stands on the list."""
    listed = await platform.control("GET", f"/dnc/{DNC}")
    return {one["number"]: one["expires"] for one in listed}


async def test_adding_again_is_no_error_and_the_last_expiration_wins(platform: Platform) -> None:
    """A POST answers 204; numbers are added once, with the last expiration."""
    answered = await platform.http.post(NUMBERS, json=[ONE, TWO, ONE])
    assert (answered.status_code, answered.content) == (204, b"")
    assert await entries(platform) == {ONE: None, TWO: None}
    until = minute(30)
    await platform.http.post(NUMBERS, json=[ONE], params={"expirationDateTime": until})
    assert await entries(platform) == {ONE: until, TWO: None}
    assert await platform.violations() == []


@pytest.mark.parametrize(
    ("numbers", "expires", "code"),
    [
        ([ONE, "5551230002"], None, "invalid.value"),
        ([ONE, 15551230002], None, "invalid.value"),
        ([ONE, "+1-555-123-0002"], None, "invalid.value"),
        ([ONE, ""], None, "invalid.value"),
        ({"phoneNumbers": [ONE]}, None, "invalid.value"),
        ([ONE], "tomorrow", "invalid.date.value"),
        ([ONE], minute(181), "invalid.date.value"),
    ],
)
async def test_bad_numbers_and_dates(
    platform: Platform, numbers: object, expires: str | None, code: str
) -> None:
    """A number that is not E.164 or a date too far refuses the request; nothing is added."""
    params = {"expirationDateTime": expires} if expires else {}
    answered = await platform.http.post(NUMBERS, json=numbers, params=params)
    assert code_of(answered) == (400, code)
    assert await entries(platform) == {}


@pytest.mark.parametrize(
    ("patch", "code"),
    [
        ({"action": "add", "phoneNumbers": [ONE]}, "invalid.dnc.patch.action"),
        ({"phoneNumbers": [ONE]}, "invalid.dnc.patch.action"),
        ({"action": "Add"}, "invalid.dnc.patch.request"),
        ({"action": "Add", "phoneNumbers": []}, "invalid.dnc.patch.request"),
        ({"action": "Add", "phoneNumbers": ["1"]}, "invalid.value"),
        (
            {"action": "Add", "phoneNumbers": [f"+1555{n:07}" for n in range(251)]},
            "dnc.delete.entries.max.per.request.exceeded",
        ),
    ],
)
async def test_bad_patches(platform: Platform, patch: dict[str, object], code: str) -> None:
    """A PATCH needs an action of the enumeration and 1 to 250 numbers."""
    assert code_of(await platform.http.patch(NUMBERS, json=patch)) == (400, code)


async def test_patch_adds_and_removes_and_removal_is_a_violation(platform: Platform) -> None:
    """Remove works as the platform's does, and is held against the client."""
    until = minute(10)
    added = {"action": "Add", "phoneNumbers": [ONE, TWO], "expirationDateTime": until}
    assert (await platform.http.patch(NUMBERS, json=added)).status_code == 204
    assert await entries(platform) == {ONE: until, TWO: until}
    assert await platform.violations() == []
    removed = {"action": "Remove", "phoneNumbers": [ONE]}
    assert (await platform.http.patch(NUMBERS, json=removed)).status_code == 204
    assert await entries(platform) == {TWO: until}
    assert await platform.violations() == ["dnc_removal"]


async def test_deleting_all_or_what_has_expired(platform: Platform) -> None:
    """DELETE empties the list, or takes what has expired; both are held against the client."""
    await platform.http.post(NUMBERS, json=[ONE])
    await platform.http.post(NUMBERS, json=[TWO], params={"expirationDateTime": minute(1)})
    platform.clock.now += 2 * 86_400
    await platform.log_in()
    answered = await platform.http.delete(NUMBERS, params={"expiredOnly": "true"})
    assert answered.status_code == 204
    assert await entries(platform) == {ONE: None}
    await platform.http.delete(NUMBERS)
    assert await entries(platform) == {}
    assert await platform.violations() == ["dnc_removal", "dnc_removal"]


@pytest.mark.parametrize(
    ("dnc", "method", "code"),
    [
        ({"source": "gryphon"}, "POST", "dnc.source.operation.not.supported"),
        ({"source": "rds_custom"}, "PATCH", "dnc.source.operation.not.supported"),
        ({"contact_method": "Email"}, "PATCH", "dnc.list.invalid.contact.method"),
    ],
)
async def test_lists_that_hold_no_numbers(dnc: dict[str, str], method: str, code: str) -> None:
    """External lists cannot be written, and numbers go to lists of numbers only."""
    async with in_process(a_seed(dnc_lists=[{"id": DNC, "name": "x", **dnc}])) as platform:
        body: object = {"action": "Add", "phoneNumbers": [ONE]} if method == "PATCH" else [ONE]
        answered = await platform.http.request(method, NUMBERS, json=body)
        assert code_of(answered) == (400, code)


async def test_reading_lists(platform: Platform) -> None:
    """A list is read with its size where that is asked for; an unknown one is 404."""
    await platform.http.post(NUMBERS, json=[ONE])
    base = "/api/v2/outbound/dnclists"
    read = (await platform.http.get(f"{base}/{DNC}")).json()
    assert read["dncSourceType"] == "rds"
    assert "size" not in read
    sized = await platform.http.get(f"{base}/{DNC}", params={"includeSize": "true"})
    assert sized.json()["size"] == 1
    assert (await platform.http.get(base)).json()["total"] == 1
    assert code_of(await platform.http.get(f"{base}/other")) == (404, "dnc.list.not.found")
    elsewhere = await platform.http.post(f"{base}/other/phonenumbers", json=[ONE])
    assert code_of(elsewhere) == (404, "dnc.list.not.found")


KINDS = {
    "e-mail": (
        {"contact_method": "Email"},
        "emailaddresses",
        "emailAddresses",
        ["ann@example.org", "bob@example.org"],
        "no address",
    ),
    "WhatsApp": (
        {"contact_method": "WhatsApp"},
        "whatsappnumbers",
        "whatsAppNumbers",
        [ONE, TWO],
        "5551230001",
    ),
    "custom": (
        {"source": "rds_custom", "contact_method": "Any", "custom_exclusion_column": "Status"},
        "customexclusioncolumns",
        "customExclusionColumnEntries",
        ["a", "b"],
        "",
    ),
}


@pytest.mark.parametrize(("kind", "path", "field", "two", "bad"), KINDS.values(), ids=KINDS.keys())
async def test_other_kinds_of_entries(
    kind: dict[str, str], path: str, field: str, two: list[str], bad: str
) -> None:
    """Lists of addresses, of WhatsApp numbers and by column are patched and emptied alike."""
    seed = a_seed(dnc_lists=[{"id": DNC, "name": "Other", **kind}], campaigns=[])
    address = f"/api/v2/outbound/dnclists/{DNC}/{path}"
    async with in_process(seed) as platform:
        until = minute(1)
        added = {"action": "Add", field: two, "expirationDateTime": until}
        assert (await platform.http.patch(address, json=added)).status_code == 204
        assert await entries(platform) == dict.fromkeys(two, until)
        wrong = await platform.http.patch(address, json={**added, field: [bad]})
        assert code_of(wrong) == (400, "invalid.value")
        assert await platform.violations() == []
        removed = {"action": "Remove", field: two[:1]}
        assert (await platform.http.patch(address, json=removed)).status_code == 204
        assert list(await entries(platform)) == two[1:]
        assert (await platform.http.delete(address)).status_code == 204
        assert await entries(platform) == {}
        assert await platform.violations() == ["dnc_removal", "dnc_removal"]


async def test_e_mail_addresses_are_posted() -> None:
    """Addresses have a POST of their own, as numbers have."""
    seed = a_seed(dnc_lists=[{"id": DNC, "name": "Other", "contact_method": "Email"}])
    async with in_process(seed) as platform:
        address = f"/api/v2/outbound/dnclists/{DNC}/emailaddresses"
        assert (await platform.http.post(address, json=["ann@example.org"])).status_code == 204
        assert await entries(platform) == {"ann@example.org": None}
        answered = await platform.http.delete(NUMBERS)
        assert code_of(answered) == (400, "dnc.list.invalid.contact.method")


@pytest.mark.parametrize("path", ["emailaddresses", "whatsappnumbers", "customexclusioncolumns"])
async def test_entries_of_another_kind_are_refused(platform: Platform, path: str) -> None:
    """A list of phone numbers takes neither addresses nor values of a column."""
    address = f"/api/v2/outbound/dnclists/{DNC}/{path}"
    code = {"customexclusioncolumns": "dnc.source.operation.not.supported"}.get(
        path, "dnc.list.invalid.contact.method"
    )
    assert code_of(await platform.http.patch(address, json={})) == (400, code)
    assert code_of(await platform.http.delete(address)) == (400, code)


async def test_half_of_a_removal_can_fail(platform: Platform) -> None:
    """A PATCH that is carried out in part removes the first half only."""
    await platform.http.post(NUMBERS, json=[ONE, TWO])
    fault = {"match": {"method": "PATCH"}, "action": {"kind": "apply_partially"}}
    await platform.control("POST", "/faults", fault)
    removed = {"action": "Remove", "phoneNumbers": [ONE, TWO]}
    assert (await platform.http.patch(NUMBERS, json=removed)).status_code == 500
    assert list(await entries(platform)) == [TWO]
