"""A search finds what its criteria say, and refuses what makes no sense."""

from typing import Any

import pytest

from connector.simulator.moments import timestamp
from tests.support.platform_in_process import CONTACTS, START, Platform, a_contact, a_row, code_of

PEOPLE = {
    "1": {"FirstName": "Ann", "Status": "9", "TimeZone": timestamp(START - 3600)},
    "2": {"FirstName": "Bob", "Status": "10", "TimeZone": timestamp(START + 3600)},
    "3": {"FirstName": "Anna", "Status": "11", "TimeZone": ""},
    "4": {"FirstName": "", "Status": "", "TimeZone": "2026-01-01"},
}


def criteria(*clauses: dict[str, object], kind: str = "AND") -> dict[str, object]:
    """Return a search for contacts that meet the clauses."""
    return {"criteria": {"filterType": kind, "clauses": list(clauses)}}


def clause(*predicates: dict[str, object], kind: str = "AND") -> dict[str, object]:
    """Return a clause of predicates."""
    return {"filterType": kind, "predicates": list(predicates)}


def one(column: str, operator: str, value: object = None, **more: object) -> dict[str, object]:
    """Return a predicate."""
    given = {} if value is None else {"value": value}
    return {"column": column, "operator": operator, **given, **more}


async def found(platform: Platform, wanted: dict[str, object]) -> list[str]:
    """Return the leads that a search finds among the people."""
    await platform.add(*(a_contact(lead, data=a_row(lead, **row)) for lead, row in PEOPLE.items()))
    answered = await platform.http.post(f"{CONTACTS}/search", json=wanted)
    assert answered.status_code == 200, answered.text
    return [each["data"]["CRM_Lead_ID"] for each in answered.json()["entities"]]


LEADS = one("CRM_Lead_ID", "IN", range={"inSet": ["3", "1", "7", "3"]})
NUMERIC = {"columnType": "numeric"}
CASES: dict[str, tuple[dict[str, object], list[str]]] = {
    "everything": ({}, ["1", "2", "3", "4"]),
    "no clause": (criteria(), ["1", "2", "3", "4"]),
    "EQUALS": (criteria(clause(one("FirstName", "EQUALS", "Ann"))), ["1"]),
    "EQUALS heeds case": (criteria(clause(one("FirstName", "EQUALS", "ann"))), []),
    "EQUALS numeric": (criteria(clause(one("Status", "EQUALS", "9.0", **NUMERIC))), ["1"]),
    "IN": (criteria(clause(LEADS)), ["3", "1"]),
    "IN inverted": (criteria(clause({**LEADS, "inverted": True})), ["2", "4"]),
    "IN numeric": (
        criteria(clause(one("Status", "IN", range={"inSet": ["9.0", "11"]}, **NUMERIC))),
        ["1", "3"],
    ),
    "BETWEEN relative": (
        criteria(
            clause(
                one(
                    "TimeZone",
                    "BETWEEN",
                    range={"min": "P00DT-02H00M", "max": "P00DT00H-30M"},
                )
            )
        ),
        ["1"],
    ),
    "LESS_THAN": (criteria(clause(one("Status", "LESS_THAN", "10", **NUMERIC))), ["1"]),
    "LESS_THAN_EQUALS": (
        criteria(clause(one("Status", "LESS_THAN_EQUALS", "10", **NUMERIC))),
        ["1", "2"],
    ),
    "GREATER_THAN": (criteria(clause(one("Status", "GREATER_THAN", "9", **NUMERIC))), ["2", "3"]),
    "GREATER_THAN_EQUALS": (
        criteria(clause(one("FirstName", "GREATER_THAN_EQUALS", "Anna"))),
        ["2", "3"],
    ),
    "CONTAINS": (criteria(clause(one("FirstName", "CONTAINS", "nn"))), ["1", "3"]),
    "BEGINS_WITH": (criteria(clause(one("FirstName", "BEGINS_WITH", "B"))), ["2"]),
    "ENDS_WITH": (criteria(clause(one("FirstName", "ENDS_WITH", "a"))), ["3"]),
    "BEFORE": (criteria(clause(one("TimeZone", "BEFORE", timestamp(START)))), ["1", "4"]),
    "AFTER relative": (criteria(clause(one("TimeZone", "AFTER", "P00DT00H30M"))), ["2"]),
    "AFTER in the past": (
        criteria(clause(one("TimeZone", "AFTER", "P-01DT-02H-30M"))),
        ["1", "2"],
    ),
    "BETWEEN": (
        criteria(clause(one("Status", "BETWEEN", range={"min": "9", "max": "11"}, **NUMERIC))),
        ["2"],
    ),
    "BETWEEN inclusive": (
        criteria(
            clause(
                one(
                    "Status",
                    "BETWEEN",
                    range={"min": "9", "max": "11", "minInclusive": True, "maxInclusive": True},
                    **NUMERIC,
                )
            )
        ),
        ["1", "2", "3"],
    ),
    "predicates AND": (
        criteria(clause(one("FirstName", "CONTAINS", "nn"), one("Status", "EQUALS", "9"))),
        ["1"],
    ),
    "predicates OR": (
        criteria(clause(one("FirstName", "EQUALS", "Bob"), LEADS, kind="OR")),
        ["1", "2", "3"],
    ),
    "clauses AND": (
        criteria(clause(LEADS), clause(one("FirstName", "EQUALS", "Anna"))),
        ["3"],
    ),
    "clauses OR": (
        criteria(
            clause(one("FirstName", "EQUALS", "Bob")),
            clause(one("FirstName", "EQUALS", "Ann")),
            kind="OR",
        ),
        ["1", "2"],
    ),
    "sorted": (
        {"contactSorts": [{"fieldName": "Status", "direction": "DESC", "numeric": True}]},
        ["3", "2", "1", "4"],
    ),
    "sorted as text": ({"contactSorts": [{"fieldName": "Status"}]}, ["4", "2", "3", "1"]),
}


