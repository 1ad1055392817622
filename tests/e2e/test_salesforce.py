"""Salesforce's change events in three layouts, and beside a lead store, through one real worker.

What each event must come to was written by hand from the vendor's guide and contract.md.
"""

from collections.abc import Iterator

import pytest

from tests.support.brokers import Broker
from tests.support.salesforce_events import LAYOUTS, Edit
from tests.support.salesforce_house import Ended, Org, cells_of, ended, house, whole
from tests.support.scene import LEAD_COLUMN

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

APPLIED: Ended = ("applied", None)
OPTED_OUT: Ended = ("suppressed", "opted_out")

RENAMED = Edit({"Name": {"FirstName": "Brunhild"}}, ["Name.FirstName"], ["0x0400", "1-0x02"])
NAMELESS = Edit({}, ["Name.LastName"], ["0x0400", "1-0x04"], nulled=["1-0x04"])
OUT = Edit({"DoNotCall": True}, ["DoNotCall"], ["0x0C00"])
BACK = Edit({"DoNotCall": False}, ["DoNotCall"], ["0x0C00"])
WORKING = Edit({"Status": "Working"}, ["Status"], ["0x0480"])
TO_NEW_YORK = Edit({"Address": {"State": "NY"}}, ["Address.State"], ["0x0400", "3-0x04"])


