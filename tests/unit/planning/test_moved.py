"""What is known of opt-outs in another application, whose source records come again."""

from dataclasses import replace

import pytest

from connector.domain.belief import NOTHING_KNOWN
from connector.domain.change import LeadOptOut, LeadUpsert, OptOutLift
from connector.domain.command import BlockNumber
from connector.domain.origin import PERSON
from connector.domain.reason import Reason, Verdict
from connector.domain.revision import NO_REVISION, Position, Revision
from connector.planning.moved import joined, moved
from connector.planning.opted_out import in_force
from connector.planning.order import followed
from connector.planning.pending import Door, Pending, Progress
from tests.support.lead_changes import LEAD, a_row, an_opt_out, an_origin, an_upsert
from tests.support.one_lane import OneLane

APPLIED = (Verdict.APPLIED, None)
DUPLICATE = (Verdict.DUPLICATE, None)
OPTED_OUT = (Verdict.SUPPRESSED, Reason.OPTED_OUT)
REVIEW = (Verdict.SUPPRESSED, Reason.RECONSENT_NEEDS_REVIEW)
NAMES = {"crm": "crm", "new": "crm"}


def _at(commit: int | None) -> Revision:
    return NO_REVISION if commit is None else Revision(Position("lsn", (commit,)), commit)


def _out(offset: int, commit: int | None = None, number: str = "+1550") -> LeadOptOut:
    return an_opt_out(offset, number, revision=_at(commit))


def _edit(offset: int, commit: int | None = None, name: str = "Bea") -> LeadUpsert:
    return an_upsert(offset, a_row(name), _at(commit))


def _lift(offset: int) -> OptOutLift:
    return OptOutLift(LEAD, an_origin(offset, source=PERSON, topic="opt-outs"), NO_REVISION, 1)


def _anew(change: LeadOptOut | LeadUpsert) -> LeadOptOut | LeadUpsert:
    """Return a change as its record comes again: the same topic by name, under another id."""
    return replace(change, origin=replace(change.origin, topic_id="new"))


def _moved(lane: OneLane) -> OneLane:
    """Return a lane of the new application, on the same platform."""
    return replace(lane.again(), belief=moved(lane.lane.explained, NAMES.get))


@pytest.mark.parametrize("commit", [None, 100])
def test_an_opt_out_is_in_force_and_is_honoured_again(commit: int | None) -> None:
    """What the platform has forgotten meanwhile is put right; numbers that it knows cost nothing."""
    lane = OneLane()
    lane.give(_edit(1, 90), _out(2, commit))
    lane = _moved(lane)
    lane.hold("theirs", Mobile="+1770")
    assert lane.give(_anew(_edit(1, 90))) == [OPTED_OUT]
    assert not any(each.callable for each in lane.platform.contacts.values())
    before = len(lane.sent)
    lane.hold("others", Mobile="+1880")
    lane.now += 60
    assert lane.give(_anew(_out(2, commit))) == [APPLIED]
    assert not any(each.callable for each in lane.platform.contacts.values())
    blocks = {each.number for each in lane.sent[before:] if isinstance(each, BlockNumber)}
    assert blocks == {"+1880"}
    assert lane.give(_anew(_out(2, commit))) == [DUPLICATE]


def test_only_what_is_newer_by_its_time_is_consent() -> None:
    """The source of the opt-out says so later: for the desk; without times nothing is newer."""
    told = OneLane()
    told.give(_edit(1, 90), _out(2, 100))
    new = _moved(told)
    assert new.give(_anew(_edit(1, 90))) == [OPTED_OUT]
    assert new.give(_anew(_edit(3, 110))) == [REVIEW]
    timeless = OneLane()
    timeless.give(_edit(1), _out(2))
    new = _moved(timeless)
    assert new.give(_anew(_edit(1))) == [OPTED_OUT]
    assert new.give(_anew(_edit(3))) == [OPTED_OUT]


def test_a_lift_covers_what_comes_again_by_topic_name_and_commit_time() -> None:
    """The opt-out that it covered is a repeat, and the lead may be called; a later one counts."""
    lane = OneLane()
    lane.give(_edit(1, 90), _out(2, 100), _lift(0))
    lane = _moved(lane)
    assert in_force(lane.belief) is None
    assert lane.give(_anew(_edit(1, 90))) == [APPLIED]
    assert lane.contact("L1").callable
    assert lane.give(_anew(_out(2, 100))) == [DUPLICATE]
    assert lane.give(_anew(_edit(3, 110, "Eve"))) == [APPLIED]
    assert lane.contact("L1").callable
    assert lane.give(_anew(_out(4, 120))) == [APPLIED]
    assert not lane.contact("L1").callable
    assert lane.give(_anew(_out(5, 95)), _anew(_edit(6, 130)))[-1][0] is Verdict.SUPPRESSED
    assert not lane.contact("L1").callable


