"""The decision table of design.md section 4, cell by cell, through a lane."""

from dataclasses import replace

import pytest

from connector.domain.belief import QuarantinedBy
from connector.domain.change import Flaw, LeadChange, OptOutLift, Row
from connector.domain.command import (
    BlockNumber,
    FetchContact,
    FindContacts,
    QuarantineContact,
    UpsertContact,
)
from connector.domain.ids import LeadId
from connector.domain.reason import Reason, Stage, Verdict
from connector.domain.revision import NO_REVISION, Revision
from connector.planning.policy import Policy, Release, Removal
from tests.support.lane_world import ALL, SOUTH, a_policy
from tests.support.lead_changes import (
    LEAD,
    a_delete,
    a_quarantine,
    a_row,
    an_opt_out,
    an_origin,
    an_upsert,
)
from tests.support.one_lane import OneLane

APPLIED = (Verdict.APPLIED, None)
SAME = (Verdict.UNCHANGED, Reason.SAME_ROW)
DUPLICATE = (Verdict.DUPLICATE, None)
OPTED_OUT = (Verdict.SUPPRESSED, Reason.OPTED_OUT)


def _known() -> OneLane:
    """Return a lane of a lead that was inserted before, at offset 0."""
    lane = OneLane()
    assert lane.give(an_upsert(0)) == [APPLIED]
    return lane


def _opted_out() -> OneLane:
    """Return a lane of a lead that opted out at offset 1, after an insert at 0."""
    lane = _known()
    assert lane.give(an_opt_out(1, "+1550")) == [APPLIED]
    return lane


NO_PHONE = a_row(mobile="")
NOWHERE = replace(a_policy(), lists={SOUTH: a_policy().lists[SOUTH]})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (an_upsert(5), APPLIED),
        (a_quarantine(5), (Verdict.UNCHANGED, Reason.NO_CONTACT)),
        (an_upsert(5, NO_PHONE), (Verdict.UNCHANGED, Reason.NO_PHONE)),
        (a_delete(5), (Verdict.UNCHANGED, Reason.NO_CONTACT)),
        (an_opt_out(5, "+1550"), APPLIED),
        (an_opt_out(5), (Verdict.APPLIED, Reason.NO_NUMBER)),
        (
            OptOutLift(LEAD, an_origin(5), NO_REVISION, 1),
            (Verdict.APPLIED, Reason.LIFTED),
        ),
    ],
    ids=lambda case: type(case).__name__,
)
def test_a_lead_that_nobody_knows(
    change: LeadChange, expected: tuple[Verdict, Reason | None]
) -> None:
    """The column *no contact known*."""
    assert OneLane().give(change) == [expected]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (an_upsert(5), SAME),
        (an_upsert(5, a_row(name="Bea")), APPLIED),
        (a_quarantine(5), APPLIED),
        (an_upsert(5, NO_PHONE), APPLIED),
        (a_delete(5), APPLIED),
        (a_delete(5, tombstone=True), APPLIED),
        (an_opt_out(5, "+1550"), APPLIED),
        (an_upsert(0), DUPLICATE),
        (a_delete(0), DUPLICATE),
    ],
    ids=lambda case: type(case).__name__,
)
def test_a_lead_with_a_contact(
    change: LeadChange, expected: tuple[Verdict, Reason | None]
) -> None:
    """The columns *known*: something to do, nothing to do, repeat."""
    assert _known().give(change) == [expected]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            an_upsert(5, revision=Revision(named="9")),
            (Verdict.SUPPRESSED, Reason.RECONSENT_NEEDS_REVIEW),
        ),
        (an_upsert(5, revision=Revision(snapshot=True)), OPTED_OUT),
        (an_upsert(5, Row(a_row().fields, whole=False)), (Verdict.SUPPRESSED, Reason.OPTED_OUT)),
        (a_quarantine(5), OPTED_OUT),
        (a_delete(5), (Verdict.UNCHANGED, Reason.OPTED_OUT)),
        (an_opt_out(5, "+1550"), (Verdict.UNCHANGED, Reason.OPTED_OUT)),
        (an_opt_out(5, "+1551"), APPLIED),
        (an_opt_out(1, "+1550"), DUPLICATE),
    ],
    ids=lambda case: type(case).__name__,
)
def test_a_lead_that_opted_out(
    change: LeadChange, expected: tuple[Verdict, Reason | None]
) -> None:
    """The column *opted out*, which wins; a repeat stays a repeat."""
    lane = _opted_out()
    assert lane.give(change) == [expected]
    assert not lane.contact("L1").callable


