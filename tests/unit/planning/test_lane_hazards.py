"""What a lane must get right when answers, repeats and opt-outs cross each other."""

from dataclasses import replace
from itertools import pairwise

import pytest

from connector.domain.belief import NOTHING_KNOWN
from connector.domain.change import Flaw, LeadChange, LeadOptOut, NumbersOptOut, Row
from connector.domain.command import (
    BlockNumber,
    Command,
    FetchContact,
    QuarantineContact,
    UpsertContact,
)
from connector.domain.contact import Contact
from connector.domain.ids import ContactId, LeadId, ListId, OutcomeId, PhoneNumber
from connector.domain.outcome import Action
from connector.domain.reason import Reason, Stage, Verdict
from connector.domain.result import Accepted, Refused, Rejected, Result, Unknown
from connector.domain.revision import NO_REVISION, Position, Revision
from connector.planning import lane as lane_module
from connector.planning.decision import WINDOW, decide
from connector.planning.lane import Lane
from connector.planning.moves import Moves
from connector.planning.order import followed
from connector.planning.pending import Door, Pending, Progress
from connector.planning.plan import Case, Done, Plan
from connector.planning.policy import MAPPING_ITSELF, Policy
from connector.planning.protection import READ_BACK_SECONDS
from tests.support.lane_world import ALL, DNC, SOURCE, SOUTH, Platform, a_policy
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


def _pending(change: LeadOptOut | NumbersOptOut, now: float) -> Pending:
    return Pending(change, Door.COMPLY, None, Progress(now))


def test_a_repeated_request_leaves_nothing_that_an_opt_out_withdrew() -> None:
    """A batch that is split or repeated asks again, and the insert of an opted-out lead stays."""
    lane = Lane(LEAD, NOTHING_KNOWN, None, a_policy(adopt=False))
    moves = lane.admit(Pending(an_upsert(0), Door.APPLY, None, Progress(1.0)), 1.0)
    (insert,) = (ask.command for ask in moves.ask)
    assert lane.sent(insert, "b1", 1.0)
    assert lane.sent(insert, "b1", 1.1), "a mere repeat goes on"
    moves = lane.admit(_pending(an_opt_out(1, "+1550"), 2.0), 2.0)
    (block,) = (ask.command for ask in moves.ask if isinstance(ask.command, BlockNumber))
    assert lane.sent(block, "b2", 2.1)
    lane.answered(block, Accepted(), 2.2)
    assert not lane.sent(insert, "b1", 2.5)
    asked = [ask.command for ask in lane.plan(2.5).ask]
    assert FetchContact(LEAD, ALL, ContactId("L1")) in asked, "what may be there is looked for"


def test_an_opt_out_has_not_waited_since_the_write_that_it_overtakes_came() -> None:
    """Else its read would stand before the quarantine of a lead that opted out earlier."""
    lane = Lane(LEAD, NOTHING_KNOWN, None, a_policy(adopt=False))
    (insert,) = lane.admit(Pending(an_upsert(0), Door.APPLY, None, Progress(1.0)), 1.0).ask
    assert insert.since == 1.0
    asked = lane.admit(_pending(an_opt_out(1, "+1550"), 60.0), 60.0).ask
    assert {type(ask.command) for ask in asked} == {BlockNumber, FetchContact}
    assert {ask.since for ask in asked} == {60.0}


def test_a_write_goes_back_when_an_opt_out_comes_while_its_connection_opens() -> None:
    """Between the word that it may leave and its first byte an opt-out came: ask again, and no."""
    lane = Lane(LEAD, NOTHING_KNOWN, None, a_policy(adopt=False))
    moves = lane.admit(Pending(an_upsert(0), Door.APPLY, None, Progress(1.0)), 1.0)
    (insert,) = (ask.command for ask in moves.ask)
    assert lane.sent(insert, "b1", 1.0)
    assert lane.stands(insert)
    moves = lane.admit(_pending(an_opt_out(1, "+1550"), 2.0), 2.0)
    assert not lane.stands(insert)
    (block,) = (ask.command for ask in moves.ask if isinstance(ask.command, BlockNumber))
    assert lane.sent(block, "b2", 2.1)
    assert lane.stands(block), "a number waits for nothing"
    assert not lane.sent(insert, "b1", 2.2)
    assert not lane.stands(insert), "nobody asked for it any more"


