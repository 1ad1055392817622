"""Which writes of a lead a brake may hold back: never what an opt-out or a disqualification needs."""

from dataclasses import replace

import pytest

from connector.domain.change import LeadChange
from connector.domain.command import READS, BlockNumber, Command, QuarantineContact
from connector.domain.reason import Reason, Verdict
from connector.planning.cargo import stop_of
from connector.planning.contact_id import chosen_id
from connector.planning.gates import Stop
from connector.planning.policy import Policy, Removal
from tests.support.lane_world import ALL, SOURCE, SOUTH, a_policy
from tests.support.lead_changes import a_delete, a_quarantine, a_row, an_opt_out, an_upsert
from tests.support.one_lane import OneLane

OTHER = "other"


def policy(delete: Removal = Removal.QUARANTINE, leave: Removal = Removal.QUARANTINE) -> Policy:
    """Two lists that take deletions so, and a second source that speaks like the first."""
    plain = a_policy(adopt=False)
    lists = {
        each.id: replace(
            each, delete=delete, leave=leave, mapped={**each.mapped, OTHER: each.mapped[SOURCE]}
        )
        for each in plain.lists.values()
    }
    sources = {**plain.sources, OTHER: plain.sources[SOURCE]}
    return replace(plain, lists=lists, sources=sources)


def stops(lane: OneLane, *changes: LeadChange) -> list[Stop]:
    """Give *changes* at once; return what stops each write that comes to leave for them."""
    before = len(lane.came)
    lane.give(*changes)
    assert lane.lane.idle
    assert not [
        each for each in lane.sent if isinstance(each, QuarantineContact) and each.deletes
    ], "what only asks the brakes has no row ahead of it and must not leave"
    writes = [each for each in lane.came[before:] if not isinstance(each, (*READS, BlockNumber))]
    return [_stop(each) for each in writes]


def _stop(command: Command) -> Stop:
    return stop_of(command)[0]


def known(policy_: Policy) -> OneLane:
    """Return a lane whose lead is on the list `all`."""
    lane = OneLane(policy_)
    assert stops(lane, an_upsert(0)) == [Stop.INSERTS]
    return lane


def from_other(change: LeadChange) -> LeadChange:
    """Return the change as another source says it."""
    return replace(change, origin=replace(change.origin, source=OTHER))


@pytest.mark.parametrize("delete", list(Removal))
@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ((a_delete(1),), Stop.DELETES),
        ((a_delete(1, tombstone=True),), Stop.DELETES),
        ((a_delete(1, moved_to="L2"),), Stop.DELETES),
        ((an_upsert(1, a_row("Bob")), a_delete(2)), Stop.DELETES),
        ((a_quarantine(1),), Stop.ALL),
        ((a_quarantine(1), a_delete(2)), Stop.ALL),
        ((a_delete(1), a_quarantine(2)), Stop.ALL),
        ((a_delete(1, tombstone=True), a_quarantine(2)), Stop.ALL),
        ((a_delete(1), an_opt_out(2)), Stop.ALL),
        ((a_delete(1, tombstone=True), an_opt_out(2)), Stop.ALL),
        ((an_upsert(1, a_row(mobile="")),), Stop.ALL),
        ((an_upsert(1, a_row("Bob")),), Stop.UPDATES),
        ((an_upsert(1, a_row("Bob")), a_quarantine(2)), Stop.ALL),
        ((a_quarantine(1), an_upsert(2, a_row("Bob"))), Stop.UPDATES),
    ],
    ids=lambda each: " ".join(type(one).__name__ for one in each) if type(each) is tuple else None,
)
def test_what_stops_the_first_write(
    delete: Removal, changes: tuple[LeadChange, ...], first: Stop
) -> None:
    """A deletion is stopped however it is carried out, unless more than it asks for that."""
    assert stops(known(policy(delete)), *changes)[0] is first


def test_an_update_that_a_disqualification_of_another_source_waits_for_is_not_stopped() -> None:
    """They share no write, and come one behind the other."""
    changes = an_upsert(1, a_row("Bob")), from_other(a_quarantine(2))
    assert stops(known(policy()), *changes) == [Stop.ALL, Stop.ALL]
    back = from_other(an_upsert(2, a_row("Bob")))
    assert stops(known(policy()), a_quarantine(1), back) == [Stop.ALL, Stop.UPDATES]


def test_the_deletion_of_a_lead_that_is_closed_already_is_a_deletion() -> None:
    """It was disqualified before: a removal takes away no more than what it was."""
    lane = known(policy(Removal.REMOVE))
    assert stops(lane, a_quarantine(1)) == [Stop.ALL]
    assert stops(lane, a_delete(2)) == [Stop.DELETES]


@pytest.mark.parametrize(
    ("leave", "stop"), [(Removal.QUARANTINE, Stop.ALL), (Removal.REMOVE, Stop.DELETES)]
)
def test_a_list_that_is_left(leave: Removal, stop: Stop) -> None:
    """A quarantine there only protects; a removal takes a contact away."""
    lane = OneLane(policy(leave=leave))
    assert stops(lane, an_upsert(0, a_row(region="south"))) == [Stop.INSERTS, Stop.INSERTS]
    assert {ALL, SOUTH} == {place for place, _ in lane.platform.contacts}
    assert stops(lane, an_upsert(1)) == [stop]


def test_nothing_is_claimed_of_a_contact_while_a_brake_holds_its_deletion() -> None:
    """Somebody disables it meanwhile; the next owner of the lead must not take that for ours."""
    lane = known(policy())
    lane.stopped = Stop.DELETES
    assert lane.give(a_delete(1)) == []
    place = (ALL, chosen_id(lane.lead))
    found = lane.platform.contacts[place]
    lane.platform.contacts[place] = replace(found, callable=False)
    later = replace(lane.again(), stopped=None)
    assert later.give(a_delete(1)) == [(Verdict.UNCHANGED, Reason.SAME_ROW)]
    back = later.again()
    back.give(an_upsert(2, a_row("Bob")))
    assert not lane.platform.contacts[place].callable


@pytest.mark.parametrize("delete", list(Removal))
def test_what_a_brake_let_go_on_is_carried_out(delete: Removal) -> None:
    """What waited is asked again as it is by then, and a return in the CRM ends our quarantine."""
    lane = known(policy(delete))
    lane.stopped = Stop.DELETES
    assert lane.give(a_delete(1)) == []
    assert len(lane.waiting) == 1
    lane.now += 3_600
    lane.stopped = None
    assert lane.go_on() == [(Verdict.APPLIED, None)]
    found = lane.platform.contacts.get((ALL, chosen_id(lane.lead)))
    assert found is None or not found.callable
    assert lane.give(an_upsert(2)) == [(Verdict.APPLIED, None)]
    assert lane.contact(chosen_id(lane.lead)).callable


def test_a_lead_that_comes_back_is_not_deleted() -> None:
    """What the CRM says next takes the place of what waits for the brake."""
    lane = known(policy())
    lane.stopped = Stop.DELETES
    assert lane.give(a_delete(1)) == []
    ended = lane.give(an_upsert(2, a_row("Bob")))
    assert [verdict for verdict, _ in ended] == [Verdict.STALE, Verdict.APPLIED]
    assert lane.waiting == []
    assert lane.contact(chosen_id(lane.lead)).callable
