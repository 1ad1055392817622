"""What a shut gate defers, how it is settled, and what brings the list up to date."""

import pytest

from connector.domain.belief import NOTHING_KNOWN, ContactBelief, ListBelief
from connector.domain.change import LeadChange, OptOutLift
from connector.domain.command import BlockNumber, FetchContact, UpsertContact
from connector.domain.ids import ContactId, Digest
from connector.domain.reason import Reason, Verdict
from connector.domain.revision import NO_REVISION
from connector.planning.deferral import Deferral, after, deferred_lists
from connector.planning.explained import explained
from connector.planning.gates import Scope, Stop
from tests.support.lane_world import ALL, SOUTH
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
from tests.unit.planning.test_partial_changes import bad, part

PARKED = Scope(SOUTH)
APPLIED = (Verdict.APPLIED, None)
PUT_OFF = (Verdict.UNCHANGED, Reason.LIST_DEFERRED)
IN_PART = (Verdict.APPLIED, Reason.LIST_DEFERRED)
SUPERSEDED = (Verdict.STALE, Reason.SUPERSEDED)
OPTED_OUT = (Verdict.SUPPRESSED, Reason.OPTED_OUT)
REVIEW = (Verdict.SUPPRESSED, Reason.RECONSENT_NEEDS_REVIEW)
ON_BOTH = a_row(region="south")


def _lane(*gates: Scope, known: bool = False) -> OneLane:
    """Return the lane of a lead that belongs on both lists, of which gates defer."""
    lane = OneLane()
    if known:
        assert lane.give(an_upsert(0, ON_BOTH)) == [APPLIED]
        lane = lane.again()
    lane.defer(*gates)
    return lane


def _lacks(lane: OneLane) -> bool:
    return SOUTH in deferred_lists(lane.lane.explained)


@pytest.mark.parametrize(
    ("gate", "known", "change", "expected"),
    [
        (PARKED, False, an_upsert(5, ON_BOTH), IN_PART),
        (PARKED, True, an_upsert(5, a_row(region="south", name="Bea")), IN_PART),
        (PARKED, True, an_upsert(5, ON_BOTH), (Verdict.UNCHANGED, Reason.SAME_ROW)),
        (PARKED, True, a_quarantine(5, ON_BOTH), IN_PART),
        (PARKED, True, a_delete(5), IN_PART),
        (PARKED, False, a_delete(5), (Verdict.UNCHANGED, Reason.LIST_DEFERRED)),
        (PARKED, False, part(5, name="Bea"), PUT_OFF),
        (Scope(SOUTH, Stop.INSERTS), False, an_upsert(5, ON_BOTH), IN_PART),
        (Scope(SOUTH, Stop.WRITES), True, an_upsert(5, a_row(name="B", region="south")), IN_PART),
        (Scope(SOUTH, Stop.UPDATES), False, an_upsert(5, ON_BOTH), APPLIED),
        (Scope(SOUTH, Stop.INSERTS), True, a_quarantine(5, ON_BOTH), APPLIED),
        (Scope(SOUTH, Stop.WRITES), True, a_quarantine(5, ON_BOTH), APPLIED),
        (Scope(SOUTH, Stop.WRITES), True, a_delete(5), IN_PART),
    ],
)
def test_a_gate_that_defers(
    *, gate: Scope, known: bool, change: LeadChange, expected: tuple[Verdict, Reason | None]
) -> None:
    """What another list took is told; a brake lets disqualifications through."""
    lane = _lane(gate, known=known)
    assert lane.give(change) == [expected]
    assert lane.lane.idle
    assert _lacks(lane) == (expected[1] is Reason.LIST_DEFERRED)
    assert lane.give(change) == [(Verdict.DUPLICATE, None)]


def test_a_gate_that_is_shut_and_does_not_defer_yet_is_waited_for() -> None:
    """Nothing is settled before it is durable that it may be."""
    lane = _lane()
    lane.parked = SOUTH
    assert lane.give(an_upsert(5, ON_BOTH)) == []
    assert not lane.lane.idle


def test_the_row_forgets_what_it_believed_of_the_list() -> None:
    """Whatever comes next writes there again, and nothing of it looks done."""
    lane = _lane(PARKED, known=True)
    lane.give(an_upsert(5, a_row(name="Bea", region="south")))
    known = lane.lane.explained.lists[SOUTH]
    forgotten = (ContactBelief(ContactId("L1")),)
    assert known == ListBelief(forgotten, looked=True, routed=True, deferred=True)
    assert lane.lane.explained.lists[ALL].contacts[0].digest is not None