def test_a_newer_row_calls_nothing_back() -> None:
    """Only an opt-out is worth a connection: the newer row follows the older one."""
    lane = Lane(LEAD, NOTHING_KNOWN, None, a_policy(adopt=False))
    moves = lane.admit(Pending(an_upsert(0), Door.APPLY, None, Progress(1.0)), 1.0)
    (insert,) = (ask.command for ask in moves.ask)
    assert lane.sent(insert, "b1", 1.0)
    lane.admit(Pending(an_upsert(1), Door.APPLY, None, Progress(1.5)), 1.5)
    assert lane.stands(insert)


class _Dialled(Platform):
    """A platform whose dialler never lets go of the lead's contact."""

    def serve(self, command: Command) -> Result:
        if isinstance(command, FetchContact | BlockNumber):
            return super().serve(command)
        return Refused(0.5, collision=True)


def _collide(lane: Lane, moves: Moves, start: float, seconds: float) -> list[float]:
    """Let every write collide; return when each was tried, in seconds since *start*."""
    platform, now = _Dialled(), start
    data = {"CRM_Lead_ID": LEAD, "Name": "Ann", "Mobile": "+1550", "Notes": ""}
    contact = Contact(ContactId(LEAD), ALL, data, callable=True)
    platform.contacts[ALL, contact.id] = contact
    asks, tried = list(moves.ask), []
    while asks and now < start + seconds:
        asks.sort(key=lambda ask: ask.not_before)
        ask = asks.pop(0)
        now = max(now + 0.01, ask.not_before)
        if lane.sent(ask.command, f"b{now}", now):
            if not isinstance(ask.command, FetchContact | BlockNumber):
                tried.append(now - start)
            moves = lane.answered(ask.command, platform.serve(ask.command), now)
        else:
            moves = lane.plan(now)
        asks = [other for other in asks if other.command not in moves.withdraw] + moves.ask
        if moves.done:
            assert [(done.verdict, done.reason) for done in moves.done] == [
                (Verdict.REJECTED, Reason.COLLISION)
            ]
    return tried


def _known_lane() -> Lane:
    known = OneLane(a_policy(adopt=False))
    assert known.give(an_upsert(0)) == [APPLIED]
    return Lane(LEAD, known.lane.explained, None, known.policy)


def test_an_update_that_collides_becomes_a_dead_letter_at_the_limit() -> None:
    """Reads in between (a read serves 30 s) neither end the collision nor its growing pauses."""
    lane, start = _known_lane(), 20_000.0
    change = an_upsert(1, a_row(name="Bea"))
    moves = lane.admit(Pending(change, Door.APPLY, None, Progress(start)), start)
    tried = _collide(lane, moves, start, 3_600.0)
    assert lane.idle
    assert 600 < tried[-1] < 650
    assert max(b - a for a, b in pairwise(tried)) == pytest.approx(30, abs=0.1)


def test_a_collision_waits_as_long_as_the_platform_asked() -> None:
    """Its own pause of 500 ms is the least, not the most."""
    lane = Lane(LEAD, NOTHING_KNOWN, None, a_policy(adopt=False))
    moves = lane.admit(Pending(an_upsert(0), Door.APPLY, None, Progress(1.0)), 1.0)
    (insert,) = (ask.command for ask in moves.ask)
    for tries, (after, pause) in enumerate([(0.5, 0.5), (7.0, 7.0), (0.5, 2.0)]):
        assert lane.sent(insert, f"b{tries}", 2.0)
        (ask,) = lane.answered(insert, Refused(after, collision=True), 2.0).ask
        assert ask.not_before == 2.0 + pause


