"""Contact lists are read, listed and renamed; their columns stay."""

import pytest

from tests.support.platform_in_process import Platform, a_contact, code_of, in_process
from tests.support.simulators import COLUMNS, LIST, a_seed

BASE = "/api/v2/outbound/contactlists"
PATH = f"{BASE}/{LIST}"


async def test_reading_a_list(platform: Platform) -> None:
    """A list has its columns in order; size and import status come only when asked for."""
    await platform.add(a_contact("1"))
    read = (await platform.http.get(PATH)).json()
    assert tuple(read["columnNames"]) == COLUMNS
    assert read["phoneColumns"][0] == {"columnName": "Mobile", "type": "cell"}
    assert not {"size", "importStatus"} & read.keys()
    query = {"includeSize": "true", "includeImportStatus": "true"}
    sized = (await platform.http.get(PATH, params=query)).json()
    assert sized["size"] == 1
    assert sized["importStatus"]["totalRecords"] == 0
    assert (await platform.http.get(f"{PATH}/importstatus")).json() == sized["importStatus"]


async def test_a_list_tells_where_the_time_zones_of_its_numbers_stand() -> None:
    """By phone column; a list that finds them by itself says that."""
    (plain,) = a_seed()["contact_lists"]
    zoned = {**plain, "callable_time_columns": {"Mobile": "TimeZone"}}
    async with in_process(a_seed(contact_lists=[zoned])) as platform:
        read = (await platform.http.get(PATH)).json()
    assert read["phoneColumns"] == [
        {"columnName": "Mobile", "type": "cell", "callableTimeColumn": "TimeZone"},
        {"columnName": "Home", "type": "home"},
    ]
    assert read["automaticTimeZoneMapping"] is False
    automatic = {**plain, "automatic_time_zone_mapping": True}
    async with in_process(a_seed(contact_lists=[automatic])) as platform:
        assert (await platform.http.get(PATH)).json()["automaticTimeZoneMapping"] is True


async def test_listing_lists(platform: Platform) -> None:
    """The listing has the platform's frame."""
    page = (await platform.http.get(BASE, params={"name": "lea"})).json()
    assert [one["id"] for one in page["entities"]] == [LIST]
    assert (page["pageSize"], page["pageNumber"], page["pageCount"]) == (25, 1, 1)
    assert "name=lea" in page["selfUri"]
    assert not {"size", "importStatus"} & page["entities"][0].keys()
    query = {"includeSize": "true", "includeImportStatus": "true"}
    for base in (BASE, "/api/v2/outbound/dnclists"):
        page = (await platform.http.get(base, params=query)).json()
        assert page["entities"][0]["size"] == 0
        assert page["entities"][0]["importStatus"]["percentComplete"] == 0
    for source, total in (("rds", 1), ("gryphon", 0)):
        query = {"dncSourceType": source}
        page = (await platform.http.get("/api/v2/outbound/dnclists", params=query)).json()
        assert page["total"] == total


async def test_renaming_needs_the_version(platform: Platform) -> None:
    """A PUT changes the name and raises the version; an old version is 409."""
    read = (await platform.http.get(PATH)).json()
    answered = await platform.http.put(PATH, json={**read, "name": "Others"})
    assert answered.status_code == 200
    assert answered.json()["name"] == "Others"
    assert answered.json()["version"] == 2
    again = await platform.http.put(PATH, json=read)
    assert code_of(again) == (409, "invalid.update.wrong.version")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"columnNames": ["CRM_Lead_ID"]}, "cannot.update.contact.column.names"),
        ({"phoneColumns": []}, "cannot.update.phone.columns"),
        ({"name": ""}, "name.cannot.be.blank"),
        ({"name": "x" * 65}, "name.length.exceeded"),
    ],
)
async def test_columns_are_fixed(platform: Platform, change: dict[str, object], code: str) -> None:
    """Columns cannot be changed after creation, and a list keeps a name."""
    read = (await platform.http.get(PATH)).json()
    assert code_of(await platform.http.put(PATH, json={**read, **change})) == (400, code)


async def test_flags_are_truth_values(platform: Platform) -> None:
    """A flag that is neither true nor false is refused."""
    answered = await platform.http.get(PATH, params={"includeSize": "yes"})
    assert code_of(answered) == (400, "invalid.query.param.value")