def test_all_that_waits_is_deferred_and_the_newest_tells_it() -> None:
    """Each change has its outcome, as where a list takes the newest of them."""
    lane = _lane(PARKED)
    assert lane.give(an_upsert(5, ON_BOTH), part(6, name="Bea")) == [SUPERSEDED, IN_PART]


def test_an_opt_out_waits_alone() -> None:
    """Numbers and the other list go on, and so do changes behind it; its quarantine there waits,
    and is its own outcome's.
    """
    lane = _lane(PARKED, known=True)
    assert lane.give(an_opt_out(1, "+1550")) == []
    assert any(isinstance(each, BlockNumber) for each in lane.sent)
    assert not lane.contact("L1").callable
    assert lane.give(an_upsert(2, ON_BOTH)) == [REVIEW]
    assert not lane.lane.idle
    lane.defer()
    assert lane.give(an_upsert(3, ON_BOTH)) == [APPLIED, REVIEW]
    assert not lane.contact("L1", SOUTH).callable


def test_a_newer_change_that_the_list_takes_brings_it_up_to_date() -> None:
    """A whole row says all; a catch-up that comes then finds nothing to do."""
    lane = _lane(PARKED)
    lane.give(an_upsert(5, ON_BOTH))
    lane.defer()
    assert lane.give(an_upsert(6, a_row(name="Bea", region="south"))) == [APPLIED]
    assert not _lacks(lane)
    assert lane.catch_up() == []


def test_a_partial_change_leaves_the_rest_to_be_caught_up() -> None:
    """It takes effect at once; what it does not name comes with what was deferred."""
    lane = _lane(PARKED, known=True)
    first, second = an_upsert(5, a_row(name="Bea", region="south")), part(6, mobile="+1551")
    lane.give(first)
    lane.defer()
    assert lane.give(second) == [APPLIED]
    assert lane.contact("L1", SOUTH).data["Mobile"] == "+1551"
    assert _lacks(lane)
    assert lane.catch_up(first, second) == [SUPERSEDED, APPLIED]
    assert lane.contact("L1", SOUTH).data["Name"] == "Bea"
    assert lane.contact("L1", SOUTH).data["Mobile"] == "+1551"
    assert not _lacks(lane)


def test_a_partial_change_of_a_lead_that_only_a_deferred_row_knows_waits_for_it() -> None:
    """It is not called unknown: its row lies in what is still to be brought."""
    lane = _lane(PARKED, Scope(ALL))
    first, second = an_upsert(5, ON_BOTH), part(6, name="Bea")
    assert lane.give(first) == [PUT_OFF]
    lane.defer()
    assert lane.give(second) == [PUT_OFF]
    assert lane.catch_up(first, second) == [SUPERSEDED, APPLIED]
    assert {each.data["Name"] for each in lane.platform.contacts.values()} == {"Bea"}


def test_a_partial_change_waits_for_a_row_that_is_deferred_once_more() -> None:
    """Both are brought, and the gate shuts before the row: it is still to be brought."""
    gates, both = (Scope(ALL, Stop.INSERTS), Scope(SOUTH, Stop.INSERTS)), frozenset({ALL, SOUTH})
    lane = _lane(*gates)
    first, second = an_upsert(5, ON_BOTH), part(6, name="Bea")
    assert lane.give(first, second) == [SUPERSEDED, PUT_OFF]
    assert lane.catch_up(first, only=both) == [PUT_OFF]
    assert lane.catch_up(second, only=both) == [PUT_OFF]
    lane.defer()
    assert lane.catch_up(first, second) == [SUPERSEDED, APPLIED]


def test_a_brake_defers_no_disqualification_of_a_contact_that_a_crash_hid() -> None:
    """The insert is deferred again, for nobody knows that it landed; who is bad is closed."""
    lane = _lane(Scope(ALL, Stop.INSERTS), Scope(SOUTH, Stop.INSERTS))
    assert lane.give(an_upsert(5, ON_BOTH)) == [PUT_OFF]
    lane.hold("L1", Name="Ann", Mobile="+1550")
    assert lane.give(bad(6)) == [APPLIED]
    assert not lane.contact("L1").callable