def test_an_opt_out_that_collides_is_repeated_for_ever() -> None:
    """It begins with the pause of 500 ms, whatever its predecessor had come to."""
    lane, start = _known_lane(), 20_000.0
    moves = lane.admit(_pending(an_opt_out(1, "+1550"), start), start)
    tried = _collide(lane, moves, start, 3_600.0)
    assert not lane.idle
    assert tried[1] - tried[0] == pytest.approx(0.5, abs=0.1)
    assert tried[-1] > 3_500


def test_a_contact_that_cannot_be_quarantined_does_not_spare_its_double() -> None:
    """The platform refuses one of two contacts: the other is quarantined, all numbers blocked."""
    lane = OneLane()
    lane.hold("refused", Name="poison", Mobile="+1000")
    lane.hold("taken", Name="ok", Mobile="+1001")
    lane.platform.poison = {"poison"}
    told = lane.give(an_opt_out(1, "+1550"))
    assert told == [(Verdict.REJECTED, Reason.REFUSED_BY_PLATFORM)]
    assert not lane.contact("taken").callable
    assert lane.platform.blocked == {"+1000", "+1001", "+1550"}


REVISION = Revision(Position("lsn", (5,)), commit_time=77)


@pytest.mark.parametrize("own", [9, 11], ids=["older offset", "same change"])
def test_an_opt_out_that_followed_a_key_makes_no_record_of_the_lead_a_repeat(own: int) -> None:
    """What the lead's former id caused says nothing about the lead's own record."""
    lane = OneLane()
    numbers = frozenset({PhoneNumber("+1999")})
    came = LeadOptOut(
        LEAD,
        followed(an_origin(10)),
        REVISION,
        Row({}, whole=False),
        numbers,
        cause=OutcomeId("crm/0/10"),
    )
    assert came.origin.outcome_id == "crm/0/10/2"
    assert lane.give(came) == [APPLIED]
    lane = lane.again()
    assert lane.give(came) == [(Verdict.DUPLICATE, None)]
    assert lane.again().give(an_opt_out(own, "+1550", revision=REVISION)) == [APPLIED]
    assert lane.platform.blocked == {"+1999", "+1550"}


def test_a_follower_that_waits_with_the_lead_s_own_opt_out_takes_nothing_of_it() -> None:
    """One statement changed the key and opted out: both are honoured, each once."""
    lane = OneLane()
    cause = OutcomeId("crm/0/10")
    numbers = frozenset({PhoneNumber("+1999")})
    row = Row({}, whole=False)
    came = LeadOptOut(LEAD, followed(an_origin(10)), REVISION, row, numbers, cause=cause)
    told = lane.give(came, an_opt_out(11, "+1550", revision=REVISION))
    assert told == [APPLIED, APPLIED]
    assert lane.platform.blocked == {"+1999", "+1550"}


def test_what_came_before_a_follower_s_cause_is_no_consent() -> None:
    """An upsert older than the record that opted the former id out says nothing of it."""
    lane = OneLane()
    cause, row = OutcomeId("crm/0/10"), Row({}, whole=False)
    came = LeadOptOut(LEAD, followed(an_origin(10)), REVISION, row, frozenset(), cause=cause)
    lane.give(came)
    told = lane.again().give(an_upsert(9), an_upsert(11, a_row(name="Bea")))
    assert [reason for _, reason in told] == [Reason.OPTED_OUT, Reason.RECONSENT_NEEDS_REVIEW]