def test_an_opt_out_blocks_every_number_and_quarantines() -> None:
    """Numbers of the record and of the contact as found are blocked; the read-back follows."""
    lane = OneLane()
    lane.hold("foreign", Name="Old", Mobile="+1777")
    assert lane.give(an_opt_out(1, "+1550")) == [APPLIED]
    assert lane.platform.blocked == {"+1550", "+1777"}
    assert not lane.contact("foreign").callable
    assert lane.contact("foreign").data["Name"] == "Old"
    kinds = [type(command) for command in lane.sent]
    assert kinds.index(QuarantineContact) < len(kinds) - 1
    assert FetchContact in kinds[kinds.index(QuarantineContact) + 1 :]


def test_a_number_that_the_lead_gains_later_is_blocked_too() -> None:
    """A suppressed row's new number goes to the DNC list, and its outcome names the opt-out."""
    lane = _opted_out()
    assert lane.give(a_quarantine(5, a_row(mobile="+1559"))) == [OPTED_OUT]
    assert "+1559" in lane.platform.blocked
    assert lane.done[-1].opt_out == "crm/0/1"
    assert lane.done[-1].pending.effects


def test_an_opt_out_never_trusts_unknown() -> None:
    """The chosen id is read though state and look-up know nothing: a killed insert is there."""
    lane = OneLane(policy=a_policy(adopt=False))
    lane.hold("L1", Mobile="+1550")
    assert lane.give(an_opt_out(1, "+1550")) == [APPLIED]
    assert not lane.contact("L1").callable


def test_an_opt_out_that_comes_late_is_honoured() -> None:
    """One that the lead's marks call older is `late_opt_out`, and blocks."""
    lane = OneLane()
    lane.give(an_upsert(3, revision=Revision(named="2026-02-01")))
    late = an_opt_out(4, "+1550", revision=Revision(named="2026-01-01"))
    assert lane.give(late) == [(Verdict.APPLIED, Reason.LATE_OPT_OUT)]
    assert lane.platform.blocked == {"+1550"}


def test_a_flawed_opt_out_is_honoured_and_rejected() -> None:
    """A bad field beside the flag: all is done for the person, the outcome is `rejected`."""
    flawed = replace(an_opt_out(1, "+1550"), flaw=Flaw(Reason.VALUE_TOO_LONG, Stage.VALIDATE))
    lane = OneLane()
    assert lane.give(flawed) == [(Verdict.REJECTED, Reason.VALUE_TOO_LONG)]
    assert lane.platform.blocked == {"+1550"}
    assert lane.lane.explained.opt_out is not None


def test_an_opt_out_survives_deletion_and_a_new_life() -> None:
    """After a delete and a re-creation the lead is still opted out."""
    lane = _opted_out()
    assert lane.give(a_delete(2)) == [(Verdict.UNCHANGED, Reason.OPTED_OUT)]
    assert lane.again().give(a_quarantine(3)) == [OPTED_OUT]
    assert not lane.contact("L1").callable


def test_waiting_changes_coalesce_to_one_write() -> None:
    """The newest row is written; what it replaced is `stale/superseded`."""
    lane = OneLane()
    told = lane.give(*(an_upsert(at, a_row(name=f"N{at}")) for at in range(4)))
    assert told == [(Verdict.STALE, Reason.SUPERSEDED)] * 3 + [APPLIED]
    assert sum(isinstance(command, UpsertContact) for command in lane.sent) == 1
    assert lane.contact("L1").data["Name"] == "N3"


def test_a_tombstone_never_coalesces_with_the_delete_before_it() -> None:
    """The delete is applied; its tombstone is no lead change."""
    lane = _known()
    told = lane.give(a_delete(1), a_delete(2, tombstone=True))
    assert told == [APPLIED, (Verdict.UNCHANGED, Reason.NOT_A_LEAD_CHANGE)]


def test_an_older_revision_is_stale_and_raises_the_mark() -> None:
    """A lower named revision does nothing, and coming again is a repeat."""
    lane = OneLane()
    lane.give(an_upsert(0, revision=Revision(named="7")))
    older = an_upsert(1, a_row(name="Old"), Revision(named="6"))
    assert lane.give(older) == [(Verdict.STALE, Reason.OLDER)]
    assert lane.again().give(older) == [DUPLICATE]
    assert lane.contact("L1").data["Name"] == "Ann"