@pytest.mark.parametrize(("wanted", "leads"), CASES.values(), ids=CASES.keys())
async def test_criteria(platform: Platform, wanted: dict[str, object], leads: list[str]) -> None:
    """Each operator, and each way to join them, finds what it says."""
    assert await found(platform, wanted) == leads


REFUSED: dict[str, dict[str, object]] = {
    "unknown column": criteria(clause(one("Nope", "EQUALS", "1"))),
    "unknown operator": criteria(clause(one("Status", "LIKE", "1"))),
    "no value": criteria(clause(one("Status", "EQUALS"))),
    "value is a number": criteria(clause(one("Status", "EQUALS", 1))),
    "numeric without a number": criteria(clause(one("Status", "LESS_THAN", "x", **NUMERIC))),
    "IN without a set": criteria(clause(one("Status", "IN", "x"))),
    "IN numeric without a number": criteria(
        clause(one("Status", "IN", range={"inSet": ["9", "x"]}, **NUMERIC))
    ),
    "BETWEEN without a range": criteria(clause(one("Status", "BETWEEN", "1"))),
    "BETWEEN without a maximum": criteria(
        clause(one("Status", "BETWEEN", range={"min": "1", "max": "x"}, **NUMERIC))
    ),
    "filter type": criteria(clause(kind="XOR")),
    "clauses are no array": {"criteria": {"clauses": {}}},
    "filter id": {"contactListFilterId": "x"},
    "sort column": {"contactSorts": [{"fieldName": "Nope"}]},
}


@pytest.mark.parametrize("wanted", REFUSED.values(), ids=REFUSED.keys())
async def test_criteria_without_sense(platform: Platform, wanted: dict[str, object]) -> None:
    """What cannot be judged is refused as an invalid filter."""
    answered = await platform.http.post(f"{CONTACTS}/search", json=wanted)
    assert code_of(answered) == (400, "invalid.contact.list.filter")


async def test_pages(platform: Platform) -> None:
    """Pages follow each other to the end; 100 is the most that one returns."""
    await platform.add(*(a_contact(str(n)) for n in range(230)))
    leads: list[str] = []
    pages: list[Any] = []
    for number in (1, 2, 3):
        wanted = {"pageNumber": number, "pageSize": 500}
        answered = await platform.http.post(f"{CONTACTS}/search", json=wanted)
        pages.append(answered.json())
        leads.extend(each["data"]["CRM_Lead_ID"] for each in pages[-1]["entities"])
    assert leads == [str(n) for n in range(230)]
    assert [page["pageSize"] for page in pages] == [100, 100, 100]
    assert {(page["total"], page["contactsCount"], page["pageCount"]) for page in pages} == {
        (230, 230, 3)
    }
    assert pages[0]["previousUri"] is None
    assert pages[2]["nextUri"] is None
    assert "pageNumber=2" in pages[0]["nextUri"]
    default = await platform.http.post(f"{CONTACTS}/search", json={})
    assert len(default.json()["entities"]) == 25
    answered = await platform.http.post(f"{CONTACTS}/search", json={"pageNumber": 0})
    assert code_of(answered) == (400, "invalid.value")


async def test_what_was_written_is_found_at_once(platform: Platform) -> None:
    """Rows that change or go are found where they are, also after the index was built."""
    ann = criteria(clause(one("FirstName", "EQUALS", "Ann")))
    assert await found(platform, ann) == ["1"]
    await platform.put(a_contact("1", data=a_row("1", FirstName="Eve")))
    await platform.put(a_contact("2", data=a_row("2", FirstName="Ann")))
    await platform.http.delete(f"{CONTACTS}/lead-3")
    answered = await platform.http.post(f"{CONTACTS}/search", json=ann)
    assert [each["id"] for each in answered.json()["entities"]] == ["lead-2"]
