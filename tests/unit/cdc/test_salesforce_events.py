"""Whom a change event is of, when it happened, and by which names its fields are found."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from connector.cdc.decoding import Changes, Decoded, Decoder
from connector.cdc.salesforce_names import own_name
from connector.cdc.source import SourceSpec
from connector.domain.change import LeadDelete, LeadOptOut, LeadUpsert, NumbersOptOut
from connector.domain.reason import Reason
from connector.domain.record import Record
from connector.domain.revision import NO_REVISION, Position, Revision
from connector.planning.digest import Digests
from tests.support.decoded import one, refused
from tests.support.records import a_record
from tests.support.salesforce import SALESFORCE

ID = "00Q5f000001AbCdEAK"
OTHER = "00Q5f000001AbCeEAK"
TIME, NUMBER = 1_793_700_942_000, 1_793_700_942_716_501_507
NAMED = replace(SALESFORCE, lead_id="External_Lead_ID__c")
DATED = replace(SALESFORCE, revision="LastModifiedDate")


def _event(
    kind: str = "UPDATE", *fields: str, header: Mapping[str, object] | None = None, **body: object
) -> Record:
    facts = {
        "entityName": "Lead",
        "recordIds": [ID],
        "changeType": kind,
        "sequenceNumber": 2,
        "commitTimestamp": TIME,
        "commitNumber": NUMBER,
        "changedFields": list(fields or body),
    }
    return a_record({"ChangeEventHeader": {**facts, **(header or {})}, **body})


def _decode(record: Record, spec: SourceSpec = SALESFORCE) -> Decoded:
    return Decoder(spec, Digests(b"of a test")).decode(record, "topic-id")


@pytest.mark.parametrize(
    ("header", "revision"),
    [
        ({}, Revision(Position("sfdc", (NUMBER, 2)), TIME)),
        (
            {"commitNumber": float(NUMBER)},
            Revision(Position("sfdc", (int(float(NUMBER)), 2)), TIME),
        ),
        ({"commitNumber": str(NUMBER)}, Revision(Position("sfdc", (NUMBER, 2)), TIME)),
        ({"sequenceNumber": None}, Revision(Position("sfdc", (NUMBER, 0)), TIME)),
        ({"commitNumber": None}, Revision(Position("sfdc_time", (TIME, 2)), TIME)),
        ({"commitNumber": None, "sequenceNumber": None}, Revision(commit_time=TIME)),
        ({"commitNumber": 2**63, "commitTimestamp": "soon", "sequenceNumber": True}, NO_REVISION),
    ],
)
def test_the_revision_is_number_and_place_at_a_time(
    header: dict[str, object], revision: Revision
) -> None:
    """The number keeps all its digits; where there is none, time and place are the order."""
    change = one(_decode(_event(header=header, Status="Working")), LeadUpsert)
    assert change.revision == revision


def test_a_named_revision_takes_the_place_of_the_number() -> None:
    """It may be enriched; a record without it has none, and so counts as newer."""
    dated = _event("UPDATE", "Status", Status="Working", LastModifiedDate="2026-11-03T10:15:42Z")
    change = one(_decode(dated, DATED), LeadUpsert)
    assert change.revision == Revision(commit_time=TIME, named="2026-11-03T10:15:42Z")
    assert one(_decode(_event("DELETE"), DATED), LeadDelete).revision == NO_REVISION


@pytest.mark.parametrize("kind", ["CREATE", "UPDATE", "DELETE"])
@pytest.mark.parametrize(("value", "lead"), [("L-7", "L-7"), (7.0, "7"), (42, "42")])
def test_a_field_may_name_the_lead(kind: str, value: object, lead: str) -> None:
    """In the row, or enriched: in an update it need not be among what changed."""
    record = _event(kind, "Status", Status="Working", External_Lead_ID__c=value)
    decoded = _decode(record, NAMED)
    assert isinstance(decoded, Changes)
    assert [each.lead for each in decoded.changes] == [lead]


@pytest.mark.parametrize("kind", ["CREATE", "UPDATE", "DELETE"])
def test_without_that_field_nobody_knows_the_lead(kind: str) -> None:
    """The record id is no lead id there."""
    found = refused(_decode(_event(kind, "Status", Status="Working"), NAMED))
    assert (found.reason, found.lead) == (Reason.LEAD_ID_MISSING, None)


def test_the_field_of_one_lead_says_nothing_of_several() -> None:
    """Nobody knows whose it is. An opt-out then blocks the numbers that came with it."""
    record = _event(
        "UPDATE",
        "DoNotCall",
        "MobilePhone",
        header={"recordIds": [ID, OTHER]},
        DoNotCall=True,
        MobilePhone="212 555 0143",
        External_Lead_ID__c="L-7",
    )
    found = refused(_decode(record, NAMED))
    assert found.reason is Reason.LEAD_ID_MISSING
    assert isinstance(found.opt_out, NumbersOptOut)
    assert found.opt_out.numbers == {"+12125550143"}


def test_an_opt_out_in_broken_bytes_is_honoured_for_every_lead() -> None:
    """A broken character elsewhere does not hide the flag of any of them."""
    whole = _event(
        "UPDATE", header={"recordIds": [ID, OTHER]}, DoNotCall=True, Company="Roy & C\xe9"
    )
    assert whole.value is not None
    found = refused(_decode(replace(whole, value=whole.value.replace("\xe9".encode(), b"\xff"))))
    assert found.reason is Reason.UNDECODABLE
    assert [each.lead for each in found.opt_outs] == [ID, OTHER]
    assert [each.origin.part for each in found.opt_outs] == [1, 2]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("Name.FirstName", "FirstName"),
        ("FirstName", "FirstName"),
        ("Address.State", "State"),
        ("Address", "Address"),
        ("BillingAddress.City", "BillingCity"),
        ("MailingAddress.StateCode", "MailingStateCode"),
        ("Home__c.Latitude", "Home__Latitude__s"),
        ("Thing__c", "Thing__c"),
        ("ns__Thing__c", "ns__Thing__c"),
        (".", "."),
        ("Name.", "Name."),
        ("", ""),
    ],
)
def test_own_names(path: str, name: str) -> None:
    """Of an address the prefix stays, of a name nothing does."""
    assert own_name(path) == name
    assert own_name(name) == name


@pytest.mark.parametrize("first", ["FirstName", "Name.FirstName"])
@pytest.mark.parametrize("changed", ["FirstName", "Name.FirstName", "Name"])
@pytest.mark.parametrize(
    "body", [{"FirstName": "Odile", "Name": None}, {"Name": {"FirstName": "Odile"}}]
)
def test_either_spelling_finds_either_place(
    first: str, changed: str, body: dict[str, object]
) -> None:
    """Setting, `changedFields` and body may each have their own."""
    spec = replace(SALESFORCE, columns={"First": first}, phones={}, named=frozenset())
    change = one(_decode(_event("UPDATE", changed, header={}, **body), spec), LeadUpsert)
    assert change.row.fields == {first: "Odile"}


@pytest.mark.parametrize("flag", ["DoNotCall", "Contact.DoNotCall"])
def test_rules_find_their_fields_by_either_spelling(flag: str) -> None:
    """An opt-out is found however the setting spells its field."""
    spec = replace(SALESFORCE, opt_out={flag: SALESFORCE.opt_out["DoNotCall"]})
    one(_decode(_event(DoNotCall=True), spec), LeadOptOut)
