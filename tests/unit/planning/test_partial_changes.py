"""Partial changes, case by case, through a lane: what is not named is unknown, not empty."""

from dataclasses import replace

import pytest

from connector.domain.change import LeadOptOut, LeadQuarantine, LeadUpsert, Row
from connector.domain.command import (
    Command,
    FetchContact,
    FindContacts,
    QuarantineContact,
    UpsertContact,
)
from connector.domain.ids import ContactId
from connector.domain.reason import Reason, Verdict
from connector.domain.result import Rejected, Result
from connector.domain.revision import NO_REVISION, Revision
from connector.planning.conditions import condition
from connector.planning.policy import Policy, Removal
from tests.support.lane_world import ALL, SOURCE, SOUTH, Platform, a_policy
from tests.support.lead_changes import (
    LEAD,
    a_delete,
    a_row,
    an_opt_out,
    an_origin,
    an_upsert,
)
from tests.support.one_lane import OneLane

APPLIED = (Verdict.APPLIED, None)
SAME = (Verdict.UNCHANGED, Reason.SAME_ROW)
SUPERSEDED = (Verdict.STALE, Reason.SUPERSEDED)
UNKNOWN = (Verdict.REJECTED, Reason.UNKNOWN_LEAD)


def part(offset: int, **fields: str) -> LeadUpsert:
    """Return an update that names these fields only."""
    return LeadUpsert(LEAD, an_origin(offset), NO_REVISION, Row(fields, whole=False))


def bad(offset: int, **fields: str) -> LeadQuarantine:
    """Return a disqualification that names these fields only."""
    row = Row({"status": "bad", **fields}, whole=False)
    return LeadQuarantine(LEAD, an_origin(offset), NO_REVISION, row)


def silent_opt_out(offset: int) -> LeadOptOut:
    """Return an opt-out that says no more than that."""
    row = Row({"dnc": "true"}, whole=False)
    return LeadOptOut(LEAD, an_origin(offset), NO_REVISION, row, frozenset())


def whole(offset: int, *, status: str = "ok", **fields: str) -> LeadUpsert:
    """Return a whole row."""
    return an_upsert(offset, Row({**a_row(**fields).fields, "status": status}))


def test_the_contact_is_read_and_merged() -> None:
    """A column that is not named stays, also where another loader filled it."""
    lane = OneLane()
    lane.hold("theirs", Name="Old", Mobile="+1777", Notes="n")
    assert lane.give(part(1, name="Bea")) == [APPLIED]
    assert lane.contact("theirs").data == {
        "CRM_Lead_ID": "L1",
        "Name": "Bea",
        "Mobile": "+1777",
        "Notes": "n",
    }
    assert lane.give(part(2, mobile="+1778")) == [APPLIED]
    assert lane.contact("theirs").data["Name"] == "Bea"


@pytest.mark.parametrize("mine", [True, False])
def test_what_the_platform_holds_already_is_not_written(*, mine: bool) -> None:
    """Named cells that are there cost a read and no write; of ours and of others' contacts."""
    lane = OneLane()
    if mine:
        lane.give(whole(0))
    else:
        lane.hold("theirs", Name="Ann", Mobile="+1550")
    before = len(lane.sent)
    assert lane.give(part(1, name="Ann")) == [SAME]
    assert not [each for each in lane.sent[before:] if isinstance(each, UpsertContact)]


def test_whole_and_partial_rows_know_each_other() -> None:
    """The digest is that of the whole row: its like costs no request afterwards, nor before."""
    lane = OneLane()
    lane.give(whole(0), part(1, name="Bea"))
    lane = lane.again()
    assert lane.give(part(2, mobile="+1551")) == [APPLIED]
    lane = lane.again()
    assert lane.give(whole(3, name="Bea", mobile="+1551")) == [SAME]
    assert not lane.sent
    assert lane.give(part(4, name="Bea")) == [SAME]
    assert [type(each) for each in lane.sent] == [FetchContact]


def test_what_someone_else_changed_is_kept() -> None:
    """A merged row is made of what is there, not of what was written last."""
    lane = OneLane()
    lane.give(whole(0))
    lane.hold("L1", Name="Theirs", Mobile="+1550")
    lane = lane.again()
    assert lane.give(part(1, mobile="+1551")) == [APPLIED]
    assert lane.contact("L1").data["Name"] == "Theirs"


def test_waiting_updates_merge_by_field() -> None:
    """Two updates are the union of what they name, the later value wins; one write carries it."""
    lane = OneLane()
    lane.give(whole(0))
    lane = lane.again()
    assert lane.give(part(1, name="Bea", mobile="+1551"), part(2, name="Cid")) == [
        SUPERSEDED,
        APPLIED,
    ]
    assert lane.contact("L1").data["Name"] == "Cid"
    assert lane.contact("L1").data["Mobile"] == "+1551"
    assert len([each for each in lane.sent if isinstance(each, UpsertContact)]) == 1


