"""What bodies say, matched by id."""

import random
from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.dnc_list import DncList
from connector.domain.ids import ContactId, DncListId
from connector.domain.result import Accepted, Found, Receipt, Seen, Unknown
from connector.genesys.call import Call
from connector.genesys.list_book import ContactList
from connector.genesys.requests import Request, dnc_list_request, list_request, request
from connector.genesys.responses import (
    Contacts,
    Grant,
    Taken,
    Written,
    error_code,
    parse,
    read,
    results,
)
from tests.support.commands import (
    BOOK,
    LIST_ID,
    a_batch,
    a_block,
    a_fetch,
    a_find,
    a_quarantine,
    a_removal,
    an_upsert,
    contact_of,
    data_of,
)

RECEIPT = Receipt(200, "correlation")
TOKEN = Request(Call.TOKEN, "POST", "/oauth/token")
POST = request(a_batch([an_upsert("1")]), BOOK)
PUT = request(a_batch([a_quarantine("1")]), BOOK)
SEARCH = request(a_batch([a_find("1")]), BOOK)
BULK = request(a_batch([a_fetch("1")]), BOOK)
DELETE = request(a_batch([a_removal("1")]), BOOK)
BLOCK = request(a_batch([a_block("1", "+15551230001")]), BOOK)
LIST = list_request(LIST_ID)


def a_body(lead: str, **parts: object) -> dict[str, object]:
    """Return a contact as the platform shows it."""
    return {
        "id": contact_of(lead),
        "contactListId": LIST_ID,
        "data": data_of(lead),
        "callable": True,
        **parts,
    }


@given(st.sets(st.integers(0, 30), min_size=1), st.data())
def test_a_contact_is_accepted_exactly_if_it_comes_back(
    leads: set[int], data: st.DataObject
) -> None:
    """Whatever the order of the answer, and whatever it lacks or has too many of."""
    back = data.draw(st.sets(st.integers(0, 40)))
    shuffled = sorted(back)
    random.Random(data.draw(st.integers(0, 99))).shuffle(shuffled)
    reading = read(POST, parse(orjson.dumps([a_body(str(each)) for each in shuffled])))
    commands = [an_upsert(str(lead)) for lead in leads]
    assert results(commands, reading, RECEIPT, 0.5) == {
        command: Accepted(RECEIPT) if lead in back else Unknown(0.5, RECEIPT)
        for lead, command in zip(leads, commands, strict=True)
    }


def test_a_put_counts_only_for_the_contact_that_it_answers_with() -> None:
    """An answer about another contact says nothing about ours."""
    command = a_quarantine("1")
    mine, other = (read(PUT, a_body(lead)) for lead in ("1", "2"))
    assert results([command], mine, RECEIPT) == {command: Accepted(RECEIPT)}
    assert results([command], other, RECEIPT) == {command: Unknown(0.0, RECEIPT)}


def test_a_look_up_finds_every_contact_of_its_lead_and_no_other() -> None:
    """Doubles belong to the same lead; a lead without any has none."""
    double = a_body("1") | {"id": "theirs", "callable": False}
    body = {"entities": [a_body("2"), a_body("1"), double, a_body("9")], "total": 4}
    commands = [a_find("1"), a_find("2"), a_find("3")]
    told = results(commands, read(SEARCH, body), RECEIPT)
    ids = [
        [contact.id for contact in each.contacts] if isinstance(each, Found) else None
        for each in told.values()
    ]
    assert ids == [[contact_of("1"), "theirs"], [contact_of("2")], []]


def test_a_read_sees_the_contact_whole() -> None:
    """Cells as text, what we keep as it was, and the newest attempt of all columns."""
    body = a_body(
        "1",
        callable=False,
        data=data_of("1") | {"FirstName": None, "Status": 7, "TimeZone": True},
        phoneNumberStatus={"Mobile": {"callable": False}},
        contactableStatus={"Voice": {"contactable": False}},
        latestWhatsAppEvaluations=None,
        selfUri="/x",
        configurationOverrides={"priority": False},
        callRecords={
            "Mobile": {"lastAttempt": "2026-11-01T10:00:00.000Z", "lastResult": "x"},
            "Home": {"lastAttempt": "2026-11-02T10:00:00.500Z"},
            "Work": {"lastResult": "never"},
        },
    )
    commands = [a_fetch("1"), a_fetch("2")]
    seen, none = results(commands, read(BULK, [body]), RECEIPT).values()
    assert none == Seen(None, RECEIPT)
    assert isinstance(seen, Seen)
    contact = seen.contact
    assert contact is not None
    assert contact.data == data_of("1", FirstName="", Status="7", TimeZone="true")
    assert contact.callable is False
    assert contact.kept == {
        "phoneNumberStatus": {"Mobile": {"callable": False}},
        "contactableStatus": {"Voice": {"contactable": False}},
    }
    assert contact.last_attempt == 1_793_613_600_500
    assert contact.list_id == LIST_ID


def test_a_look_up_tells_ids_apart_by_their_case_and_joins_the_forms_of_one() -> None:
    """A search that is blind to case brings other people; each lead has its own contacts only."""
    ann, bea = "00Q5f000001AbCdEAK", "00Q5f000001AbcdEAC"
    cells = (ann, ann[:15], bea[:15], ann.lower(), "")
    shown = [
        a_body("1", id=f"contact {at}", data=data_of("1", CRM_Lead_ID=cell))
        for at, cell in enumerate(cells)
    ]
    told = results(
        [a_find(ann), a_find(bea)], read(SEARCH, {"entities": shown, "total": 5}), RECEIPT
    )
    found = [
        [contact.id for contact in result.contacts]
        for result in told.values()
        if isinstance(result, Found)
    ]
    assert found == [["contact 0", "contact 1"], ["contact 2"]]


