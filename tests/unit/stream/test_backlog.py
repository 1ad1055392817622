"""Opt-outs that are accepted and not settled: a fold over what lies behind the commit."""

import threading
from dataclasses import replace

from connector.domain.belief import Mark, OptOutBelief
from connector.domain.change import LeadChange, LeadOptOut, OptOutLift, Row
from connector.domain.ids import LeadId, OutcomeId
from connector.domain.origin import NO_OFFSET, PERSON, Origin
from connector.domain.revision import NO_REVISION
from connector.stream import lead_changes
from connector.stream.backlog import read_backlog
from connector.stream.packing import lead_key
from tests.support.fake_log import FakeLog

_ROW = Row({})


def _origin(offset: int) -> Origin:
    return Origin("default", "crm", "crm-id", 0, offset, 1_000 + offset)


def _opt_out(lead: str, offset: int) -> LeadOptOut:
    return LeadOptOut(LeadId(lead), _origin(offset), NO_REVISION, _ROW, frozenset())


def _lift(lead: str, offset: int) -> OptOutLift:
    return OptOutLift(LeadId(lead), _origin(offset), NO_REVISION, 1)


def _log(*changes: LeadChange) -> FakeLog:
    log = FakeLog()
    for each in changes:
        log.append(0, lead_key(each.lead), lead_changes.encode(each))
    return log


def _leads(log: FakeLog, committed: int | None) -> dict[LeadId, OptOutBelief]:
    found = read_backlog(log, "opt-outs", {0: committed, 1: None}, threading.Event())
    assert found[1] == {}
    return dict(found[0])


def test_what_lies_behind_the_commit_waits() -> None:
    """Settled ones are left out; the first of a lead names the outcome, the last the mark."""
    log = _log(_opt_out("a", 0), _opt_out("b", 1), _opt_out("c", 2), _opt_out("b", 3))
    assert _leads(log, 1) == {
        LeadId("b"): OptOutBelief(1_001, _origin(1).outcome_id, (Mark("crm-id", 0, 3),)),
        LeadId("c"): OptOutBelief(1_002, _origin(2).outcome_id, (Mark("crm-id", 0, 2),)),
    }


def test_without_a_commit_all_wait() -> None:
    """A group that never committed begins at the beginning; one that is done has nothing."""
    log = _log(_opt_out("a", 0), _opt_out("b", 1))
    assert set(_leads(log, None)) == {"a", "b"}
    assert _leads(log, 2) == {}


def test_a_lift_takes_earlier_opt_outs_away() -> None:
    """And one that follows the lift counts again."""
    log = _log(_opt_out("a", 0), _opt_out("b", 1), _lift("a", 2), _lift("b", 3), _opt_out("b", 4))
    assert set(_leads(log, 0)) == {"b"}


def test_a_copy_of_a_lift_takes_nothing_away() -> None:
    """A late fence had it sent again, behind an opt-out that came since."""
    log = _log(_opt_out("a", 0), _lift("a", 1), _opt_out("a", 2), _lift("a", 1))
    assert set(_leads(log, 0)) == {"a"}


def test_where_retention_was_faster_what_is_left_counts() -> None:
    """The committed offset is gone: the reading begins at the first record."""
    log = _log(*(_opt_out(f"l{n}", n) for n in range(5)))
    log.trim(0, 3)
    assert set(_leads(log, 1)) == {"l3", "l4"}


def test_what_a_person_said_has_its_own_place() -> None:
    """It was written without one; what came from a source keeps that of its record."""
    said = replace(_opt_out("a", 0), origin=Origin(PERSON, "opt-outs", "t-id", 0, NO_OFFSET, 7))
    log = _log(_opt_out("b", 9), said)
    by = OptOutBelief(7, OutcomeId("opt-outs/0/1"), (Mark("t-id", 0, 1, source=PERSON),))
    assert _leads(log, 0)[LeadId("a")] == by
    assert _leads(log, 0)[LeadId("b")].by == "crm/0/9"