def test_a_contact_that_another_loaded_is_adopted_with_its_columns() -> None:
    """The foreign id is written, unnamed columns and the platform's `callable` are kept."""
    lane = OneLane()
    lane.hold("foreign", usable=False, Name="Old", Notes="keep")
    assert lane.give(an_upsert(0)) == [APPLIED]
    found = lane.contact("foreign")
    assert (found.data["Name"], found.data["Notes"], found.callable) == ("Ann", "keep", False)
    assert len(lane.platform.contacts) == 1


def test_two_contacts_of_one_lead_are_kept_in_step() -> None:
    """Both get the row."""
    lane = OneLane()
    lane.hold("one", Name="Old")
    lane.hold("two", Name="Older")
    assert lane.give(an_upsert(0)) == [APPLIED]
    assert {contact.data["Name"] for contact in lane.platform.contacts.values()} == {"Ann"}


def test_a_foreign_contact_that_equals_the_row_costs_no_write() -> None:
    """Equality counts under a foreign id, and is remembered."""
    lane = OneLane()
    lane.hold("foreign", Name="Ann", Mobile="+1550")
    assert lane.give(an_upsert(0)) == [SAME]
    assert lane.again().give(an_upsert(1)) == [SAME]
    assert not any(isinstance(command, UpsertContact) for command in lane.sent)


def test_our_own_contact_that_the_state_does_not_know_is_written_again() -> None:
    """It is a predecessor's unsettled write: `applied`, not `unchanged`."""
    lane = OneLane()
    lane.hold("L1", Name="Ann", Mobile="+1550")
    assert lane.give(an_upsert(0)) == [APPLIED]


def test_no_list_matches() -> None:
    """Unknown and on no list: `no_list`; known and leaving: by `leave`."""
    assert OneLane(policy=NOWHERE).give(an_upsert(0)) == [(Verdict.UNCHANGED, Reason.NO_LIST)]
    lane = OneLane(policy=NOWHERE)
    assert lane.give(an_upsert(0, a_row(region="south"))) == [APPLIED]
    assert lane.give(an_upsert(1)) == [APPLIED]
    assert not lane.contact("L1", SOUTH).callable
    assert lane.give(an_upsert(2)) == [(Verdict.UNCHANGED, Reason.NO_LIST)]


def test_a_lead_comes_back_to_a_list() -> None:
    """Our own quarantine ends, untouched by calls."""
    lane = OneLane()
    for at, region in enumerate(("south", "north", "south")):
        assert lane.give(an_upsert(at, a_row(region=region))) == [APPLIED]
    assert lane.contact("L1", SOUTH).callable


def test_a_call_behind_our_quarantine_keeps_it() -> None:
    """An attempt within 24 h before it, or later: the contact stays, `kept_quarantined`."""
    lane = _known()
    lane.give(a_quarantine(1))
    place = (ALL, lane.contact("L1").id)
    attempt = round(lane.now * 1000)
    lane.platform.contacts[place] = replace(lane.contact("L1"), last_attempt=attempt)
    kept = (Verdict.APPLIED, Reason.KEPT_QUARANTINED)
    assert lane.give(an_upsert(2, a_row(name="Back"))) == [kept]
    assert not lane.contact("L1").callable
    (believed,) = lane.lane.explained.lists[ALL].contacts
    assert believed.by is QuarantinedBy.KEPT


@pytest.mark.parametrize(("release", "usable"), [(Release.AUTO, True), (Release.NEVER, False)])
def test_the_setting_release_decides(*, release: Release, usable: bool) -> None:
    """`auto` opens whatever happened, `never` nothing."""
    lane = OneLane(policy=_with_list(release=release))
    for change in (an_upsert(0), a_quarantine(1), an_upsert(2, a_row(name="Back"))):
        lane.give(change)
    assert lane.contact("L1").callable is usable


def test_delete_may_remove() -> None:
    """With `delete = "remove"` the contact goes; a second delete finds none."""
    lane = OneLane(policy=_with_list(delete=Removal.REMOVE))
    lane.give(an_upsert(0))
    assert lane.give(a_delete(1)) == [APPLIED]
    assert not lane.platform.contacts
    assert lane.give(a_delete(2)) == [(Verdict.UNCHANGED, Reason.NO_CONTACT)]


def test_a_row_that_the_platform_refuses_gives_way_to_the_one_before() -> None:
    """The bad change is rejected, the covered good one is written; no mark is raised for the bad."""
    lane = OneLane()
    lane.platform.poison = {"Bad"}
    told = lane.give(an_upsert(0), an_upsert(1, a_row(name="Bad")))
    assert told == [APPLIED, (Verdict.REJECTED, Reason.REFUSED_BY_PLATFORM)]
    assert lane.contact("L1").data["Name"] == "Ann"
    (mark,) = lane.lane.explained.marks
    assert mark.offset == 0