@pytest.mark.parametrize(
    "change",
    [
        _out(2),
        replace(_out(2, 100), origin=an_origin(2, topic="other")),
        replace(_out(2, 100), origin=followed(an_origin(2))),
    ],
)
def test_a_lift_covers_no_other_opt_out(change: LeadOptOut) -> None:
    """Without a time, of another topic, or over a changed key: it counts again."""
    lane = OneLane()
    lane.give(_edit(1, 90), _out(2, 100), _lift(0))
    lane = _moved(lane)
    assert lane.give(change)[0][0] is Verdict.APPLIED
    assert in_force(lane.lane.explained) is not None


def test_who_opted_out_again_behind_the_lift_is_opted_out() -> None:
    """As in the application that it comes from."""
    lane = OneLane()
    lane.give(_edit(1, 90), _out(2, 100), _lift(0), _out(3, 110))
    assert in_force(_moved(lane).belief) is not None


def test_a_lift_in_the_new_application_covers_what_moved_too() -> None:
    """And does not forget what was covered by name."""
    lane = OneLane()
    lane.give(_edit(1, 90), _out(2, 100), _lift(0), _out(3, 110))
    lane = _moved(lane)
    lane.give(_lift(7))
    assert in_force(lane.lane.explained) is None
    assert lane.give(_anew(_out(2, 100))) == [DUPLICATE]
    assert in_force(lane.lane.explained) is None


def test_the_fence_of_a_covered_opt_out_holds_nothing_up() -> None:
    """It stands in the other topic and may come behind or before comply's copy."""
    lane = OneLane()
    lane.give(_edit(1, 90), _out(2, 100), _lift(0))
    lane = _moved(lane)
    fence = Pending(_anew(_out(2, 100)), Door.APPLY, None, Progress(lane.now))
    (done,) = lane.lane.admit(fence, lane.now).done
    assert done.verdict is None
    assert lane.lane.idle


def test_it_moves_on_as_it_came() -> None:
    """A second move says the same: its marks name places of the first application still."""
    lane = OneLane()
    lane.give(_edit(1, 90), _out(2, 100), _lift(0), _out(3))
    once = moved(lane.lane.explained, NAMES.get)
    assert moved(once, NAMES.get) == once
    assert joined(once, once) == once
    assert joined(NOTHING_KNOWN, once) == once


def test_what_is_brought_only_adds() -> None:
    """An opt-out of the new application is not lifted by what comes from the old one."""
    lifted, out = OneLane(), OneLane()
    lifted.give(_edit(1, 90), _out(2, 100), _lift(0))
    out.give(_anew(_edit(1, 90)), _anew(_out(9, 200, "+1660")))
    here, brought = out.lane.explained, moved(lifted.lane.explained, NAMES.get)
    both = joined(here, brought)
    assert in_force(both) is not None
    assert both.lists == here.lists
    assert both.opt_out is not None
    assert here.opt_out is not None
    assert brought.opt_out is not None
    assert both.opt_out.blocked == here.opt_out.blocked | brought.opt_out.blocked
    assert both.opt_out.since == brought.opt_out.since
    assert joined(both, brought) == both


def test_numbers_from_before_a_lift_do_not_count_behind_it() -> None:
    """A person may have taken them off the DNC list: they are sent again."""
    old = OneLane()
    old.give(_edit(1, 90), _out(2, 100))
    brought = moved(old.lane.explained, NAMES.get)
    new = replace(old.again(), belief=brought)
    new.give(_lift(7), _anew(_out(9, 200, "+1660")))
    here = new.lane.explained
    both = joined(here, brought)
    assert here.opt_out is not None
    assert both.opt_out is not None
    assert both.opt_out.blocked == here.opt_out.blocked
    assert in_force(both) is not None


def test_a_lift_that_was_made_since_the_last_import_ends_what_that_brought() -> None:
    """The file can be brought again, newer: it says what the old application says."""
    old = OneLane()
    old.give(_edit(1, 90), _out(2, 100))
    first = moved(old.lane.explained, NAMES.get)
    old.give(_lift(0))
    assert in_force(joined(first, moved(old.lane.explained, NAMES.get))) is None