@pytest.mark.parametrize("waiting", [True, False])
def test_the_tombstone_of_an_opted_out_lead_says_nothing(*, waiting: bool) -> None:
    """Whether it waits with the delete before it or comes later: it is no change of a lead."""
    lane = OneLane()
    lane.give(an_opt_out(1, "+1550"))
    lane = lane.again()
    changes = [a_delete(2), a_delete(3, tombstone=True)]
    told = lane.give(*changes) if waiting else [lane.give(each)[0] for each in changes]
    assert told == [
        (Verdict.UNCHANGED, Reason.OPTED_OUT),
        (Verdict.UNCHANGED, Reason.NOT_A_LEAD_CHANGE),
    ]


def _numbers_end(flaw: Flaw | None, result: Result) -> tuple[Verdict | None, Reason | None]:
    number = frozenset({PhoneNumber("+1550")})
    change = NumbersOptOut(LeadId("#digest"), an_origin(1), NO_REVISION, number, flaw)
    lane = Lane(change.lead, NOTHING_KNOWN, None, a_policy())
    (ask,) = lane.admit(_pending(change, 1.0), 1.0).ask
    assert lane.sent(ask.command, "b1", 1.0)
    (done,) = lane.answered(ask.command, result, 1.0).done
    return done.verdict, done.reason


def test_numbers_without_a_lead_end_as_they_went() -> None:
    """Blocked, refused by the platform, or from a record that should have named a lead."""
    refused = Rejected(Reason.REFUSED_BY_PLATFORM, "refused")
    nameless = Flaw(Reason.LEAD_ID_MISSING, Stage.VALIDATE)
    assert _numbers_end(None, Accepted()) == APPLIED
    assert _numbers_end(None, refused) == (Verdict.REJECTED, Reason.REFUSED_BY_PLATFORM)
    assert _numbers_end(nameless, Accepted()) == (Verdict.REJECTED, Reason.LEAD_ID_MISSING)


class _Picky(Platform):
    """A platform that takes no number of a country that it does not know."""

    def serve(self, command: Command) -> Result:
        if isinstance(command, BlockNumber) and command.number.startswith("+999"):
            return Rejected(Reason.REFUSED_BY_PLATFORM, "invalid.value")
        return super().serve(command)


@pytest.mark.parametrize("bad", [0, 1, 2])
def test_a_number_that_the_platform_refuses_keeps_nothing_else_of_its_opt_out(bad: int) -> None:
    """The other numbers are blocked, every contact is quarantined, the lead is opted out; the
    opt-out itself ends as rejected, and no number is sent a second time.
    """
    numbers = [f"+155{n}" for n in range(3)]
    numbers[bad] = "+9991"
    lane = OneLane(a_policy(adopt=False), platform=_Picky())
    lane.give(an_upsert(0))
    lane.hold("theirs")
    told = lane.give(an_opt_out(1, *numbers))
    assert told == [(Verdict.REJECTED, Reason.REFUSED_BY_PLATFORM)]
    assert lane.platform.blocked >= {PhoneNumber(each) for each in numbers if each != "+9991"}
    assert not lane.contact("L1").callable
    asked = [each for each in lane.sent if isinstance(each, BlockNumber)]
    assert len(asked) == len(set(asked))
    assert [verdict for verdict, _ in lane.give(an_upsert(2))] == [Verdict.SUPPRESSED]
    assert not lane.contact("L1").callable


def _without_their_source(*, renamed: bool) -> Policy:
    """Return a policy of settings that no longer have the source `former`."""
    policy = a_policy()
    mapped, source = policy.lists[ALL].mapped[SOURCE], policy.sources[SOURCE]
    name = "renamed" if renamed else MAPPING_ITSELF
    return replace(
        policy,
        lists={key: replace(each, mapped={name: mapped}) for key, each in policy.lists.items()},
        sources={name: source},
        readers={"crm": "renamed"} if renamed else {},
    )


