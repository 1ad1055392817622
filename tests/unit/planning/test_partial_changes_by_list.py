"""Partial changes list by list: beside a list that is parked, and on lists that the lead left."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from connector.domain.change import LeadQuarantine, LeadUpsert
from connector.domain.command import Command, FetchContact, QuarantineContact, UpsertContact
from connector.domain.contact import Contact
from connector.domain.ids import ContactId, ListId
from connector.domain.reason import Reason, Verdict
from connector.domain.result import Rejected, Result
from connector.domain.revision import NO_REVISION
from connector.planning.policy import Policy, Removal
from tests.support.lane_world import ALL, SOURCE, SOUTH, Platform, a_policy
from tests.support.lead_changes import LEAD, a_delete, an_origin
from tests.support.one_lane import OneLane
from tests.unit.planning.test_partial_changes import (
    APPLIED,
    SAME,
    UNKNOWN,
    bad,
    part,
    whole,
    with_rule,
)

NO_LIST = (Verdict.UNCHANGED, Reason.NO_LIST)


def _on_both(policy: Policy, parked: ListId) -> OneLane:
    """Return the lane of a lead on both lists, of which one is parked now."""
    lane = OneLane(policy)
    lane.give(whole(0, region="south"))
    lane = lane.again()
    lane.parked = parked
    return lane


def _writes(lane: OneLane) -> list[UpsertContact | QuarantineContact]:
    return [each for each in lane.sent if isinstance(each, UpsertContact | QuarantineContact)]


def _mapped(columns: Mapping[ListId, Mapping[str, str]]) -> Policy:
    """Return the policy with the rule on `status`, and further columns mapped, list by list."""
    policy = with_rule()
    lists = {
        key: replace(each, mapped={SOURCE: {**each.mapped[SOURCE], **columns.get(key, {})}})
        for key, each in policy.lists.items()
    }
    return replace(policy, lists=lists)


@pytest.mark.parametrize(("parked", "open_"), [(SOUTH, ALL), (ALL, SOUTH)])
@pytest.mark.parametrize("column", [None, "Notes"])
def test_a_parked_list_holds_nothing_up_elsewhere(
    parked: ListId, open_: ListId, column: str | None
) -> None:
    """By its own cells and the state a list goes on; the outcome waits for all of them."""
    lane = _on_both(with_rule(column), parked)
    assert lane.give(part(1, mobile="+1551")) == []
    assert lane.contact("L1", open_).data["Mobile"] == "+1551"
    assert lane.contact("L1", open_).callable
    assert lane.give(bad(2)) == []
    assert not lane.contact("L1", open_).callable
    assert lane.contact("L1", parked).callable
    lane.parked = None
    assert lane.give(part(3, name="Bea"))[-1] == APPLIED
    for each in (ALL, SOUTH):
        assert lane.contact("L1", each).data["Mobile"] == "+1551"
        assert lane.contact("L1", each).data["Name"] == "Bea"
        assert not lane.contact("L1", each).callable


def test_who_leaves_a_list_leaves_it_beside_a_parked_one() -> None:
    """The rule's field is named: no other list is asked."""
    lane = _on_both(with_rule(), ALL)
    assert lane.give(part(1, region="north")) == []
    assert not lane.contact("L1", SOUTH).callable


def test_a_new_list_is_filled_when_the_parked_one_can_be_read() -> None:
    """What is not named there is on the parked list alone."""
    lane = OneLane()
    lane.give(whole(0))
    lane = lane.again()
    lane.parked = ALL
    assert lane.give(part(1, region="south")) == []
    assert (SOUTH, ContactId("L1")) not in lane.platform.contacts
    lane.parked = None
    lane.give()
    assert lane.contact("L1", SOUTH).data["Name"] == "Ann"


@pytest.mark.parametrize("field", ["region", "status"])
def test_a_rule_waits_for_the_contact_that_alone_can_tell(field: str) -> None:
    """A column of the parked list says whether the lead may be called on the other."""
    lane = _on_both(_mapped({ALL: {"Notes": field}}), ALL)
    assert lane.give(part(1, name="Bea")) == []
    assert lane.contact("L1", SOUTH).data["Name"] == "Ann"
    assert lane.give(bad(2)) == []
    assert not lane.contact("L1", SOUTH).callable, "named: that waits for nobody"
    assert lane.contact("L1", SOUTH).data["Name"] == "Bea"
    lane.parked = None
    lane.give()
    assert not lane.contact("L1").callable


def test_a_list_waits_for_the_only_number() -> None:
    """Whether a lead has a number left is on the parked list, where no other maps one."""
    policy = with_rule()
    lists = {
        **policy.lists,
        SOUTH: replace(policy.lists[SOUTH], mapped={SOURCE: {"Name": "name"}}),
    }
    lane = _on_both(replace(policy, lists=lists), ALL)
    assert lane.give(part(1, name="Bea")) == []
    assert lane.contact("L1", SOUTH).data["Name"] == "Ann"
    assert lane.give(part(2, mobile="+1551")) == []
    assert lane.contact("L1", SOUTH).data["Name"] == "Bea"


class _HidesSouth(Platform):
    """A platform that refuses for good to show a contact of one list."""

    def serve(self, command: Command) -> Result:
        """Do what *command* asks, unless it reads a contact of `south`."""
        if isinstance(command, FetchContact) and command.list_id == SOUTH:
            return Rejected(Reason.REFUSED_BY_PLATFORM, "no")
        return super().serve(command)


