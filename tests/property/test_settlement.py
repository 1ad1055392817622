"""The law of settling: a row that the broker has says nothing that no outcome there says."""

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.belief import NOTHING_KNOWN, Belief
from connector.domain.change import LeadOptOut, LeadUpsert, Row
from connector.domain.ids import LeadId
from connector.domain.origin import Origin
from connector.domain.outcome import Outcome
from connector.domain.reason import Reason, Verdict
from connector.domain.record import TopicPartition
from connector.domain.result import Rejected
from connector.domain.revision import NO_REVISION
from connector.planning.ledger import Ledger
from connector.planning.order import raised
from connector.planning.pending import Door, Pending, Progress
from connector.planning.plan import Done
from connector.stream import state_rows
from connector.stream.settlement import Settlement
from connector.stream.state_rows import StateRow
from tests.support.fake_sends import FakeSends
from tests.support.fake_table import FakeTable

PLACE = TopicPartition("a.lead-changes", 0)


def _done(lead: LeadId, offset: int, entry: object, chance: random.Random) -> Done:
    origin = Origin("default", "crm", "t", 0, offset, 1_000)
    pending = Pending(
        LeadUpsert(lead, origin, NO_REVISION, Row({})), Door.APPLY, entry, Progress(1.0)
    )
    if chance.random() < 0.2:
        pending.rejected["list"] = Rejected(Reason.REFUSED_BY_PLATFORM, "too.long")
        return Done(pending, Verdict.REJECTED, Reason.REFUSED_BY_PLATFORM)
    if chance.random() < 0.2:
        moved = LeadOptOut(
            LeadId("moved"), replace(origin, part=2), NO_REVISION, Row({}), frozenset()
        )
        return Done(pending, Verdict.APPLIED, follows=(moved,))
    return Done(pending, Verdict.APPLIED)


def _after(belief: Belief, done: Done) -> Belief:
    if done.verdict is Verdict.REJECTED:
        return belief
    change = done.pending.change
    marks = raised(belief.marks, change.origin, change.revision, newer=True)
    return replace(belief, marks=marks)


@given(seed=st.integers(0, 2**40), records=st.integers(1, 25))
def test_a_durable_row_is_explained_by_durable_outcomes(seed: int, records: int) -> None:
    """Whatever prefix of each topic the broker has when the worker dies, L1 and L2 hold."""
    chance = random.Random(seed)
    sends, table = FakeSends(), FakeTable()
    settlement = Settlement(sends, table, lambda: 1.0)
    ledger = Ledger(1_000)
    ledger.start(PLACE, 0)
    beliefs = {LeadId("L0"): NOTHING_KNOWN, LeadId("L1"): NOTHING_KNOWN}
    told: dict[int, LeadId] = {}
    for offset in range(records):
        lead = chance.choice(list(beliefs))
        told[offset] = lead
        done = _done(lead, offset, ledger.open(PLACE, offset), chance)
        before, beliefs[lead] = beliefs[lead], _after(beliefs[lead], done)
        settlement.settle(lead, 0, [done], before, beliefs[lead])
        while chance.random() < 0.6:
            _deliver_one(sends, chance)
    for _ in range(chance.randrange(6 * records)):
        _deliver_one(sends, chance)
    _judge(sends, ledger, told)


def _deliver_one(sends: FakeSends, chance: random.Random) -> None:
    waiting = [topic for topic in sends.topics if topic.waiting]
    if waiting:
        chance.choice(waiting).deliver()


def _judge(sends: FakeSends, ledger: Ledger, told: dict[int, LeadId]) -> None:
    outcomes = [each for each in sends.outcomes.log if isinstance(each, Outcome)]
    explained = {each.origin.offset for each in outcomes}
    newest: dict[bytes, int] = {}
    for row in sends.rows.log:
        assert isinstance(row, StateRow)
        (mark,) = state_rows.decode_lead(row.value).marks
        assert mark.offset in explained
        assert mark.offset > newest.get(row.key, -1), "an older row followed a newer one"
        newest[row.key] = mark.offset
        lead = told[mark.offset]
        earlier = {
            offset for offset, each in told.items() if each == lead and offset < mark.offset
        }
        assert earlier <= explained
    for offset in range(ledger.positions()[PLACE]):
        assert offset in explained
    for outcome in outcomes:
        followed = [
            each
            for each in sends.opt_outs.log
            if isinstance(each, LeadOptOut) and each.origin.offset == outcome.origin.offset
        ]
        assert len(followed) <= 1
    letters = len(sends.letters.log)
    rejected = [each for each in outcomes if each.verdict is Verdict.REJECTED]
    if not any(topic.waiting for topic in sends.topics):
        assert letters == len(rejected)
        assert ledger.open_count == 0


def test_everything_settles_once_the_broker_has_it_all() -> None:
    """When nothing waits any more, every record is settled and every refusal has its letter."""
    for seed in range(50):
        chance = random.Random(seed)
        sends = FakeSends()
        settlement = Settlement(sends, FakeTable(), lambda: 1.0)
        ledger = Ledger(1_000)
        ledger.start(PLACE, 0)
        belief = NOTHING_KNOWN
        for offset in range(12):
            done = _done(LeadId("L0"), offset, ledger.open(PLACE, offset), chance)
            before, belief = belief, _after(belief, done)
            settlement.settle(LeadId("L0"), 0, [done], before, belief)
        while any(topic.waiting for topic in sends.topics):
            _deliver_one(sends, chance)
        assert ledger.open_count == 0
        assert ledger.positions() == {PLACE: 12}
        assert settlement.unsettled == 0