@pytest.mark.parametrize("renamed", [True, False])
def test_changes_of_a_source_that_the_settings_no_longer_have(*, renamed: bool) -> None:
    """They were taken in before: by the mapping that reads their topic now, else `[mapping]`."""
    lane = OneLane(_without_their_source(renamed=renamed))
    former = an_origin(1, source="former")
    assert lane.give(replace(an_upsert(1), origin=former)) == [APPLIED]
    assert lane.contact(LEAD).data["Name"] == "Ann"
    lane.give(an_opt_out(2, "+1550"))
    lane = lane.again()
    late = replace(an_upsert(3, a_row(mobile="+1777")), origin=replace(former, offset=3))
    assert lane.give(late) == [(Verdict.SUPPRESSED, Reason.OPTED_OUT)]
    assert "+1777" in lane.platform.blocked


class _OpenLane:
    """A lane that stays open: what it asks is sent and answered where the test says so."""

    def __init__(self, lane: Lane, platform: Platform, now: float) -> None:
        self.lane, self.platform, self.now = lane, platform, now
        self.waiting: list[Command] = []
        self.done: list[Done] = []

    def admit(self, change: LeadChange, door: Door = Door.APPLY) -> None:
        """Give the lane a change."""
        self.take(self.lane.admit(Pending(change, door, None, Progress(self.now)), self.now))

    def take(self, moves: Moves) -> None:
        """Take what a step of the lane came to."""
        self.waiting = [each for each in self.waiting if each not in moves.withdraw]
        self.waiting += [ask.command for ask in moves.ask]
        self.done += moves.done
        if moves.places:
            self.take(self.lane.written(moves.places, self.now))

    def serve(self, but: ListId | None = None) -> None:
        """Send and answer everything, *but* what is for one list: that is refused once."""
        refused: set[Command] = set()
        while ready := [each for each in self.waiting if each not in refused]:
            if not isinstance(ready[0], BlockNumber) and ready[0].list_id == but:
                refused.add(ready[0])
                self.serve_one(ready[0], Refused(1.0))
            else:
                self.serve_one(ready[0])

    def serve_one(self, command: Command, result: Result | None = None) -> None:
        """Send *command*; the platform does it unless the *result* says otherwise."""
        self.waiting.remove(command)
        self.now += 0.01
        if self.lane.sent(command, f"b{self.now}", self.now):
            result = self.platform.serve(command) if result is None else result
            self.take(self.lane.answered(command, result, self.now))
        else:
            self.take(self.lane.plan(self.now))


def _open_lane() -> _OpenLane:
    """Return the lane of a lead new to it that `south` keeps open: that list does nothing."""
    lane = Lane(LEAD, NOTHING_KNOWN, None, a_policy())
    opened = _OpenLane(lane, Platform(), 20_000.0)
    opened.admit(an_upsert(1, a_row(region="south")))
    opened.serve(but=SOUTH)
    assert opened.platform.contacts.keys() == {PLACE}
    return opened


PLACE = (ALL, ContactId(LEAD))


def _lose_the_answer_of_an_upsert(opened: _OpenLane) -> None:
    """Let the lead be written callable on `all`; nobody hears of it."""
    opened.admit(an_upsert(3, a_row(region="south", name="Bea")))
    while not any(isinstance(each, UpsertContact) for each in opened.waiting):
        opened.serve_one(
            next(e for e in opened.waiting if not isinstance(e, BlockNumber) and e.list_id == ALL)
        )
    upsert = next(each for each in opened.waiting if isinstance(each, UpsertContact))
    assert opened.lane.sent(upsert, "lost", opened.now)
    opened.waiting.remove(upsert)
    opened.platform.serve(upsert)
    opened.take(opened.lane.answered(upsert, Unknown(), opened.now))
    assert opened.platform.contacts[PLACE].callable


