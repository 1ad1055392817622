"""A person's lift, and a person's opt-out, through a lane."""

from connector.domain.belief import NOTHING_KNOWN, OptOutBelief
from connector.domain.change import LeadChange, LeadOptOut, OptOutLift, Row
from connector.domain.command import BlockNumber
from connector.domain.ids import OutcomeId, PhoneNumber
from connector.domain.origin import PERSON
from connector.domain.reason import Reason, Verdict
from connector.domain.revision import NO_REVISION
from connector.planning.opted_out import in_force
from connector.planning.order import raised
from tests.support.lead_changes import LEAD, a_row, an_opt_out, an_origin, an_upsert
from tests.support.one_lane import OneLane

APPLIED = (Verdict.APPLIED, None)
LIFTED = (Verdict.APPLIED, Reason.LIFTED)
DUPLICATE = (Verdict.DUPLICATE, None)
KNOWN = (Verdict.UNCHANGED, Reason.OPTED_OUT)


def _lift(offset: int) -> OptOutLift:
    return OptOutLift(LEAD, an_origin(offset, source=PERSON, topic="opt-outs"), NO_REVISION, 1)


def _added(offset: int, *numbers: str) -> LeadOptOut:
    origin = an_origin(offset, source=PERSON, topic="opt-outs")
    known = frozenset(PhoneNumber(number) for number in numbers)
    return LeadOptOut(LEAD, origin, NO_REVISION, Row({}, whole=False), known)


def _lane(*changes: LeadChange) -> OneLane:
    lane = OneLane()
    lane.give(*changes)
    return lane


def test_an_edit_behind_a_lift_makes_the_lead_callable_again() -> None:
    """The lift itself sends nothing; the next row ends our quarantine."""
    lane = _lane(an_upsert(0))
    assert lane.give(an_opt_out(1, "+1550")) == [APPLIED]
    lane = lane.again()
    before = len(lane.sent)
    assert lane.give(_lift(0)) == [LIFTED]
    assert len(lane.sent) == before
    assert not lane.contact("L1").callable
    assert lane.give(an_upsert(2, a_row(name="Anna"))) == [APPLIED]
    assert lane.contact("L1").callable
    assert lane.give(_lift(0)) == [DUPLICATE]


def test_what_a_lift_covers_is_a_duplicate_and_any_other_opt_out_counts_again() -> None:
    """Every number is sent again, for a person may have taken it off the DNC list meanwhile."""
    lane = _lane(an_upsert(0))
    lane.give(an_opt_out(1, "+1550", "+1660"))
    lane.give(_lift(5))
    lane = lane.again()
    assert lane.give(an_opt_out(1, "+1550")) == [DUPLICATE]
    assert not lane.sent
    assert lane.give(an_opt_out(2, "+1770")) == [APPLIED]
    assert not lane.contact("L1").callable
    blocks = [each.number for each in lane.sent if isinstance(each, BlockNumber)]
    assert set(blocks) == {"+1550", "+1770"}
    opt_out = lane.lane.explained.opt_out
    assert opt_out is not None
    assert (opt_out.by, opt_out.since) == ("crm/0/2", 1_000_002)
    assert lane.again().give(an_opt_out(3, "+1660")) == [APPLIED]


def test_a_lift_waits_for_the_opt_outs_before_it() -> None:
    """It covers what stood before it in the lane, and nothing that stood behind it."""
    lane = _lane(an_upsert(0))
    told = lane.give(an_opt_out(1, "+1550"), _lift(0), an_upsert(2, a_row(name="Anna")))
    assert told == [APPLIED, LIFTED, APPLIED]
    assert lane.contact("L1").callable
    later = (an_opt_out(3), _lift(1), an_opt_out(4, "+1550"), an_upsert(5, a_row(name="Bea")))
    lane.platform.blocked.clear()
    told = lane.give(*later)
    assert [verdict for verdict, _ in told[:3]] == [Verdict.APPLIED] * 3
    assert told[3][0] is Verdict.SUPPRESSED
    assert lane.platform.blocked == {"+1550"}
    assert lane.done[-1].opt_out == "crm/0/4"
    assert in_force(lane.lane.explained) is not None
    assert not lane.contact("L1").callable


def test_a_lift_that_comes_again_covers_nothing_new() -> None:
    """Its record is read once more after a crash, behind an opt-out that came since."""
    lane = _lane(an_upsert(0))
    assert lane.give(an_opt_out(1), _lift(0), an_opt_out(2))[1:] == [LIFTED, APPLIED]
    assert lane.give(_lift(0)) == [DUPLICATE]
    assert lane.give(an_upsert(3, a_row(name="Anna")))[0][0] is Verdict.SUPPRESSED
    assert not lane.contact("L1").callable


def test_a_lift_ends_what_a_new_owner_read_as_accepted() -> None:
    """An opt-out that was not settled when the tenure began is settled, and then lifted."""
    opt_out = an_opt_out(1, "+1550")
    marks = raised((), opt_out.origin, NO_REVISION, newer=True)
    accepted = OptOutBelief(opt_out.origin.timestamp, OutcomeId("crm/0/1"), marks)
    lane = OneLane(belief=NOTHING_KNOWN, accepted=accepted)
    assert lane.give(opt_out, _lift(0), an_upsert(2)) == [APPLIED, LIFTED, APPLIED]
    assert lane.contact("L1").callable


def test_a_person_who_says_nothing_new_costs_no_request() -> None:
    """Of an opted-out lead the state knows enough; a new number has the lead looked at again."""
    lane = _lane(an_upsert(0), _added(1, "+1550")).again()
    assert lane.give(_added(2), _added(3, "+1550")) == [KNOWN, KNOWN]
    assert not lane.sent
    assert lane.give(_added(4, "+1990")) == [APPLIED]
    assert "+1990" in lane.platform.blocked
    assert lane.give(_added(4, "+1990")) == [DUPLICATE]
