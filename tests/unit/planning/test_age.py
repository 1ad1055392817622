"""The age limit: what is too old is not inserted, and nothing else is touched by it."""

from dataclasses import replace

import pytest

from connector.domain.belief import NOTHING_KNOWN, ContactBelief, ListBelief
from connector.domain.change import LeadChange, LeadUpsert, Row
from connector.domain.command import FetchContact, UpsertContact
from connector.domain.ids import ContactId
from connector.domain.reason import Reason, Verdict
from connector.domain.result import Refused, Unknown
from connector.domain.revision import Position, Revision
from connector.planning.age import told_at
from connector.planning.lane import Lane
from connector.planning.pending import Door, Pending, Progress
from connector.planning.policy import Policy
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

NOW = 1_790_000_000.0
HOUR = 3_600.0
APPLIED = (Verdict.APPLIED, None)
EXPIRED = (Verdict.SUPPRESSED, Reason.EXPIRED)
SUPERSEDED = (Verdict.STALE, Reason.SUPERSEDED)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1790000000", NOW),
        ("1790000000.5", NOW + 0.5),
        ("1790000000000", NOW),
        ("1790000000000000", NOW),
        ("1790000000000000000", NOW),
        ("1.79e12", NOW),
        ("20717", 20_717 * 24 * HOUR),
        ("2026-09-21T14:13:20Z", NOW),
        ("2026-09-21T16:13:20+02:00", NOW),
        ("2026-09-21T14:13:20.000+0000", NOW),
        ("2026-09-21 14:13:20", NOW),
        ("2026-09-21", NOW - 14 * HOUR - 800),
        ("20260921", NOW - 14 * HOUR - 800),
        (" 2026-09-21t14:13:20z ", NOW),
        ("", None),
        ("yesterday", None),
        ("0", None),
        ("7", None),
        ("-1790000000", None),
        ("Infinity", None),
        ("1e400", None),
        ("9" * 400, None),
    ],
)
def test_what_moment_a_cell_names(text: str, moment: float | None) -> None:
    """Texts as sources write them, and Debezium's types with and without their schema."""
    told = told_at(text)
    assert told == (None if moment is None else pytest.approx(moment, abs=0.001))


def _policy(*, adopt: bool = False, field: str | None = "born") -> Policy:
    return replace(a_policy(adopt=adopt), max_age=HOUR, age_field=field)


def _upsert(
    offset: int,
    ago: float | None = 0,
    *,
    committed: float | None = None,
    produced: float = 0,
    **cells: str,
) -> LeadUpsert:
    """Return an upsert whose field names a moment *ago*, of a commit and a record as old."""
    row = a_row(**cells)
    if ago is not None:
        row = replace(row, fields={**row.fields, "born": str(NOW - ago)})
    revision = Revision()
    if committed is not None:
        at = round((NOW - committed) * 1000)
        revision = Revision(Position("lsn", (offset,)), at)
    origin = replace(an_origin(offset), timestamp=round((NOW - produced) * 1000))
    return LeadUpsert(LEAD, origin, revision, row)


def _lane(policy: Policy | None = None) -> OneLane:
    return OneLane(policy=policy or _policy(), now=NOW)


@pytest.mark.parametrize("adopt", [False, True])
@pytest.mark.parametrize(
    ("change", "end"),
    [
        (_upsert(5, HOUR - 1), APPLIED),
        (_upsert(5, HOUR + 1), EXPIRED),
        (_upsert(5, -HOUR), APPLIED),
        (_upsert(5, 0, committed=9 * HOUR, produced=9 * HOUR), APPLIED),
        (_upsert(5, None, committed=2 * HOUR), EXPIRED),
        (_upsert(5, None, committed=1, produced=2 * HOUR), APPLIED),
        (_upsert(5, None, produced=2 * HOUR), EXPIRED),
        (_upsert(5, None, produced=1), APPLIED),
        (_upsert(5, 2 * HOUR, mobile=""), (Verdict.UNCHANGED, Reason.NO_PHONE)),
        (a_quarantine(5), (Verdict.UNCHANGED, Reason.NO_CONTACT)),
        (a_delete(5), (Verdict.UNCHANGED, Reason.NO_CONTACT)),
        (an_opt_out(5, "+1550"), APPLIED),
    ],
)
def test_a_lead_that_nobody_knows(
    change: LeadChange, end: tuple[Verdict, Reason | None], *, adopt: bool
) -> None:
    """The field counts, else the commit, else the record; and of upserts alone."""
    lane = _lane(_policy(adopt=adopt))
    assert lane.give(change) == [end]
    assert bool(lane.platform.contacts) == (end == APPLIED and isinstance(change, LeadUpsert))