def test_what_is_caught_up_goes_to_the_lists_that_lack_it_alone() -> None:
    """The marks are not asked, the outcome has its replay, and nothing else is written."""
    lane = _lane(PARKED)
    change = an_upsert(5, ON_BOTH)
    lane.give(change)
    lane.defer()
    lane.sent.clear()
    assert lane.catch_up(change) == [APPLIED]
    assert {each.list_id for each in lane.sent if isinstance(each, UpsertContact)} == {SOUTH}
    assert lane.done[-1].pending.change.origin.outcome_id == "crm/0/5@r"
    assert lane.catch_up(change) == [SUPERSEDED]


def test_what_lies_in_a_row_that_another_list_lacks_is_waited_for() -> None:
    """A partial change of another source is not called unknown because its row is brought later."""
    lane = _lane(Scope(ALL), PARKED)
    change = part(6, name="Bea")
    assert lane.give(an_upsert(5, ON_BOTH), change) == [PUT_OFF, PUT_OFF]
    lane.defer(Scope(ALL))
    assert lane.catch_up(change, only=frozenset({SOUTH})) == [PUT_OFF]
    assert deferred_lists(lane.lane.explained) == {ALL, SOUTH}


def test_who_opted_out_meanwhile_is_not_brought_there() -> None:
    """A newer change that is suppressed ends no deferral: a number may lie in it that no contact
    shows, and is blocked as it is brought.
    """
    lane = _lane(PARKED, Scope(ALL))
    change = an_upsert(5, a_row(region="south", mobile="+1559"))
    assert lane.give(change) == [PUT_OFF]
    assert lane.give(an_opt_out(6)) == []
    lane.defer()
    assert lane.give(an_upsert(7, ON_BOTH))[0][0] is Verdict.APPLIED
    assert _lacks(lane)
    assert "+1559" not in lane.platform.blocked
    assert lane.catch_up(change) == [OPTED_OUT]
    assert "+1559" in lane.platform.blocked
    assert not lane.platform.contacts
    assert not _lacks(lane)


def test_a_catch_up_of_an_opted_out_lead_is_suppressed() -> None:
    """Through every guard: only a look at that list leaves."""
    lane = _lane(PARKED)
    change = an_upsert(5, ON_BOTH)
    lane.give(change)
    lane.give(an_opt_out(6))
    lane.defer()
    lane.sent.clear()
    assert lane.catch_up(change)[-1] == OPTED_OUT
    assert not any(isinstance(each, UpsertContact) for each in lane.sent)
    assert not _lacks(lane)


def test_a_lift_brings_nothing_back_that_was_deferred_before() -> None:
    """A lift sends nothing: the person replays, as for what was suppressed."""
    lane = _lane(PARKED)
    lane.give(an_upsert(5, ON_BOTH))
    lane.defer()
    lane.give(an_opt_out(6))
    lane = lane.again()
    lane.lane.belief = lane.lane.explained = after(
        lane.lane.explained, frozenset({SOUTH}), frozenset()
    )
    lane.give(OptOutLift(LEAD, an_origin(7), NO_REVISION, 1))
    assert not _lacks(lane)


def test_a_gate_that_shuts_again_defers_what_was_on_its_way() -> None:
    """What lies in the air is waited for; the rest is deferred once more."""
    lane = _lane(PARKED, known=True)
    change = a_delete(5)
    lane.give(change)
    assert lane.catch_up(change) == [PUT_OFF]
    assert _lacks(lane)


def test_what_waits_with_untold_effects_hides_no_deferral() -> None:
    """The row has the flag and no digest, whatever else it does not tell yet."""
    held = ListBelief((ContactBelief(ContactId("L1"), Digest("d"), callable=True),), routed=True)
    told = NOTHING_KNOWN.with_lists({SOUTH: held})
    belief = after(told, frozenset({SOUTH}), frozenset())
    assert explained(belief, told, {SOUTH}) == belief


def test_a_deferral_is_about_its_gates_alone() -> None:
    """Numbers of opt-outs lie behind none, and one list's commands not behind another's gate."""
    deferral = Deferral(frozenset({PARKED}))
    assert deferral.behind(FetchContact(LEAD, SOUTH, ContactId("x")))
    assert not deferral.behind(FetchContact(LEAD, ALL, ContactId("x")))
    put_off = deferral.put_off([FetchContact(LEAD, SOUTH, ContactId("x"))])
    assert put_off == frozenset({SOUTH})
    assert deferral.put_off([FetchContact(LEAD, ALL, ContactId("x"))]) is None