@pytest.mark.parametrize("landed", [True, False])
def test_a_quarantine_whose_answer_was_lost_is_told_as_done(*, landed: bool) -> None:
    """The read that follows shows what it did: the delete is `applied`, and names the effect."""
    opened = _OpenLane(Lane(LEAD, NOTHING_KNOWN, None, a_policy()), Platform(), 20_000.0)
    opened.admit(an_upsert(1))
    opened.serve()
    opened.done.clear()
    opened.admit(a_delete(2))
    while not isinstance(quarantine := opened.waiting[0], QuarantineContact) or quarantine.deletes:
        opened.serve_one(quarantine)
    if landed:
        opened.platform.serve(quarantine)
    opened.serve_one(quarantine, Unknown())
    (read,) = opened.waiting
    assert isinstance(read, FetchContact)
    opened.serve()
    (done,) = opened.done
    assert (done.verdict, done.reason) == APPLIED
    assert [each.action for each in done.pending.effects] == [Action.QUARANTINED]
    assert not opened.platform.contacts[PLACE].callable


def test_a_row_of_another_loaders_contact_whose_answer_was_lost_is_told_as_done() -> None:
    """The read that follows shows our row there: it is no row that was there before us."""
    platform = Platform()
    place = (ALL, ContactId("theirs"))
    data = {"CRM_Lead_ID": LEAD, "Name": "Old", "Mobile": "", "Notes": ""}
    platform.contacts[place] = Contact(place[1], ALL, data, callable=True)
    opened = _OpenLane(Lane(LEAD, NOTHING_KNOWN, None, a_policy()), platform, 20_000.0)
    opened.admit(an_upsert(1))
    while not isinstance(upsert := opened.waiting[0], UpsertContact):
        opened.serve_one(upsert)
    opened.platform.serve(upsert)
    opened.serve_one(upsert, Unknown())
    opened.serve()
    (done,) = opened.done
    assert (done.verdict, done.reason) == APPLIED
    assert [each.action for each in done.pending.effects] == [Action.UPDATED]


def test_numbers_that_an_opt_out_blocks_are_no_effect_of_a_row_before_it() -> None:
    """Two rows share an insert that is in the air; the older one ends `stale`, and did nothing."""
    opened = _OpenLane(
        Lane(LEAD, NOTHING_KNOWN, None, a_policy(adopt=False)), Platform(), 20_000.0
    )
    opened.admit(an_upsert(1, a_row(mobile="+1555")))
    opened.admit(an_upsert(2, a_row(mobile="+1666")))
    (insert,) = opened.waiting
    opened.waiting.clear()
    assert opened.lane.sent(insert, "b1", opened.now)
    opened.admit(an_opt_out(3, "+1777"), Door.COMPLY)
    for block in [each for each in opened.waiting if isinstance(each, BlockNumber)]:
        opened.serve_one(block)
    opened.take(opened.lane.answered(insert, opened.platform.serve(insert), opened.now))
    opened.serve()
    ends = {each.pending.change.origin.offset: each for each in opened.done if each.verdict}
    assert ends[1].verdict is Verdict.STALE
    assert not ends[1].pending.effects
    assert {each.action for each in ends[2].pending.effects} == {Action.INSERTED}
    assert Action.NUMBERS_BLOCKED in {each.action for each in ends[3].pending.effects}
    assert opened.platform.blocked == {"+1555", "+1666", "+1777"}


def test_each_of_two_opt_outs_behind_a_write_blocks_its_own_numbers() -> None:
    """Both are `applied`: the second brought a number of its own."""
    opened = _OpenLane(
        Lane(LEAD, NOTHING_KNOWN, None, a_policy(adopt=False)), Platform(), 20_000.0
    )
    opened.admit(an_upsert(1, a_row(mobile="+1555")))
    (insert,) = opened.waiting
    opened.waiting.clear()
    assert opened.lane.sent(insert, "b1", opened.now)
    opened.admit(an_opt_out(2, "+1777"), Door.COMPLY)
    opened.admit(an_opt_out(3, "+1888"), Door.COMPLY)
    for block in [each for each in opened.waiting if isinstance(each, BlockNumber)]:
        opened.serve_one(block)
    opened.take(opened.lane.answered(insert, opened.platform.serve(insert), opened.now))
    opened.serve()
    assert [(each.verdict, each.reason) for each in opened.done if each.verdict] == [APPLIED] * 3