def test_an_update_joins_the_insert_that_it_waits_behind() -> None:
    """A partial change behind a whole one makes a whole one, of its kind."""
    policy = with_rule()
    lane = OneLane(policy)
    changes = whole(0, status="bad"), part(1, status="ok", name="Bea")
    disqualified = LeadQuarantine(LEAD, changes[0].origin, NO_REVISION, changes[0].row)
    assert lane.give(disqualified, changes[1]) == [SUPERSEDED, APPLIED]
    assert lane.contact("L1").callable
    assert lane.contact("L1").data["Name"] == "Bea"


def test_a_lead_that_nobody_knows_is_rejected() -> None:
    """After a look-up and a read of the chosen id; it raises no mark, so it can come again."""
    lane = OneLane()
    assert lane.give(part(1, name="Bea"), part(2, name="Cid")) == [UNKNOWN, UNKNOWN]
    assert {type(each) for each in lane.sent} == {FindContacts, FetchContact}
    assert not lane.lane.belief.marks
    lane.hold("theirs", Name="Old", Mobile="+1777")
    lane = lane.again()
    assert lane.give(part(1, name="Bea")) == [APPLIED], "looked up again, it is known by now"


def test_a_forgotten_insert_is_found_by_its_id() -> None:
    """What the search does not show is read by the chosen id before anything is rejected."""
    lane = OneLane(a_policy(adopt=False))
    lane.hold("L1", Name="Ours", Mobile="+1550")
    assert lane.give(part(1, name="Bea")) == [APPLIED]
    assert lane.contact("L1").data["Mobile"] == "+1550"


def test_a_lead_that_the_state_knows_on_no_list_stays_there() -> None:
    """Of a lead whose row matched nothing an update asks nobody."""
    policy = a_policy()
    lane = OneLane(replace(policy, lists={SOUTH: policy.lists[SOUTH]}))
    assert lane.give(whole(0, region="north")) == [(Verdict.UNCHANGED, Reason.NO_LIST)]
    assert lane.give(part(1, name="Bea")) == [(Verdict.UNCHANGED, Reason.NO_LIST)]
    assert lane.give(part(2, region="east")) == [(Verdict.UNCHANGED, Reason.NO_LIST)]
    assert lane.give(part(3, region="south")) == [UNKNOWN]


def with_rule(column: str | None = None, **values: dict[str, str]) -> Policy:
    """Return the policy with a rule on `status`, and `region` mapped to a column or none."""
    policy = a_policy()
    mapped = {**policy.lists[ALL].mapped[SOURCE], **({column: "region"} if column else {})}
    lists = {key: replace(each, mapped={SOURCE: mapped}) for key, each in policy.lists.items()}
    source = replace(
        policy.sources[SOURCE], quarantine=condition({"status": ["bad"]}), values=values
    )
    return replace(policy, lists=lists, sources={SOURCE: source})


def test_what_the_rules_look_at_stays_where_it_is_not_named() -> None:
    """The lead stays on its list and stays disqualified by the state, until a field says else."""
    lane = OneLane(with_rule())
    lane.give(whole(0, region="south"))
    assert lane.again().give(part(1, name="Bea")) == [APPLIED]
    assert lane.contact("L1", SOUTH).data["Name"] == "Bea"
    assert lane.contact("L1", SOUTH).callable
    lane = lane.again()
    assert lane.give(bad(2)) == [APPLIED]
    assert not lane.contact("L1").callable
    lane = lane.again()
    assert lane.give(part(3, name="Cid")) == [APPLIED]
    assert not lane.contact("L1").callable
    assert lane.contact("L1").data["Name"] == "Cid"
    assert lane.give(part(4, region="north")) == [SAME], "it leaves a list where it rests"
    assert lane.again().give(part(5, status="ok")) == [APPLIED]
    assert lane.contact("L1").callable
    assert not lane.contact("L1", SOUTH).callable


@pytest.mark.parametrize(
    ("values", "stays"),
    [
        ({}, True),
        ({"south": "S"}, True),
        ({"S": "south"}, False),
        ({"south": "S", "far south": "S"}, False),
    ],
)
def test_a_rule_reads_a_mapped_column(*, values: dict[str, str], stays: bool) -> None:
    """What is not named is taken from the contact, translated back where that is no guess."""
    lane = OneLane(with_rule("Notes", Notes=values))
    cell = values.get("south", "south")
    lane.hold("theirs", Name="Old", Mobile="+1777", Notes=cell)
    assert lane.give(part(1, name="Bea")) == [APPLIED]
    on_south = (SOUTH, ContactId("L1")) in lane.platform.contacts
    assert on_south is stays
    if stays:
        assert lane.contact("L1", SOUTH).data == {
            "CRM_Lead_ID": "L1",
            "Name": "Bea",
            "Mobile": "+1777",
            "Notes": cell,
        }


