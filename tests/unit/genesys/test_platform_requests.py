"""What each batch asks for, to the letter of genesys-api.md."""

import json

import pytest

from connector.domain.ids import CampaignId, DncListId
from connector.genesys.call import Call
from connector.genesys.list_book import ListBook
from connector.genesys.requests import (
    campaign_request,
    campaigns_request,
    dnc_list_request,
    list_request,
    request,
    turn_on_request,
)
from connector.planning.batch import Batch, BatchKind, Pool, pool_of
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
from tests.support.simulators import COLUMNS, DNC, LIST

CONTACTS = f"/api/v2/outbound/contactlists/{LIST}/contacts"


def test_inserts_leave_in_one_post_that_queues_no_updated_contact() -> None:
    """All columns as text, the chosen id, `callable`, and `doNotQueue=true`."""
    made = request(a_batch([an_upsert("1", FirstName="Ann"), an_upsert("2")]), BOOK)
    assert (made.call, made.method, made.path) == (Call.POST_CONTACTS, "POST", CONTACTS)
    assert made.query == (("doNotQueue", "true"),)
    assert json.loads(made.body or b"") == [
        {
            "id": contact_of("1"),
            "contactListId": LIST,
            "data": data_of("1", FirstName="Ann"),
            "callable": True,
        },
        {"id": contact_of("2"), "contactListId": LIST, "data": data_of("2"), "callable": True},
    ]


def test_inserts_with_priority_say_so() -> None:
    """Contacts that the dialler takes next have a query of their own."""
    made = request(a_batch([an_upsert("1", priority=True)]), BOOK)
    assert made.query == (("doNotQueue", "true"), ("priority", "true"))


def test_contacts_that_are_queued_again_leave_in_a_request_of_their_own() -> None:
    """Only there may the platform queue them; mere updates share no request with them."""
    again, update = an_upsert("1", requeue=True), an_upsert("2")
    assert request(a_batch([again]), BOOK).query == (("doNotQueue", "false"),)
    assert pool_of(again) != pool_of(update)


def test_an_update_sends_back_what_was_kept_and_its_own_callable() -> None:
    """Statuses leave as they were read; `callable` is the command's."""
    kept = {"phoneNumberStatus": {"Mobile": {"callable": False}}, "callable": True, "id": "x"}
    made = request(a_batch([an_upsert("1", callable=False, kept=kept)]), BOOK)
    (contact,) = json.loads(made.body or b"")
    assert contact["phoneNumberStatus"] == {"Mobile": {"callable": False}}
    assert contact["callable"] is False
    assert contact["id"] == contact_of("1")


def test_every_column_of_the_list_is_sent_even_if_the_command_lacks_it() -> None:
    """`contact.missing.columns` can never be our fault."""
    command = an_upsert("1")
    del command.write.data["Status"]  # type: ignore[attr-defined]  # a dict, made above
    (contact,) = json.loads(request(a_batch([command]), BOOK).body or b"")
    assert set(contact["data"]) == set(COLUMNS)
    (bare,) = json.loads(request(a_batch([command]), ListBook({})).body or b"")
    assert "Status" not in bare["data"]


def test_a_lone_quarantine_is_a_put_of_the_whole_contact() -> None:
    """It leaves by itself, uncallable, with the row as read."""
    made = request(a_batch([a_quarantine("1", kept={"contactableStatus": {}})]), BOOK)
    assert (made.call, made.method) == (Call.PUT_CONTACT, "PUT")
    assert made.path == f"{CONTACTS}/{contact_of('1')}"
    assert json.loads(made.body or b"") == {
        "id": contact_of("1"),
        "contactListId": LIST,
        "data": data_of("1"),
        "callable": False,
        "contactableStatus": {},
    }


def test_quarantines_that_waited_together_leave_in_one_post() -> None:
    """All of them are uncallable."""
    made = request(a_batch([a_quarantine("1"), a_quarantine("2")]), BOOK)
    assert made.call is Call.POST_CONTACTS
    assert [contact["callable"] for contact in json.loads(made.body or b"")] == [False, False]


def test_a_lone_look_up_is_an_equals_and_many_are_one_in() -> None:
    """One predicate serves up to 100 leads, in pages of 100."""
    alone = json.loads(request(a_batch([a_find("1")]), BOOK).body or b"")
    (predicate,) = alone["criteria"]["clauses"][0]["predicates"]
    assert (alone["pageNumber"], alone["pageSize"]) == (1, 100)
    assert (predicate["column"], predicate["operator"], predicate["value"]) == (
        "CRM_Lead_ID",
        "EQUALS",
        "1",
    )
    made = request(a_batch([a_find("1"), a_find("2")]), BOOK, page=3)
    many = json.loads(made.body or b"")
    (predicate,) = many["criteria"]["clauses"][0]["predicates"]
    assert made.path == f"{CONTACTS}/search"
    assert many["pageNumber"] == 3
    assert predicate["operator"] == "IN"
    assert predicate["range"] == {"inSet": ["1", "2"]}