def test_a_refused_record_that_was_redelivered_asks_once() -> None:
    """Both copies are `rejected`; the platform is not asked the same again."""
    opened = _OpenLane(
        Lane(LEAD, NOTHING_KNOWN, None, a_policy(adopt=False)), Platform(), 20_000.0
    )
    opened.admit(an_upsert(1, a_row(name="poison")))
    opened.admit(an_upsert(1, a_row(name="poison")))
    (insert,) = opened.waiting
    opened.serve_one(insert, Rejected(Reason.REFUSED_BY_PLATFORM, "refused"))
    assert not opened.waiting
    assert [each.verdict for each in opened.done] == [Verdict.REJECTED] * 2


def test_a_quarantine_that_ended_protects_nobody_from_a_later_opt_out() -> None:
    """Quarantined, written callable without an answer, later opted out: quarantined anew."""
    opened = _open_lane()
    opened.admit(a_quarantine(2, a_row(region="south")))
    opened.serve(but=SOUTH)
    assert not opened.platform.contacts[PLACE].callable
    _lose_the_answer_of_an_upsert(opened)
    opened.now += 40
    opened.admit(an_opt_out(4, "+1550"), Door.COMPLY)
    opened.serve()
    assert not opened.platform.contacts[PLACE].callable


def test_a_write_whose_answer_is_lost_may_have_ended_a_quarantine() -> None:
    """Quarantined, written callable without an answer, deleted: quarantined anew."""
    opened = _open_lane()
    opened.admit(a_quarantine(2, a_row(region="south")))
    opened.serve(but=SOUTH)
    _lose_the_answer_of_an_upsert(opened)
    opened.admit(a_delete(4))
    opened.serve()
    assert opened.lane.idle
    assert not opened.platform.contacts[PLACE].callable


def test_an_opt_out_looks_itself_whatever_its_lane_saw_before() -> None:
    """A lane can be open for hours: what it read and searched then is no proof now."""
    opened = _open_lane()
    loaded = (ALL, ContactId("loaded"))
    contact = opened.platform.contacts[PLACE]
    opened.platform.contacts[loaded] = replace(contact, id=loaded[1])
    opened.now += 40
    opened.admit(an_opt_out(4, "+1550"), Door.COMPLY)
    opened.serve()
    assert not opened.platform.contacts[PLACE].callable
    assert not opened.platform.contacts[loaded].callable


def test_who_disables_a_contact_before_our_quarantine_left_is_not_undone() -> None:
    """The row that says *ours* was written ahead, the quarantine never left: it is none."""
    opened = _open_lane()
    opened.admit(a_quarantine(2, a_row(region="south")))
    fetch = next(each for each in opened.waiting if isinstance(each, FetchContact))
    assert opened.lane.sent(fetch, "b1", opened.now)
    opened.take(opened.lane.answered(fetch, opened.platform.serve(fetch), opened.now))
    assert any(isinstance(each, QuarantineContact) for each in opened.waiting)
    contact = opened.platform.contacts[PLACE]
    opened.platform.contacts[PLACE] = replace(contact, callable=False)
    opened.now += 40
    opened.admit(an_upsert(3, a_row(region="south", name="Bea")))
    opened.serve()
    contact = opened.platform.contacts[PLACE]
    assert (contact.data["Name"], contact.callable) == ("Bea", False)


