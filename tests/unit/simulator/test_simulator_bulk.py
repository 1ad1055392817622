"""Bulk jobs, clearing and exports take their time, one at a time for a list."""

import csv
from collections.abc import Mapping
from typing import Any

import httpx
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
from tests.support.simulators import CAMPAIGN, DNC, LIST, a_seed

UPDATE, REMOVE, JOBS = (f"{CONTACTS}/bulk/{which}" for which in ("update", "remove", "jobs"))
THIS_LIST = f"/api/v2/outbound/contactlists/{LIST}"
CLEAR = f"{THIS_LIST}/clear"
EXPORT = f"{THIS_LIST}/export"
OPEN = {
    "filterType": "AND",
    "clauses": [
        {"predicates": [{"column": "Status", "operator": "EQUALS", "value": "Open"}]},
    ],
}
OFF = {"contact": {"callable": False}}


async def three(platform: Platform) -> None:
    """Put three contacts on the list, two of them open."""
    rows = (a_row("1", Status="Open"), a_row("2", Status="Won"), a_row("3", Status="Open"))
    answered = await platform.add(
        *(a_contact(row["CRM_Lead_ID"], data=row, callable=True) for row in rows)
    )
    assert answered.status_code == 200


async def books(platform: Platform) -> dict[str, Any]:
    """Return the contacts by their id."""
    return {one["id"]: one for one in await platform.control("GET", f"/contacts/{LIST}")}


async def job(platform: Platform, begun: httpx.Response) -> Any:
    """Return a job as it stands."""
    assert begun.status_code == 202, begun.text
    return (await platform.http.get(f"{JOBS}/{begun.json()['id']}")).json()


async def test_an_update_is_a_patch_of_all_that_is_selected(platform: Platform) -> None:
    """Named fields and cells change on each selected contact once the job is due."""
    await three(platform)
    patch = {
        "data": {"Status": "Closed"},
        "callable": False,
        "phoneNumberStatus": {"Home": {"callable": False}},
    }
    begun = await platform.http.post(UPDATE, json={"criteria": OPEN, "contact": patch})
    assert begun.json() == {
        "id": begun.json()["id"],
        "state": "InProgress",
        "type": "BulkEdit",
        "totalRecords": 2,
        "completedRecords": 0,
        "percentComplete": 0,
        "downloadURI": begun.json()["downloadURI"],
        "selfUri": f"{JOBS}/{begun.json()['id']}",
    }
    platform.clock.now += 0.5
    assert (await job(platform, begun))["percentComplete"] == 50
    assert (await books(platform))["lead-1"]["callable"] is True
    platform.clock.now += 0.5
    done = await job(platform, begun)
    assert (done["state"], done["completedRecords"], done["percentComplete"]) == (
        "Complete",
        2,
        100,
    )
    held = await books(platform)
    assert [held[one]["callable"] for one in ("lead-1", "lead-2", "lead-3")] == [
        False,
        True,
        False,
    ]
    assert held["lead-1"]["data"] == a_row("1", Status="Closed")
    assert held["lead-1"]["phoneNumberStatus"] == {
        "Mobile": {"callable": True},
        "Home": {"callable": False},
    }


async def test_ids_select_too_and_strangers_are_passed_over(platform: Platform) -> None:
    """An update by ids changes those that are there; without a backup there is no file."""
    await three(platform)
    wanted = {"contactIds": ["lead-2", "x", "lead-2"], "generateDownloadURI": False, **OFF}
    begun = await platform.http.post(UPDATE, json=wanted)
    assert begun.json()["totalRecords"] == 1
    assert "downloadURI" not in begun.json()
    platform.clock.now += 1
    held = await books(platform)
    assert [one for one, each in held.items() if not each["callable"]] == ["lead-2"]


async def test_a_removal_deletes_what_is_selected(platform: Platform) -> None:
    """Removal is a job by criteria; its backup holds what was there before."""
    await three(platform)
    begun = await platform.http.post(REMOVE, json={"criteria": OPEN})
    platform.clock.now += 1
    assert list(await books(platform)) == ["lead-2"]
    assert (await job(platform, begun))["type"] == "BulkDelete"
    file = await platform.http.get(begun.json()["downloadURI"])
    assert file.headers["content-type"] == "text/csv"
    assert [row["inin-outbound-id"] for row in csv.DictReader(file.text.splitlines())] == [
        "lead-1",
        "lead-2",
        "lead-3",
    ]