@pytest.mark.parametrize("text", ["", "soon", "null"])
def test_a_field_that_says_nothing_leaves_it_to_the_commit(text: str) -> None:
    """A bad date must neither insert what is old nor keep out what is new."""
    for committed, end in ((1.0, APPLIED), (2 * HOUR, EXPIRED)):
        change = _upsert(5, None, committed=committed)
        row = replace(change.row, fields={**change.row.fields, "born": text})
        assert _lane().give(replace(change, row=row)) == [end]


def test_without_a_field_the_newest_change_says_how_old_the_lead_is() -> None:
    """The CRM's last word vouches for those before it; a field counts by itself."""
    old, new = _upsert(1, 9 * HOUR, committed=2 * HOUR), _upsert(2, 9 * HOUR, committed=1)
    assert _lane(_policy(field=None)).give(old, new) == [SUPERSEDED, APPLIED]
    assert _lane().give(old, new)[-1] == EXPIRED


def test_the_newest_value_of_the_field_counts_where_a_change_does_not_name_it() -> None:
    """A partial change joins the insert that it waits behind, and so does its age."""
    edit = replace(_upsert(2, None, produced=9 * HOUR), row=Row({"name": "Bea"}, whole=False))
    lane = _lane()
    assert lane.give(_upsert(1, 1, produced=9 * HOUR), edit) == [SUPERSEDED, APPLIED]
    assert lane.contact("L1").data["Name"] == "Bea"
    assert _lane().give(_upsert(1, 2 * HOUR), replace(edit, origin=an_origin(2)))[-1] == EXPIRED


def test_a_known_lead_is_brought_up_to_date_however_old() -> None:
    """Updates, disqualifications and the way back are not touched."""
    lane = _lane()
    assert lane.give(_upsert(1, 1)) == [APPLIED]
    assert lane.give(_upsert(2, 9 * HOUR, name="Bea")) == [APPLIED]
    assert lane.give(a_quarantine(3)) == [APPLIED]
    assert lane.give(_upsert(4, 9 * HOUR, name="Eve")) == [APPLIED]
    assert lane.contact("L1").callable


def test_who_another_loader_put_there_is_known() -> None:
    """The look-up comes first."""
    lane = _lane(_policy(adopt=True))
    lane.hold("theirs", Name="Ann")
    assert lane.give(_upsert(1, 9 * HOUR, name="Bea")) == [APPLIED]
    assert lane.contact("theirs").data["Name"] == "Bea"


def test_a_lead_that_one_list_knows_is_not_new_on_another() -> None:
    """To come to another list, years after it was made, is no wait."""
    lane = _lane()
    assert lane.give(_upsert(1, 1)) == [APPLIED]
    lane = lane.again()
    assert lane.give(_upsert(2, 9 * HOUR, region="south")) == [APPLIED]
    assert lane.contact("L1", SOUTH).callable


def test_what_the_same_change_inserted_elsewhere_does_not_make_the_lead_known() -> None:
    """One list takes it in time; on the other, parked meanwhile, it has waited too long."""
    lane = _lane()
    lane.parked = SOUTH
    lane.give(_upsert(1, 1, region="south"))
    lane.now += 2 * HOUR
    lane.parked = None
    assert lane.give() == [APPLIED]
    assert {place[0] for place in lane.platform.contacts} == {ALL}


def test_a_list_that_was_deferred_takes_no_lead_that_is_too_old() -> None:
    """It is behind the others, and they know the lead already."""
    others = ListBelief((ContactBelief(ContactId("L1"), None, callable=True),), routed=True)
    belief = replace(NOTHING_KNOWN, lists={ALL: others, SOUTH: ListBelief(deferred=True)})
    lane = replace(_lane(), belief=belief)
    lane.hold("L1", Name="Ann", Mobile="+1550")
    lane.give(_upsert(1, 2 * HOUR, region="south"))
    assert {place[0] for place in lane.platform.contacts} == {ALL}