@pytest.fixture(scope="module")
def org(kafka: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    """Run one worker for all; nothing may be held against it at the end."""
    with house(kafka, tmp_path_factory.mktemp("salesforce")) as running_house:
        yield running_house


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_update_blanks_nothing_and_an_opt_out_blocks_what_the_contact_has(
    org: Org, layout: str
) -> None:
    """From the first row to an opt-out without a number, and all that comes behind it."""
    lead = org.new()
    org.load(lead.id, lead.id, Notes="call after five", Status="Loaded")
    assert org.create(layout, lead) == APPLIED
    assert org.update(layout, lead.id, RENAMED) == APPLIED
    assert org.update(layout, lead.id, NAMELESS) == APPLIED
    cells = cells_of(lead, FirstName="Brunhild", LastName="", Notes="call after five")
    (contact,) = org.contacts(lead.id)
    assert (contact.data, contact.callable) == (cells, True)
    assert org.blocked(*lead.numbers) == set()

    org.run.control.watch([lead.id])
    (out,) = org.tell(layout, "UPDATE", [lead.id], OUT)
    assert (ended(out), out.change, out.lane) == (APPLIED, "opt_out", "compliance")
    assert org.contacts(lead.id) == [contact.model_copy(update={"callable": False})]
    assert org.blocked(*lead.numbers) == set(lead.numbers)

    (edit,) = org.tell(layout, "UPDATE", [lead.id], RENAMED)
    assert (ended(edit), edit.opt_out) == (OPTED_OUT, out.outcome_id)
    assert org.update(layout, lead.id, BACK) == ("suppressed", "reconsent_needs_review")
    assert ended(org.tell(layout, "DELETE", [lead.id])[0]) == ("unchanged", "opted_out")
    (undeleted,) = org.tell(layout, "UNDELETE", [lead.id], body=whole(lead))
    assert ended(undeleted) == ("suppressed", "reconsent_needs_review")
    assert org.contacts(lead.id) == [contact.model_copy(update={"callable": False})]


@pytest.mark.parametrize("layout", ["A"])
def test_an_opt_out_of_a_lead_that_nobody_knows_is_remembered(org: Org, layout: str) -> None:
    """What the lead gains later is blocked; any other update of such a lead is a dead letter."""
    lead, stranger = org.new(), org.new()
    org.run.control.watch([lead.id])
    (out,) = org.tell(layout, "UPDATE", [lead.id], OUT)
    assert ended(out) == ("applied", "no_number")
    assert org.create(layout, lead) == ("suppressed", "reconsent_needs_review")
    assert org.blocked(*lead.numbers) == set(lead.numbers)
    assert org.contacts(lead.id) == []

    (edit,) = org.tell(layout, "UPDATE", [stranger.id], RENAMED)
    assert ended(edit) == ("rejected", "unknown_lead")
    ((reason, value),) = org.letters([edit.outcome_id])
    assert reason == "unknown_lead"
    assert stranger.id.encode() in (value or b"")
    assert org.contacts(stranger.id) == []


@pytest.mark.parametrize("layout", ["C"])
def test_each_lead_of_a_record_ends_by_itself(org: Org, layout: str) -> None:
    """One is written, one opted out before, one unknown; then all are opted out at once."""
    first, second, third = leads = [org.new() for _ in range(3)]
    ids = [lead.id for lead in leads]
    org.create(layout, first)
    org.create(layout, second)
    org.run.control.watch(ids)
    assert org.update(layout, second.id, OUT) == APPLIED
    told = org.tell(layout, "UPDATE", ids, WORKING)
    assert [ended(each) for each in told] == [APPLIED, OPTED_OUT, ("rejected", "unknown_lead")]
    assert [each.lead_id for each in told] == ids
    (letter,) = org.letters([told[0].outcome_id])
    assert letter[0] == "unknown_lead"
    outs = org.tell(layout, "UPDATE", ids, OUT)
    assert [ended(each) for each in outs] == [
        APPLIED,
        ("unchanged", "opted_out"),
        ("applied", "no_number"),
    ]
    (contact,) = org.contacts(first.id)
    assert (contact.data, contact.callable) == (cells_of(first, Status="Working"), False)
    assert org.contacts(second.id)[0].data == cells_of(second)
    numbers = {*first.numbers, *second.numbers}
    assert org.blocked(*numbers, *third.numbers) == numbers


@pytest.mark.parametrize("layout", ["B"])
def test_what_nobody_can_follow_is_set_aside_and_told(org: Org, layout: str) -> None:
    """A gap says that something changed, not what: no contact is touched, one letter each."""
    lead, other = org.new(), org.new()
    org.create(layout, lead)
    for kind, ids, reason in (
        ("GAP_DELETE", [lead.id, other.id], "gap"),
        ("GAP_OVERFLOW", ["000000000000000AAA"], "overflow"),
        ("UPDATE", ["00Q*"], "wildcard"),
    ):
        told = org.tell(layout, kind, ids, WORKING if kind == "UPDATE" else None)
        assert [ended(each) for each in told] == [("rejected", reason)] * len(ids)
        named = [each.lead_id for each in told]
        assert named == (ids if reason == "gap" else [None])
        assert [each for each, _ in org.letters([told[0].outcome_id])] == [reason]
        assert "record.read_crm" in org.run.workers.newest.text
    (contact,) = org.contacts(lead.id)
    assert (contact.data, contact.callable) == (cells_of(lead), True)


@pytest.mark.parametrize("layout", ["A"])
def test_a_lead_that_is_deleted_comes_back_by_a_whole_row_alone(org: Org, layout: str) -> None:
    """A partial update never ends the quarantine of a delete; UNDELETE does."""
    lead = org.new()
    org.create(layout, lead)
    assert ended(org.tell(layout, "DELETE", [lead.id])[0]) == APPLIED
    assert [each.callable for each in org.contacts(lead.id)] == [False]
    org.update(layout, lead.id, RENAMED)
    assert [each.callable for each in org.contacts(lead.id)] == [False]
    assert ended(org.tell(layout, "UNDELETE", [lead.id], body=whole(lead))[0]) == APPLIED
    (contact,) = org.contacts(lead.id)
    assert (contact.data, contact.callable) == (cells_of(lead), True)


@pytest.mark.parametrize("layout", ["C"])
def test_a_lead_that_moves_to_another_list_is_whole_there(org: Org, layout: str) -> None:
    """The update names the state alone: the rest comes from the contact on the list it leaves."""
    lead = org.new()
    org.create(layout, lead)
    assert org.update(layout, lead.id, TO_NEW_YORK) == APPLIED
    assert [each.callable for each in org.contacts(lead.id)] == [False]
    (contact,) = org.contacts(lead.id, at=1)
    assert (contact.data, contact.callable) == (cells_of(lead), True)


@pytest.mark.parametrize("layout", ["B"])
def test_short_ids_on_the_list_are_the_leads_own(org: Org, layout: str) -> None:
    """Two contacts of a report whose ids differ in case only, under a search that is blind to it:
    no double, each opts out alone, also one that we never wrote.
    """
    ann, bea = "00Q5f000001AbCdEAK", "00Q5f000001AbcdEAC"
    numbers = {ann: org.new().mobile, bea: org.new().mobile}
    for lead, number in numbers.items():
        org.load(lead[:15], lead[:15], FirstName="Adaeze", Mobile=number, Notes="a report's")
    assert org.update(layout, ann, WORKING) == APPLIED
    for lead in (ann, bea):
        org.run.control.watch([lead, lead[:15]])
        assert org.update(layout, lead, OUT) == APPLIED
        assert org.blocked(*numbers.values()) == (
            {numbers[ann]} if lead == ann else set(numbers.values())
        )
        may = [org.contacts(each[:15])[0].callable for each in (ann, bea)]
        assert may == [False, lead == ann]
    for lead, number in numbers.items():
        cells = {"FirstName": "Adaeze", "LastName": "", "Mobile": number, "Home": ""}
        rest = {"TimeZone": "", "Status": "Working" if lead == ann else "", "Notes": "a report's"}
        assert [each.data for each in org.contacts(lead[:15])] == [
            {LEAD_COLUMN: lead[:15]} | cells | rest
        ]
        assert org.contacts(lead) == []


def test_an_opt_out_in_salesforce_holds_against_the_lead_store(org: Org) -> None:
    """Leads through Debezium, opt-outs through Salesforce: the edit after it is suppressed."""
    lead = org.new()
    assert ended(org.store("c", lead, "Adaeze")) == APPLIED
    org.run.control.watch([lead.id])
    (other,) = org.tell("B", "UPDATE", [lead.id], WORKING, channel="consent")
    assert ended(other) == ("unchanged", "not_a_lead_change")
    (out,) = org.tell("B", "UPDATE", [lead.id], OUT, channel="consent")
    assert ended(out) == APPLIED
    edit = org.store("u", lead, "Brunhild")
    assert (ended(edit), edit.opt_out) == (OPTED_OUT, out.outcome_id)
    (contact,) = org.contacts(lead.id)
    assert (contact.data["FirstName"], contact.callable) == ("Adaeze", False)
    assert org.blocked(lead.mobile) == {lead.mobile}


def test_an_opt_out_of_several_leads_follows_one_to_its_new_key(org: Org) -> None:
    """The store gave one of them another key: the new one's outcome counts on behind all."""
    former, other, new = (org.new() for _ in range(3))
    org.store("c", former, "Adaeze")
    assert ended(org.store("d", former, "Adaeze", moved_to=new)) == APPLIED
    assert ended(org.store("c", new, "Adaeze")) == APPLIED
    org.run.control.watch([former.id, new.id])
    ids = [former.id, other.id]
    told = org.tell("B", "UPDATE", ids, OUT, channel="consent", following=1)
    assert [each.lead_id for each in told] == [former.id, other.id, new.id]
    assert [ended(each) for each in told] == [APPLIED, ("applied", "no_number"), APPLIED]
    assert [each.callable for each in org.contacts(new.id)] == [False]
    numbers = {former.mobile, new.mobile}
    assert org.blocked(*numbers) == numbers