def test_reads_share_one_bulk_request() -> None:
    """The body is the bare array of ids."""
    made = request(a_batch([a_fetch("1"), a_fetch("2")]), BOOK)
    assert (made.method, made.path) == ("POST", f"{CONTACTS}/bulk")
    assert json.loads(made.body or b"") == [contact_of("1"), contact_of("2")]


def test_removals_name_the_contacts_in_the_query() -> None:
    """Each id is a parameter of its own; there is no body."""
    made = request(a_batch([a_removal("1"), a_removal("2")]), BOOK)
    assert (made.method, made.path, made.body) == ("DELETE", CONTACTS, None)
    assert made.query == (("contactIds", contact_of("1")), ("contactIds", contact_of("2")))


def test_numbers_leave_in_the_body_and_once_each() -> None:
    """A number that two leads share is sent once; no number is in the address."""
    numbers = [("1", "+15551230001"), ("2", "+15551230002"), ("3", "+15551230001")]
    made = request(a_batch([a_block(*each) for each in numbers]), BOOK)
    assert (made.method, made.path) == ("POST", f"/api/v2/outbound/dnclists/{DNC}/phonenumbers")
    assert json.loads(made.body or b"") == ["+15551230001", "+15551230002"]
    assert made.query == ()


def test_ids_cannot_leave_their_segment_of_the_path() -> None:
    """What another loader chose as an id is quoted."""
    assert list_request(LIST_ID).path == f"/api/v2/outbound/contactlists/{LIST}"
    assert dnc_list_request(DncListId("a/b")).path == "/api/v2/outbound/dnclists/a%2Fb"
    made = request(a_batch([a_quarantine("../a b?")]), BOOK)
    assert made.path == f"{CONTACTS}/c-..%2Fa%20b%3F"


def test_an_empty_batch_has_no_request() -> None:
    """Whoever asks has a bug."""
    with pytest.raises(ValueError, match="empty batch"):
        request(Batch("b", Pool(BatchKind.FIND, LIST), ()), BOOK)


def test_a_request_shows_no_body() -> None:
    """Numbers and names stay out of tracebacks and logs."""
    made = request(a_batch([a_block("1", "+15551230001")]), BOOK)
    assert "5551230001" not in repr(made)


def test_campaigns_are_asked_for_by_their_list() -> None:
    """Pages of 100, and no place that an answer could park or open."""
    made = campaigns_request(LIST_ID, 2)
    assert (made.call, made.method, made.path, made.place) == (
        Call.CAMPAIGNS,
        "GET",
        "/api/v2/outbound/campaigns",
        "",
    )
    assert made.query == (("contactListId", LIST), ("pageSize", "100"), ("pageNumber", "2"))
    one = campaign_request(CampaignId("a/b"))
    assert (one.method, one.path) == ("GET", "/api/v2/outbound/campaigns/a%2Fb")


def test_a_campaign_is_turned_on_by_all_that_was_read_of_it() -> None:
    """Only the status differs; what nobody of us knows goes back as it came."""
    document = {
        "id": "c",
        "version": 7,
        "campaignStatus": "complete",
        "abandonRate": 3.0,
        "edgeGroup": None,
        "a field of next year": {"deep": [1, {"x": None}]},
    }
    made = turn_on_request(CampaignId("c"), document)
    assert (made.call, made.method) == (Call.PUT_CAMPAIGN, "PUT")
    assert made.path == "/api/v2/outbound/campaigns/c"
    assert json.loads(made.body or b"") == {**document, "campaignStatus": "on"}


def test_a_salesforce_id_is_looked_up_in_both_forms() -> None:
    """A lone one too; ids of other CRMs as they are."""
    for leads in (["00Q5f000001AbCdEAK"], ["1", "00Q5f000001AbCdEAK"]):
        asked = json.loads(request(a_batch([a_find(each) for each in leads]), BOOK).body or b"")
        (predicate,) = asked["criteria"]["clauses"][0]["predicates"]
        assert predicate["operator"] == "IN"
        assert predicate["range"]["inSet"] == [*leads, "00Q5f000001AbCd"]