def test_a_dropped_number_is_told() -> None:
    """A bad cell beside a good one: applied, `phone_dropped`."""
    row = replace(a_row(), dropped=True)
    assert OneLane().give(an_upsert(0, row)) == [(Verdict.APPLIED, Reason.PHONE_DROPPED)]


def test_a_changed_key_quarantines_and_is_remembered() -> None:
    """The old id's contacts go, whatever `delete` says; the new id is kept."""
    lane = OneLane(policy=_with_list(delete=Removal.REMOVE))
    lane.give(an_upsert(0))
    assert lane.give(a_delete(1, moved_to="L2")) == [APPLIED]
    assert not lane.contact("L1").callable
    assert lane.lane.explained.moved_to == "L2"


@pytest.mark.parametrize("opt_out_first", [True, False])
def test_an_opt_out_follows_a_changed_key(*, opt_out_first: bool) -> None:
    """Opted out then or later: an opt-out of the new id is produced before the outcome."""
    lane = _known()
    opt_out, delete = (
        an_opt_out(1 if opt_out_first else 2, "+1550"),
        a_delete(2 if opt_out_first else 1, moved_to="L2"),
    )
    lane.give(*((opt_out, delete) if opt_out_first else (delete,)))
    if not opt_out_first:
        lane.give(opt_out)
    (follower,) = lane.done[-1].follows
    assert follower.lead == LeadId("L2")
    assert follower.origin.outcome_id == f"crm/0/{2}/2"


def test_the_opt_outs_of_a_lead_keep_their_order() -> None:
    """Two opt-outs that wait together both count, the first as `applied`."""
    lane = _known()
    told = lane.give(an_opt_out(1, "+1550"), an_opt_out(2, "+1551"), an_upsert(3))
    assert told[0] == APPLIED
    assert told[1] == APPLIED
    assert told[2][0] is Verdict.SUPPRESSED
    assert lane.platform.blocked == {"+1550", "+1551"}


def test_of_two_equal_opt_outs_the_first_counts() -> None:
    """Waiting together, the first is `applied` and names the row; the second finds it done."""
    lane = _known()
    told = lane.give(an_opt_out(1, "+1550"), an_opt_out(2, "+1550"))
    assert told == [APPLIED, (Verdict.UNCHANGED, Reason.OPTED_OUT)]
    assert [done.pending.change.origin.offset for done in lane.done if done.verdict] == [0, 1, 2]
    opt_out = lane.lane.explained.opt_out
    assert opt_out is not None
    assert opt_out.by == "crm/0/1"


def test_a_look_up_is_made_once() -> None:
    """A lead created by us is never looked up again."""
    lane = _known()
    lane.give(an_upsert(1, a_row(name="Bea")))
    finds = [command for command in lane.sent if isinstance(command, FindContacts)]
    assert len(finds) == 1


def test_a_number_is_blocked_once() -> None:
    """What the state knows on the DNC list is not sent again."""
    lane = _opted_out()
    lane.again().give(an_opt_out(5, "+1550"))
    blocks = [command for command in lane.sent if isinstance(command, BlockNumber)]
    assert len(blocks) == 1


@pytest.mark.parametrize("requeue", [True, False])
def test_only_the_end_of_our_own_quarantine_queues_a_contact_again(*, requeue: bool) -> None:
    """Where the setting asks for it; a mere update never does, nor the row behind the end."""
    policy = a_policy()
    lane = OneLane(
        policy=replace(policy, lists={ALL: replace(policy.lists[ALL], requeue=requeue)})
    )
    lane.give(an_upsert(1))
    lane.give(an_upsert(2, a_row(name="Bea")))
    lane.give(a_quarantine(3))
    lane.give(an_upsert(4))
    lane.give(an_upsert(5, a_row(name="Bea")))
    rows = [each.requeue for each in lane.sent if isinstance(each, UpsertContact)]
    assert rows == [False, False, requeue, False]
    assert lane.contact(LEAD).callable


def _with_list(**changes: Release | Removal) -> Policy:
    policy = a_policy()
    each = policy.lists[ALL]
    release = changes.get("release", each.release)
    delete = changes.get("delete", each.delete)
    assert isinstance(release, Release)
    assert isinstance(delete, Removal)
    return replace(policy, lists={ALL: replace(each, release=release, delete=delete)})