def test_it_is_remembered_and_a_later_change_counts_by_its_own_age() -> None:
    """The mark rises; what comes again is a duplicate."""
    lane = _lane()
    assert lane.give(_upsert(1, 2 * HOUR)) == [EXPIRED]
    lane = lane.again()
    assert lane.give(_upsert(1, 2 * HOUR)) == [(Verdict.DUPLICATE, None)]
    assert lane.give(_upsert(2, 2 * HOUR)) == [EXPIRED]
    assert lane.give(_upsert(3, 1)) == [APPLIED]


def _waiting(policy: Policy, age: float) -> tuple[Lane, UpsertContact]:
    """Return a lane whose insert of a lead of that *age* waits to be sent, at `NOW`."""
    lane = Lane(LEAD, NOTHING_KNOWN, None, policy)
    pending = Pending(_upsert(1, age), Door.APPLY, None, Progress(NOW))
    (ask,) = lane.admit(pending, NOW).ask
    assert isinstance(ask.command, UpsertContact)
    return lane, ask.command


def test_the_age_is_judged_as_the_batch_is_cut() -> None:
    """What waited too long for its slot does not leave: planned again, it is read and concluded."""
    lane, insert = _waiting(_policy(), HOUR - 10)
    assert lane.sent(insert, "b1", NOW + 9)
    lane, insert = _waiting(_policy(), HOUR - 10)
    assert not lane.sent(insert, "b1", NOW + 11)
    (ask,) = lane.plan(NOW + 11).ask
    assert isinstance(ask.command, FetchContact)
    lane, insert = _waiting(a_policy(adopt=False), HOUR - 10)
    assert lane.sent(insert, "b1", NOW + 9 * HOUR), "without the setting nothing expires"


@pytest.mark.parametrize("landed", [False, True])
def test_an_insert_whose_answer_was_lost_is_looked_for(*, landed: bool) -> None:
    """It may be there: only the read of the chosen id says that the lead expired."""
    lane, insert = _waiting(_policy(), HOUR - 10)
    world = _lane()
    assert lane.sent(insert, "b1", NOW)
    if landed:
        world.platform.serve(insert)
    assert lane.answered(insert, Unknown(), NOW).ask
    world.lane, world.now = lane, NOW + 20
    assert not lane.sent(insert, "b2", NOW + 20)
    world.waiting.extend(ask.command for ask in lane.plan(NOW + 20).ask)
    assert world.give() == [APPLIED if landed else EXPIRED]
    assert bool(world.platform.contacts) == landed


def test_an_insert_that_was_refused_expires_between_two_attempts() -> None:
    """Nothing was done, so nothing hides; it is read all the same before it is said."""
    lane, insert = _waiting(_policy(), HOUR - 10)
    world = _lane()
    assert lane.sent(insert, "b1", NOW)
    lane.answered(insert, Refused(), NOW)
    world.lane, world.now = lane, NOW + 20
    assert not lane.sent(insert, "b2", NOW + 20)
    world.waiting.extend(ask.command for ask in lane.plan(NOW + 20).ask)
    assert world.give() == [EXPIRED]


def test_an_insert_that_a_crash_hid_is_found() -> None:
    """A killed worker put it there in time; whoever takes over has no row of it."""
    lane = _lane()
    lane.give(_upsert(1, 1))
    successor = OneLane(policy=_policy(), platform=lane.platform, now=NOW + 9 * HOUR)
    assert successor.give(_upsert(1, 1)) == [APPLIED]
    assert [each for each in successor.sent if isinstance(each, FetchContact)]


def test_a_row_that_was_refused_leaves_the_older_good_one_its_own_age() -> None:
    """Where the newest is refused, the one before goes there only while it may."""
    lane = _lane(_policy(field=None))
    lane.platform.poison = {"bad"}
    lane.parked = ALL
    lane.give(_upsert(1, None, committed=2 * HOUR))
    fresh = an_upsert(2, a_row("bad"), Revision(Position("lsn", (2,)), round(NOW * 1000)))
    lane.parked = None
    assert lane.give(fresh) == [SUPERSEDED, (Verdict.REJECTED, Reason.REFUSED_BY_PLATFORM)]
    assert not lane.platform.contacts