def test_a_list_that_hides_its_contact_holds_nothing_up() -> None:
    """The other list is closed all the same, and the change ends as refused."""
    lane = _on_both(with_rule(), ALL)
    lane.platform = _HidesSouth(lane.platform.contacts)
    assert lane.give(bad(1)) == []
    lane.parked = None
    assert lane.give() == [(Verdict.REJECTED, Reason.REFUSED_BY_PLATFORM)]
    assert not lane.contact("L1").callable
    assert lane.contact("L1", SOUTH).callable
    hidden = [each for each in lane.sent if each == FetchContact(LEAD, SOUTH, ContactId("L1"))]
    assert len(hidden) == 1


def _only_south(policy: Policy, leave: Removal = Removal.QUARANTINE) -> OneLane:
    lists = {SOUTH: replace(policy.lists[SOUTH], leave=leave)}
    return OneLane(replace(policy, lists=lists))


def test_the_contact_of_a_list_that_was_left_is_kept_in_step() -> None:
    """Uncallable as it is, by one write for what alters it; so the return is of true cells."""
    lane = _only_south(a_policy())
    lane.give(whole(0, region="south"))
    lane = lane.again()
    assert lane.give(part(1, region="north", name="Bea")) == [APPLIED]
    assert [type(each) for each in _writes(lane)] == [QuarantineContact]
    lane = lane.again()
    assert lane.give(part(2, mobile="+1777")) == [APPLIED]
    assert [type(each) for each in _writes(lane)] == [QuarantineContact]
    assert not lane.contact("L1", SOUTH).callable
    lane = lane.again()
    assert lane.give(part(3, mobile="+1777"), part(4, status="ok"))[-1] == NO_LIST
    assert not _writes(lane)
    lane = lane.again()
    assert lane.give(part(5, region="south")) == [APPLIED]
    assert lane.contact("L1", SOUTH) == Contact(
        ContactId("L1"),
        SOUTH,
        {"CRM_Lead_ID": "L1", "Name": "Bea", "Mobile": "+1777", "Notes": ""},
        callable=True,
    )


def test_beside_a_list_where_it_stays_the_left_contact_is_kept_too() -> None:
    """One write on each; what alters neither costs none and is of the same row."""
    lane = OneLane()
    lane.give(whole(0, region="south"))
    lane.give(part(1, region="north"))
    lane = lane.again()
    assert lane.give(part(2, name="Bea")) == [APPLIED]
    assert [type(each) for each in _writes(lane)] == [UpsertContact, QuarantineContact]
    lane = lane.again()
    assert lane.give(part(3, name="Bea")) == [SAME]
    assert not _writes(lane)


def test_a_whole_row_that_a_partial_one_joins_is_kept_in_step() -> None:
    """The newest is partial, and so may be the one that brings the lead back."""
    lane = _only_south(a_policy())
    lane.give(whole(0, region="south"))
    lane = lane.again()
    lane.give(whole(1, region="south", name="Bea", mobile="+1777"), part(2, region="north"))
    lane = lane.again()
    assert lane.give(part(3, region="south")) == [APPLIED]
    assert lane.contact("L1", SOUTH).data["Mobile"] == "+1777"


def test_another_loaders_contact_that_agrees_is_not_written() -> None:
    """What is named is there already: remembered, as on any list."""
    lane = OneLane(with_rule())
    lane.give(whole(0))
    data = {"CRM_Lead_ID": "L1", "Name": "Bea", "Mobile": "+1550", "Notes": ""}
    place = (SOUTH, ContactId("theirs"))
    lane.platform.contacts[place] = Contact(place[1], SOUTH, data, callable=True)
    lane.give(a_delete(1))
    lane.give(whole(2))
    assert not lane.contact("theirs", SOUTH).callable
    lane = lane.again()
    assert lane.give(part(3, name="Bea")) == [APPLIED]
    assert [each.list_id for each in _writes(lane)] == [ALL]
    lane = lane.again()
    assert lane.give(part(4, name="Cid")) == [APPLIED]
    assert [each.list_id for each in _writes(lane)] == [ALL, SOUTH]


def test_a_contact_that_was_removed_is_none_to_keep() -> None:
    """The lead that comes back is unknown."""
    lane = _only_south(a_policy(), Removal.REMOVE)
    lane.give(whole(0, region="south"))
    assert lane.give(part(1, region="north")) == [APPLIED]
    assert lane.give(part(2, mobile="+1777")) == [NO_LIST]
    assert lane.give(part(3, region="south")) == [UNKNOWN]
    assert not lane.platform.contacts


@pytest.mark.parametrize("change", [part(2, name="Bea"), part(2, status="ok")])
def test_a_list_that_was_left_has_no_say_in_rules(change: LeadUpsert) -> None:
    """A whole row leaves its cells as they were: they would bring the lead back."""
    lane = _only_south(with_rule("Notes"))
    lane.give(whole(0, region="south"))
    lane.give(whole(1, region="north"))
    lane = lane.again()
    lane.give(change)
    assert not lane.contact("L1", SOUTH).callable


def test_a_cell_that_disqualifies_keeps_the_lead_disqualified() -> None:
    """A mapped column says what the change does not name: it opens nothing."""
    lane = OneLane(_mapped({ALL: {"Notes": "status"}, SOUTH: {"Notes": "status"}}))
    row = whole(1, status="bad").row
    lane.give(whole(0))
    lane.give(LeadQuarantine(LEAD, an_origin(1), NO_REVISION, row))
    lane = lane.again()
    assert lane.give(part(2, name="Bea")) == [APPLIED]
    assert not lane.contact("L1").callable
    assert lane.give(part(3, status="ok")) == [APPLIED]
    assert lane.contact("L1").callable
