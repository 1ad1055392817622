"""A record that names several leads: one message and one outcome each, one dead letter for all."""

from dataclasses import replace

import pytest

from connector.cdc.decoding import Decoder
from connector.cdc.source import Role
from connector.domain.change import LeadOptOut
from connector.domain.dead_letter import DeadLetter
from connector.domain.outcome import Outcome
from connector.domain.record import Record, TopicPartition
from connector.planning.ledger import Ledger
from connector.stream.intake import Intake
from tests.support.fake_sends import FakeSends, FakeTopic
from tests.support.records import TOPIC
from tests.support.salesforce import SALESFORCE, corpus
from tests.support.taking import take

PLACE = TopicPartition(TOPIC, 0)
LEADS = ["00Q5f000001AbCeEAK", "00Q5f000001AbCdEAK", "00Q5f000001aBcDEAK"]


class Taken:
    """An intake that took the record of one line of the corpus."""

    def __init__(self, says: str, sends: FakeSends | None = None) -> None:
        self.sends = sends or FakeSends()
        self.ledger = Ledger(10)
        self.ledger.start(PLACE, 7)
        line = next(each for each in corpus("b") if each.says == says)
        record = line.record()
        self.record: Record = record
        decoders = {TOPIC: Decoder(SALESFORCE)}
        intake = Intake(decoders, {TOPIC: "topic-id"}, self.sends, lambda: 1.0)
        take(intake, record, self.ledger.open(PLACE, record.offset))

    def settled(self) -> bool:
        """Say whether the record's offset may be committed."""
        return self.ledger.open_count == 0

    def deliver(self, topic: FakeTopic) -> None:
        """Let the broker have all that waits in *topic*."""
        while topic.waiting:
            assert not self.settled()
            topic.deliver()


def _ids(topic: FakeTopic) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for each in topic.log:
        assert isinstance(each, LeadOptOut)
        found.append((each.lead, each.origin.outcome_id))
    return found


def _outcomes(topic: FakeTopic) -> list[tuple[str | None, str, str, str | None]]:
    found: list[tuple[str | None, str, str, str | None]] = []
    for each in topic.log:
        assert isinstance(each, Outcome)
        found.append((each.lead_id, each.outcome_id, str(each.verdict), each.reason))
    return found


MASS = "a mass opt-out: each lead has its own change, in the order of recordIds"
NUMBERED = [(LEADS[0], f"{TOPIC}/0/7"), (LEADS[1], f"{TOPIC}/0/7/2"), (LEADS[2], f"{TOPIC}/0/7/3")]


def test_each_lead_has_its_own_message_in_both_topics() -> None:
    """An opt-out of three leads is three opt-outs and three fences, numbered as they are named."""
    taken = Taken(MASS)
    taken.deliver(taken.sends.opt_outs)
    assert not taken.settled()
    taken.deliver(taken.sends.changes)
    assert taken.settled()
    assert _ids(taken.sends.opt_outs) == _ids(taken.sends.changes) == NUMBERED
    assert not taken.sends.outcomes.log


@pytest.mark.parametrize("arrived", range(6))
def test_a_crash_between_them_repeats_all_of_them_under_the_same_ids(arrived: int) -> None:
    """The offset stays until the last of them is durable; what comes twice has one outcome id."""
    first = Taken(MASS)
    for _ in range(arrived):
        topic = first.sends.opt_outs if first.sends.opt_outs.waiting else first.sends.changes
        topic.deliver()
    assert not first.settled()
    assert first.ledger.next_offsets() == {}
    again = Taken(MASS)
    again.deliver(again.sends.opt_outs)
    again.deliver(again.sends.changes)
    assert again.settled()
    for topic, before in (
        (again.sends.opt_outs, first.sends.opt_outs),
        (again.sends.changes, first.sends.changes),
    ):
        assert _ids(topic) == NUMBERED
        assert before.log == topic.log[: len(before.log)]


def test_a_refused_record_is_one_letter_and_an_outcome_for_each_lead() -> None:
    """Somebody reads the CRM once, and every lead is accounted for."""
    taken = Taken("GAP_UPDATE: something changed, nobody says what")
    taken.deliver(taken.sends.outcomes)
    taken.deliver(taken.sends.letters)
    assert taken.settled()
    assert _outcomes(taken.sends.outcomes) == [
        ("00Q5f000001AbCdEAK", f"{TOPIC}/0/7", "rejected", "gap"),
        ("00Q5f000001AbCeEAK", f"{TOPIC}/0/7/2", "rejected", "gap"),
    ]
    (letter,) = taken.sends.letters.log
    assert isinstance(letter, DeadLetter)
    assert letter.record == taken.record


def test_a_refused_record_that_names_nobody_has_one_outcome() -> None:
    """An overflow names no lead: one outcome, without one."""
    taken = Taken("an overflow names nobody")
    taken.deliver(taken.sends.outcomes)
    taken.deliver(taken.sends.letters)
    assert taken.settled()
    assert _outcomes(taken.sends.outcomes) == [(None, f"{TOPIC}/0/7", "rejected", "overflow")]


def test_an_opt_out_in_a_refused_record_is_honoured_for_each_lead() -> None:
    """One letter; comply gives the outcome of each, so intake gives none."""
    taken = Taken("an opt-out beside a bad number is honoured")
    for topic in (taken.sends.opt_outs, taken.sends.changes, taken.sends.letters):
        taken.deliver(topic)
    assert taken.settled()
    assert [lead for lead, _ in _ids(taken.sends.opt_outs)] == LEADS[1::-1]
    assert _ids(taken.sends.opt_outs) == _ids(taken.sends.changes)
    assert all(isinstance(each, LeadOptOut) and each.flaw for each in taken.sends.changes.log)
    assert len(taken.sends.letters.log) == 1
    assert not taken.sends.outcomes.waiting


def test_a_source_of_opt_outs_accounts_for_each_lead_of_another_change() -> None:
    """What is no opt-out there says nothing, once for each lead that it names."""
    sends = FakeSends()
    ledger = Ledger(10)
    ledger.start(PLACE, 7)
    says = "the same id twice is one lead"
    record = next(each for each in corpus("b") if each.says == says).record()
    decoders = {TOPIC: Decoder(replace(SALESFORCE, role=Role.OPT_OUTS))}
    intake = Intake(decoders, {TOPIC: "topic-id"}, sends, lambda: 1.0)
    take(intake, record, ledger.open(PLACE, 7))
    while sends.outcomes.waiting:
        sends.outcomes.deliver()
    assert ledger.open_count == 0
    assert [each[:2] for each in _outcomes(sends.outcomes)] == [
        ("00Q5f000001AbCdEAK", f"{TOPIC}/0/7"),
        ("00Q5f000001AbCeEAK", f"{TOPIC}/0/7/2"),
    ]