def test_a_list_that_is_newly_matched_is_filled_from_another() -> None:
    """Column by source field, and so is the contact on a list that the lead comes back to."""
    lane = OneLane()
    lane.give(whole(0, region="south"))
    lane = lane.again()
    lane.give(part(1, region="north"))
    lane.give(part(2, name="Bea"))
    assert not lane.contact("L1", SOUTH).callable
    lane.give(whole(3, name="Cid"))
    assert lane.contact("L1", SOUTH).data["Name"] == "Bea", "a whole row leaves it alone"
    lane = lane.again()
    assert lane.give(part(4, region="south")) == [APPLIED]
    assert lane.contact("L1", SOUTH).data["Name"] == "Cid"
    assert lane.contact("L1", SOUTH).callable


@pytest.mark.parametrize("waiting", [True, False])
def test_only_a_whole_row_ends_a_deletes_quarantine(*, waiting: bool) -> None:
    """A partial change behind a delete is written and opens nothing."""
    lane = OneLane()
    lane.give(whole(0))
    if waiting:
        assert lane.give(a_delete(1), part(2, name="Bea")) == [APPLIED, APPLIED]
    else:
        lane.give(a_delete(1))
        assert lane.again().give(part(2, name="Bea")) == [APPLIED]
    assert not lane.contact("L1").callable
    assert lane.contact("L1").data["Name"] == "Bea"
    lane = lane.again()
    assert lane.give(whole(3)) == [APPLIED]
    assert lane.contact("L1").callable


def test_a_removed_lead_is_unknown() -> None:
    """Where a delete removed the contact there is nothing to merge with."""
    policy = a_policy()
    lists = {key: replace(each, delete=Removal.REMOVE) for key, each in policy.lists.items()}
    lane = OneLane(replace(policy, lists=lists))
    lane.give(whole(0), a_delete(1))
    assert lane.give(part(2, name="Bea")) == [UNKNOWN]
    assert not lane.platform.contacts


def test_a_field_that_takes_the_last_number_quarantines() -> None:
    """Whether a number is left is read from the contact; another number ends it."""
    lane = OneLane()
    lane.give(whole(0))
    lane = lane.again()
    assert lane.give(part(1, mobile="")) == [APPLIED]
    assert not lane.contact("L1").callable
    lane = lane.again()
    assert lane.give(part(2, name="Bea")) == [APPLIED]
    assert not lane.contact("L1").callable
    assert lane.give(part(3, mobile="+1551")) == [APPLIED]
    assert lane.contact("L1").callable


def test_a_refused_value_takes_none_of_its_mates_along() -> None:
    """A union that the platform refuses is taken apart: each is refused for its own value."""
    lane = OneLane()
    lane.platform.poison = {"poison"}
    lane.give(whole(0))
    lane = lane.again()
    ended = lane.give(part(1, name="poison"), part(2, mobile="+1551"), part(3, mobile="+1552"))
    refused = (Verdict.REJECTED, Reason.REFUSED_BY_PLATFORM)
    assert ended == [refused, APPLIED, APPLIED]
    assert lane.contact("L1").data["Mobile"] == "+1552"


def test_a_whole_row_without_a_field_keeps_the_platforms_value() -> None:
    """Unavailable in the source (a large text of Debezium): kept; empty where the lead is new."""
    lane = OneLane()
    lacking = Row({"mobile": "+1550", "region": "north"})
    assert lane.give(an_upsert(0, lacking)) == [APPLIED]
    assert lane.contact("L1").data["Name"] == ""
    assert lane.give(whole(1)) == [APPLIED]
    lane = lane.again()
    assert lane.give(an_upsert(2, Row({"mobile": "+1551", "region": "south"}))) == [APPLIED]
    assert lane.contact("L1").data["Name"] == "Ann"
    assert lane.contact("L1", SOUTH).data["Name"] == "Ann", "a new list is filled from the other"
    lane = lane.again()
    assert lane.give(whole(3, mobile="+1551", region="south")) == [SAME]


def test_an_opt_out_without_numbers_finds_them() -> None:
    """On the contacts of every list, and in rows that wait before it."""
    lane = OneLane()
    lane.give(whole(0, region="south"))
    lane.hold("theirs", Name="Old", Mobile="+1777")
    lane = lane.again()
    ended = lane.give(part(1, mobile="+1551"), silent_opt_out(2), part(3, mobile="+1552"))
    suppressed = (Verdict.SUPPRESSED, Reason.OPTED_OUT)
    assert sorted(ended) == sorted([suppressed, APPLIED, suppressed])
    assert lane.platform.blocked == {"+1550", "+1551", "+1552", "+1777"}
    assert not any(contact.callable for contact in lane.platform.contacts.values())