@pytest.mark.parametrize(
    ("more", "read_as"),
    [
        ({}, ("", "rds", None, None)),
        (
            {"name": "Do not call", "contactMethod": "Phone", "size": 12},
            ("Do not call", "rds", "Phone", 12),
        ),
        ({"dncSourceType": "gryphon", "size": None}, ("", "gryphon", None, None)),
        ({"size": True, "contactMethod": 1}, ("", "rds", None, None)),
    ],
)
def test_a_dnc_list_says_what_it_is(
    more: dict[str, object], read_as: tuple[str, str, str | None, int | None]
) -> None:
    """Source, contact method and size, as far as they are told; what is no DNC list is not read
    as one.
    """
    asked = dnc_list_request(DncListId("dnc-1"))
    found = read(asked, {"id": "dnc-1", "dncSourceType": "rds", **more})
    assert found == DncList(DncListId("dnc-1"), *read_as)
    assert read(asked, {"id": "dnc-1"}) is None


def test_calls_that_answer_nothing_are_taken_as_a_whole() -> None:
    """A DELETE and a DNC POST have no body to read."""
    for made, command in ((DELETE, a_removal("1")), (BLOCK, a_block("1", "+15551230001"))):
        reading = read(made, parse(b""))
        assert reading == Taken()
        assert results([command], reading, RECEIPT) == {command: Accepted(RECEIPT)}


@pytest.mark.parametrize(
    ("made", "body"),
    [
        (POST, b""),
        (POST, b"{}"),
        (POST, b'[{"id": "a"}, 7]'),
        (POST, b'[{"id": "a"'),
        (PUT, b"7"),
        (BULK, b"{}"),
        (BULK, b'[{"id": "a", "data": {}}]'),
        (BULK, b'[{"id": "a", "callable": true}]'),
        (BULK, b'[{"data": {}, "callable": true}]'),
        (BULK, b'[{"id":"a","data":{},"callable":true,"callRecords":{"M":{"lastAttempt":"?"}}}]'),
        (SEARCH, b"[]"),
        (SEARCH, b'{"total": 1}'),
        (SEARCH, b"<html>"),
        (LIST, b'{"id": "a"}'),
        (LIST, b'{"id": "a", "columnNames": ["A"], "phoneColumns": [{}]}'),
        (TOKEN, b'{"access_token": "", "expires_in": 1}'),
        (TOKEN, b'{"access_token": "x"}'),
    ],
)
def test_what_is_not_the_answer_of_its_call_is_unreadable(made: Request, body: bytes) -> None:
    """A proxy's page, half a body and a wrong shape say nothing."""
    assert read(made, parse(body)) is None


def test_a_list_and_a_token_are_read() -> None:
    """Columns in order, phone columns with type and time zone; the token's life in seconds."""
    body: dict[str, object] = {
        "id": LIST_ID,
        "name": "Leads",
        "columnNames": ["CRM_Lead_ID", "Mobile"],
        "phoneColumns": [{"columnName": "Mobile", "type": "cell"}],
    }
    known = ContactList(LIST_ID, "Leads", ("CRM_Lead_ID", "Mobile"), {"Mobile": "cell"})
    assert read(LIST, body) == known
    body["phoneColumns"] = [
        {"columnName": "Mobile", "type": "cell", "callableTimeColumn": "TimeZone"},
        {"columnName": "Home", "type": "home", "callableTimeColumn": None},
    ]
    phones = {"Mobile": "cell", "Home": "home"}
    zoned = replace(known, phones=phones, time_zones={"Mobile": "TimeZone"})
    assert read(LIST, body) == zoned
    body["automaticTimeZoneMapping"] = True
    assert read(LIST, body) == replace(zoned, time_zones={})
    grant = read(TOKEN, {"access_token": "secret", "token_type": "Bearer", "expires_in": 86399})
    assert grant == Grant("secret", 86399.0)
    assert "secret" not in repr(grant)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"code": "invalid.contact.id", "message": "+15551230001"}', "invalid.contact.id"),
        (b'{"error": "invalid_client", "description": "client not found"}', "invalid_client"),
        (b'{"code": "+15551230001"}', None),
        (b'{"code": "Ann Smith"}', None),
        (b'{"code": 7}', None),
        (b'{"message": "x"}', None),
        (b"[]", None),
        (b"<html>", None),
        (b"", None),
    ],
)
def test_only_what_looks_like_a_code_is_taken_for_one(body: bytes, code: str | None) -> None:
    """A body may hold anything, and codes go to logs and dead letters."""
    assert error_code(parse(body)) == code


def test_a_full_page_asks_for_the_next_until_the_total_is_there() -> None:
    """A page that brings nothing new is the last, whatever the total says."""
    everything = [a_body(str(each)) for each in range(250)]
    pages = [
        read(SEARCH, {"entities": everything[at : at + 100], "total": 250})
        for at in range(0, 300, 100)
    ]
    first, second, third = (page for page in pages if isinstance(page, Contacts))
    assert first.more_after(())
    assert second.more_after(first.contacts)
    assert not third.more_after(first.contacts + second.contacts)
    assert not first.more_after(first.contacts)
    exact = Contacts(first.contacts, 100)
    assert not exact.more_after(())
    silent = Contacts(first.contacts, None)
    assert silent.more_after(())


def test_reads_and_writes_show_no_cells() -> None:
    """Personal data stays out of reprs."""
    reading = read(BULK, [a_body("1", data=data_of("1", FirstName="Annabel"))])
    assert "Annabel" not in repr(reading)
    assert "Annabel" not in repr(results([a_fetch("1")], reading, RECEIPT))
    assert read(POST, [a_body("1")]) == Written(frozenset({ContactId(contact_of("1"))}))