def test_a_lead_that_changes_thousands_of_times_costs_each_change_little() -> None:
    """Beyond a window of them nothing is decided anew for one more; all end as they must."""
    opened = _OpenLane(Lane(LEAD, NOTHING_KNOWN, None, a_policy()), Platform(), 20_000.0)
    decided: list[int] = []
    with pytest.MonkeyPatch.context() as patch:

        def counted(case: Case) -> Plan:
            decided.append(len(case.waiting))
            return decide(case)

        patch.setattr(lane_module, "decide", counted)
        for offset in range(10 * WINDOW):
            opened.admit(an_upsert(offset, a_row(name=f"N{offset}")))
        assert len(decided) <= WINDOW + 1
        opened.serve()
    assert opened.lane.idle
    assert opened.platform.contacts[PLACE].data["Name"] == f"N{10 * WINDOW - 1}"


def test_an_opt_out_overtakes_all_of_them() -> None:
    """It is decided at once, and every change that waits is suppressed, its number blocked."""
    opened = _OpenLane(Lane(LEAD, NOTHING_KNOWN, None, a_policy()), Platform(), 20_000.0)
    for offset in range(WINDOW + 9):
        opened.admit(an_upsert(offset, a_row(mobile=f"+1{offset}")))
    opened.admit(an_opt_out(5_000, "+1550"), Door.COMPLY)
    assert sum(isinstance(each, BlockNumber) for each in opened.waiting) == WINDOW + 10
    opened.serve()
    assert opened.lane.idle
    assert not opened.platform.contacts


@pytest.mark.parametrize(
    ("opted_out_by", "expected"),
    [
        (("default",), Reason.RECONSENT_NEEDS_REVIEW),
        (("consent",), Reason.OPTED_OUT),
        (("default", "consent"), Reason.OPTED_OUT),
        (("consent", "default"), Reason.OPTED_OUT),
    ],
)
def test_consent_is_the_word_of_the_source_that_told_of_every_opt_out(
    opted_out_by: tuple[str, ...], expected: Reason
) -> None:
    """Another source's `false` takes nothing back."""
    lane = OneLane()
    lane.give(an_upsert(1))
    for at, source in enumerate(opted_out_by, 2):
        origin = an_origin(at, source=source, topic="crm" if source == "default" else source)
        lane.give(replace(an_opt_out(at, "+1550"), origin=origin))
    assert lane.give(an_upsert(9, a_row(name="Bea"))) == [(Verdict.SUPPRESSED, expected)]
    assert not lane.contact("L1").callable


@pytest.mark.parametrize("verify", [True, False])
def test_a_number_that_only_the_contact_had_waits_for_its_list_behind_the_quarantine(
    *, verify: bool
) -> None:
    """The contact is closed at once, the DNC list is parked, and the read-back never comes."""
    lane = OneLane(replace(a_policy(), verify=verify))
    lane.hold("theirs", Mobile="+1777")
    opt_out = LeadOptOut(LEAD, an_origin(1), NO_REVISION, Row({}, whole=False), frozenset())
    waiting = [ask.command for ask in lane.lane.admit(_pending(opt_out, lane.now), lane.now).ask]
    block = BlockNumber(LEAD, DNC, PhoneNumber("+1777"))
    read_back = FetchContact(LEAD, ALL, ContactId("theirs"))
    done: list[Done] = []
    while waiting:
        command = waiting.pop(0)
        closed = not lane.contact("theirs").callable
        if command == block or (closed and command == read_back):
            continue
        assert lane.lane.sent(command, "b1", lane.now)
        moves = lane.lane.answered(command, lane.platform.serve(command), lane.now)
        assert block not in moves.withdraw
        waiting += [ask.command for ask in moves.ask]
        done += moves.done
    late = lane.now + READ_BACK_SECONDS + 1
    moves = lane.lane.plan(late)
    assert not lane.contact("theirs").callable
    assert not [*done, *moves.done], "its number is on no DNC list yet"
    assert lane.lane.sent(block, "b2", late)
    assert [each.verdict for each in lane.lane.answered(block, Accepted(), late).done] == [
        Verdict.APPLIED
    ]