async def test_one_job_at_a_time_for_a_list(platform: Platform) -> None:
    """While a job runs the next is refused, and clearing too; afterwards they are taken."""
    await three(platform)
    await platform.control("PATCH", f"/campaigns/{CAMPAIGN}", {"campaignStatus": "off"})
    await platform.http.post(UPDATE, json={"contactIds": ["lead-1"], **OFF})
    busy = (400, "contact.bulk.operation.in.progress")
    again = {"contactIds": ["lead-2"], **OFF}
    assert code_of(await platform.http.post(UPDATE, json=again)) == busy
    assert code_of(await platform.http.post(REMOVE, json={"criteria": OPEN})) == busy
    assert code_of(await platform.http.post(CLEAR)) == busy
    platform.clock.now += 1
    assert (await platform.http.post(UPDATE, json=again)).status_code == 202
    assert "retried_400" not in await platform.violations()


async def test_the_ten_latest_jobs_are_listed(platform: Platform) -> None:
    """The listing has the newest first, and forgets what came before the last ten."""
    await three(platform)
    ids = []
    for _ in range(12):
        begun = await platform.http.post(UPDATE, json={"contactIds": ["lead-1"], **OFF})
        ids.append(begun.json()["id"])
        platform.clock.now += 1
    listed = (await platform.http.get(JOBS)).json()
    assert [one["id"] for one in listed["entities"]] == ids[:1:-1]
    assert listed["total"] == 10
    assert code_of(await platform.http.get(f"{JOBS}/{ids[0]}")) == (404, "resource.not.found")


@pytest.mark.parametrize(
    ("path", "wanted", "code"),
    [
        (UPDATE, OFF, "invalid.contact.list.filter"),
        (UPDATE, {"criteria": OPEN, "contactIds": ["1"], **OFF}, "invalid.contact.list.filter"),
        (UPDATE, {"contactListFilterId": "x", **OFF}, "invalid.contact.list.filter"),
        (UPDATE, {"contactIds": ["1"]}, "invalid.value"),
        (UPDATE, {"contactIds": ["1"], "contact": {}}, "invalid.update"),
        (UPDATE, {"contactIds": [1], **OFF}, "invalid.value"),
        (UPDATE, {"contactIds": ["1"], "contact": {"callable": "no"}}, "invalid.value"),
        (
            UPDATE,
            {"contactIds": ["1"], "contact": {"data": {"Nope": "x"}}},
            "invalid.contact.columns",
        ),
        (UPDATE, {"contactIds": ["1"], "contact": {"data": {"Home": 1}}}, "invalid.value"),
        (REMOVE, {"contactIds": ["1"]}, "invalid.contact.list.filter"),
        (REMOVE, {}, "invalid.contact.list.filter"),
    ],
)
async def test_a_job_without_sense(
    platform: Platform, path: str, wanted: Mapping[str, object], code: str
) -> None:
    """A job selects once, and an update names columns of the list."""
    assert code_of(await platform.http.post(path, json=wanted)) == (400, code)


async def test_a_job_that_re_enables_is_held_against_the_client(platform: Platform) -> None:
    """What an agent disabled before the job began stays so; a later decision is no fault of it."""
    await three(platform)
    on = {"contactIds": ["lead-1", "lead-3"], "contact": {"callable": True}}
    await platform.control("PATCH", f"/contacts/{LIST}/lead-1", {"callable": False})
    await platform.http.post(UPDATE, json=on)
    await platform.control("PATCH", f"/contacts/{LIST}/lead-3", {"callable": False})
    platform.clock.now += 1
    held = await platform.control("GET", "/violations")
    told = [(one["kind"], one["detail"]) for one in held]
    assert told == [("re_enabled", f"contact lead-1 of list {LIST}")]


async def test_a_job_that_makes_an_opted_out_lead_callable(platform: Platform) -> None:
    """A lead whose contact a job made uncallable has opted out; the next job shows who forgets."""
    await three(platform)
    await platform.control("POST", "/opted_out", {"lead_ids": ["1"]})
    await platform.http.post(UPDATE, json={"contactIds": ["lead-1"], **OFF})
    platform.clock.now += 1
    await platform.http.get(JOBS)
    on = {"contactIds": ["lead-1"], "contact": {"callable": True}}
    await platform.http.post(UPDATE, json=on)
    platform.clock.now += 1
    assert await platform.violations() == ["callable_after_opt_out"]


async def test_somebody_enables_again_after_a_job(platform: Platform) -> None:
    """The fault `re_enable` follows the quarantine that a job brought."""
    await three(platform)
    fault = {"match": {"path": "*/bulk/update"}, "action": {"kind": "re_enable"}}
    await platform.control("POST", "/faults", fault)
    await platform.http.post(UPDATE, json={"contactIds": ["lead-1"], **OFF})
    platform.clock.now += 1
    assert (await books(platform))["lead-1"]["callable"] is True