def test_an_opt_out_of_a_lead_that_nobody_knows_is_remembered() -> None:
    """What the lead gains later is blocked: by a partial row, by a whole one, by a loader."""
    lane = OneLane()
    assert lane.give(silent_opt_out(1)) == [(Verdict.APPLIED, Reason.NO_NUMBER)]
    lane = lane.again()
    lane.give(part(2, mobile="+1551"))
    lane.give(whole(3, mobile="+1552"))
    lane.hold("theirs", Mobile="+1553")
    lane = lane.again()
    lane.now += 60
    lane.give(part(4, name="Bea"))
    assert lane.platform.blocked == {"+1551", "+1552", "+1553"}
    assert not lane.contact("theirs").callable
    assert {type(each) for each in lane.sent} >= {QuarantineContact}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"name": "Bea"}, Reason.OPTED_OUT),
        ({"dnc": "false"}, Reason.RECONSENT_NEEDS_REVIEW),
        ({"dnc": ""}, Reason.OPTED_OUT),
    ],
)
def test_only_a_named_flag_speaks_of_consent(fields: dict[str, str], reason: Reason) -> None:
    """An update that does not name the flag, or gives it no value, says nothing about it."""
    policy = a_policy()
    source = replace(policy.sources[SOURCE], opt_out=condition({"dnc": [True]}))
    lane = OneLane(replace(policy, sources={SOURCE: source}))
    lane.give(an_opt_out(1, "+1550"))
    change = replace(part(2, **fields), revision=Revision(named="9"))
    assert lane.give(change) == [(Verdict.SUPPRESSED, reason)]


def test_sources_are_not_mixed() -> None:
    """A change of another source, with names of its own, waits until the one before it is done."""
    policy = a_policy()
    both = {SOURCE: {"Name": "name", "Mobile": "mobile"}, "sf": {"Name": "LastName"}}
    lists = {key: replace(each, mapped=both) for key, each in policy.lists.items()}
    sources = {**policy.sources, "sf": replace(policy.sources[SOURCE], phones={})}
    lane = OneLane(replace(policy, lists=lists, sources=sources))
    other = LeadUpsert(
        LEAD,
        an_origin(0, source="sf", topic="sf"),
        NO_REVISION,
        Row({"LastName": "Bea"}, whole=False),
    )
    assert lane.give(whole(1), other) == [APPLIED, APPLIED]
    assert lane.contact("L1").data["Name"] == "Bea"
    assert lane.contact("L1").data["Mobile"] == "+1550"


class _Unreadable(Platform):
    """A platform that refuses for good to show a contact."""

    def serve(self, command: Command) -> Result:
        """Do what *command* asks, unless it reads one contact."""
        if isinstance(command, FetchContact):
            return Rejected(Reason.REFUSED_BY_PLATFORM, "no")
        return super().serve(command)


def test_a_contact_that_cannot_be_read_ends_what_would_be_merged() -> None:
    """What the platform refuses to show is asked for once, and each change ends as refused."""
    lane = OneLane()
    lane.give(whole(0))
    lane.platform = _Unreadable(lane.platform.contacts)
    lane = lane.again()
    refused = (Verdict.REJECTED, Reason.REFUSED_BY_PLATFORM)
    assert lane.give(part(1, name="Bea"), part(2, mobile="+1551")) == [refused, refused]
    assert lane.again().give(an_upsert(3, Row({"mobile": "+1551", "region": "south"}))) == [
        refused
    ]
    assert lane.contact("L1").data["Name"] == "Ann"


def test_what_was_refused_is_nothing_to_join() -> None:
    """A partial change behind a whole row that the platform refuses has no contact to be of."""
    lane = OneLane()
    lane.platform.poison = {"poison"}
    refused = (Verdict.REJECTED, Reason.REFUSED_BY_PLATFORM)
    assert lane.give(whole(0, name="poison"), part(1, mobile="+1551")) == [refused, UNKNOWN]
    assert not lane.platform.contacts


def test_the_state_knows_where_a_lead_without_a_contact_belongs() -> None:
    """It was disqualified before it had one: an update of it is of an unknown lead, not of none."""
    policy = with_rule()
    policy = replace(policy, lists={SOUTH: replace(policy.lists[SOUTH], adopt=False)})
    lane = OneLane(policy)
    row = whole(0, region="south", status="bad").row
    disqualified = LeadQuarantine(LEAD, an_origin(0), NO_REVISION, row)
    assert lane.give(disqualified) == [(Verdict.UNCHANGED, Reason.NO_CONTACT)]
    lane = lane.again()
    assert lane.give(part(1, name="Bea")) == [UNKNOWN]
    assert lane.give(bad(2)) == [UNKNOWN]