async def test_unknown_columns_of_a_job_are_held_against_the_client(platform: Platform) -> None:
    """An update that names columns of another list is a violation, a part of the columns not."""
    wanted = {"contactIds": ["1"], "contact": {"data": {"Nope": "x"}}}
    await platform.http.post(UPDATE, json=wanted)
    assert await platform.violations() == ["unknown_columns"]


async def test_clearing_a_list() -> None:
    """While a list is cleared writes wait; afterwards it is empty and takes them."""
    campaign = {"id": CAMPAIGN, "name": "Spring", "contact_list": LIST, "status": "complete"}
    async with in_process(a_seed(campaigns=[campaign])) as platform:
        await three(platform)
        answered = await platform.http.post(CLEAR)
        assert (answered.status_code, answered.content) == (204, b"")
        busy = (400, "contact.list.clear.in.progress")
        assert code_of(await platform.add(a_contact("4"))) == busy
        assert code_of(await platform.put(a_contact("1"))) == busy
        assert code_of(await platform.http.post(UPDATE, json={"contactIds": ["1"], **OFF})) == busy
        assert code_of(await platform.http.post(CLEAR)) == busy
        platform.clock.now += 1
        assert await books(platform) == {}
        assert (await platform.add(a_contact("4"))).status_code == 200
        assert (await platform.http.get(JOBS)).json()["total"] == 0
        assert await platform.violations() == []


async def test_a_list_that_is_dialled_is_not_cleared(platform: Platform) -> None:
    """A campaign that is on, or stopping, keeps its contacts."""
    expected = (400, "contact.list.is.on.running.campaign")
    for status in ("on", "stopping"):
        await platform.control("PATCH", f"/campaigns/{CAMPAIGN}", {"campaignStatus": status})
        assert code_of(await platform.http.post(CLEAR)) == expected


async def test_an_export_is_ready_after_a_while(platform: Platform) -> None:
    """Its address is 404 until then; the file has the columns and the platform's own."""
    await three(platform)
    await platform.control(
        "PATCH",
        f"/contacts/{LIST}/lead-1",
        {"callable": False, "callRecords": {"Mobile": {"lastAttempt": "t", "lastResult": "r"}}},
    )
    begun = await platform.http.post(EXPORT, content=b"null")
    assert begun.json()["id"]
    assert code_of(await platform.http.get(EXPORT)) == (404, "no.available.list.export.uri")
    platform.clock.now += 1
    told = (await platform.http.get(EXPORT, params={"download": "false"})).json()
    assert set(told) == {"uri", "exportTimestamp"}
    rows = list(csv.DictReader((await platform.http.get(told["uri"])).text.splitlines()))
    assert [row["inin-outbound-id"] for row in rows] == ["lead-1", "lead-2", "lead-3"]
    first = rows[0]
    assert {column: first[column] for column in a_row("1")} == a_row("1", Status="Open")
    assert (first["ContactCallable"], rows[1]["ContactCallable"]) == ("0", "1")
    assert first["CallRecordLastAttempt-Mobile"] == "t"
    assert first["CallRecordLastResult-Mobile"] == "r"
    assert first["ContactableByVoice-Mobile"] == "1"


async def test_an_export_of_some(platform: Platform) -> None:
    """A body selects what is written."""
    await three(platform)
    assert (await platform.http.post(EXPORT, json={"contactIds": ["lead-3"]})).status_code == 200
    platform.clock.now += 1
    told = (await platform.http.get(EXPORT)).json()
    rows = list(csv.DictReader((await platform.http.get(told["uri"])).text.splitlines()))
    assert [row["inin-outbound-id"] for row in rows] == ["lead-3"]
    missing = await platform.http.get("/api/v2/downloads/x")
    assert code_of(missing) == (404, "resource.not.found")


async def test_an_export_of_a_dnc_list(platform: Platform) -> None:
    """Column 0 has the number, column 2 until when it counts."""
    base = f"/api/v2/outbound/dnclists/{DNC}/export"
    await platform.http.post(NUMBERS, json=["+15551230001"])
    until = {"expirationDateTime": "2026-10-01T00:00Z"}
    await platform.http.post(NUMBERS, json=["+15551230002"], params=until)
    assert (await platform.http.post(base)).status_code == 200
    platform.clock.now += 1
    told = (await platform.http.get(base)).json()
    rows = list(csv.reader((await platform.http.get(told["uri"])).text.splitlines()))[1:]
    assert [(row[0], row[2]) for row in rows] == [
        ("+15551230001", ""),
        ("+15551230002", "2026-10-01T00:00Z"),
    ]
