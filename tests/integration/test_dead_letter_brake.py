"""A partition with too many dead letters waits for a person, and its opt-outs do not."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from connector.domain.change import LeadUpsert
from connector.domain.command import BlockNumber, Command, UpsertContact, Urgency
from connector.domain.dead_letter import DeadLetter
from connector.domain.ids import LeadId
from connector.domain.outcome import Outcome
from connector.domain.reason import Reason, Verdict
from connector.domain.record import Record, TopicPartition
from connector.domain.result import Rejected, Result
from connector.planning.batch import Batch
from connector.stream import tenure
from tests.support.fake_letter_brakes import FakeLetterBrakes
from tests.support.fake_worker import CHANGES, OPT_OUTS, SOURCE, FakeDelivery, FakeWorker
from tests.support.lead_changes import a_row, an_opt_out, an_upsert

CRM, APPLY = TopicPartition(SOURCE, 0), TopicPartition(CHANGES, 0)
BAD = b"no JSON"
SHARE = 0.003
"""The fourth letter among 1,000 records trips."""


def good(lead: str, *, out: bool = False) -> bytes:
    """Return a row of a lead."""
    return json.dumps(
        {"lead_id": lead, "phone_mobile": "+12125550101", "do_not_call": out}
    ).encode()


def an_upsert_of(lead: str, offset: int) -> LeadUpsert:
    """Return an upsert of a lead of its own."""
    return replace(an_upsert(offset, a_row(mobile=f"+1{offset:03d}")), lead=LeadId(lead))


class _Crm:
    """One source partition as a broker gives it: from anywhere, and in order."""

    def __init__(self, values: list[bytes], brakes: FakeLetterBrakes) -> None:
        self.values = values
        self.brakes = brakes
        self.at = 0
        self.worker = FakeWorker(letter_brakes=brakes)
        self.worker.engine.start()

    async def assign(self) -> None:
        """Read from the commit."""
        await self.worker.assign()
        self.at = self.worker.group.committed.get(CRM, 0)

    def read(self, most: int = 10**6) -> None:
        """Give what is there, and let the broker have what follows from it."""
        while self.at < len(self.values) and most and CRM not in self.worker.group.held:
            value = self.values[self.at]
            self.worker.engine.admit(Record(SOURCE, 0, self.at, 1_000, b"k", value))
            self.at, most = self.at + 1, most - 1
        self.worker.deliver_all()

    async def go_back(self) -> None:
        """Read again from where the worker asked for, as it did until then."""
        await self.worker.rest(40)
        for place, offset, gone in self.worker.group.returns:
            assert place == CRM
            gone()
            self.at = offset
        self.worker.group.returns.clear()

    @property
    def committable(self) -> int:
        """The offset that may be committed."""
        return self.worker.engine.positions()[CRM]

    def outcomes(self) -> list[str]:
        """Return the ids of the outcomes that intake gave."""
        log = self.worker.sends.outcomes.log
        return [each.outcome_id for each in log if isinstance(each, Outcome)]

    def opted_out(self) -> list[str]:
        """Return who was told to comply, in order."""
        log = self.worker.sends.opt_outs.log
        return [getattr(each, "lead", "") for each in log]

    async def stop(self) -> None:
        """End well."""
        await self.worker.engine.stop()
        assert not self.worker.failures


async def test_a_partition_that_trips_reads_on_and_forwards_opt_outs_only() -> None:
    """Three letters and no fourth; then no outcome, no change, no commit. After the release every
    record has its outcome or its change exactly once, as if nothing had been.
    """
    values = [
        BAD,
        good("a"),
        BAD,
        good("b", out=True),
        BAD,
        BAD,
        good("c"),
        good("d", out=True),
        BAD,
    ]
    crm = _Crm(values, FakeLetterBrakes(SHARE))
    await crm.assign()
    crm.read()
    sends = crm.worker.sends
    assert (len(sends.letters.log), crm.committable) == (3, 5)
    await crm.go_back()
    assert crm.at == 5
    crm.read()
    assert (len(sends.letters.log), len(crm.outcomes()), crm.committable) == (3, 3, 5)
    assert (crm.opted_out(), len(sends.changes.log)) == (["b", "d"], 2)
    said = crm.brakes.told[CRM]
    assert said.startswith("4 of the last 6 records are dead letters, 4 of them undecodable (")
    assert said.endswith("its writer and the encoding and envelope of its source do not agree")
    crm.brakes.release(CRM)
    await crm.go_back()
    assert crm.at == 5
    crm.read()
    assert crm.committable == len(values)
    assert crm.outcomes() == [f"crm/0/{offset}" for offset in (0, 2, 4, 5, 8)]
    assert [getattr(each, "lead", "") for each in sends.changes.log] == ["a", "b", "c", "d"]
    assert crm.opted_out() == ["b", "d", "d"]
    assert all(isinstance(each, DeadLetter) for each in sends.letters.log)
    await crm.stop()


async def test_counting_begins_anew_with_the_release() -> None:
    """As many letters as before pass again, and then it trips again."""
    crm = _Crm([BAD] * 20, FakeLetterBrakes(SHARE))
    await crm.assign()
    for letters in (3, 6, 9):
        crm.read()
        await crm.go_back()
        crm.read()
        assert len(crm.worker.sends.letters.log) == crm.committable == letters
        crm.brakes.release(CRM)
        await crm.go_back()
    await crm.stop()


async def test_a_brake_that_stands_holds_for_the_next_owner_from_its_first_record() -> None:
    """After a rebalance or a restart nothing is written before it is known."""
    brakes = FakeLetterBrakes(SHARE)
    brakes.pull(CRM, "before")
    crm = _Crm([BAD, good("a", out=True), good("b")], brakes)
    await crm.assign()
    crm.read()
    assert (crm.opted_out(), crm.committable) == (["a"], 0)
    assert not crm.worker.sends.letters.log
    await crm.worker.engine.revoked()
    await crm.assign()
    crm.read()
    assert (crm.opted_out(), crm.committable) == (["a", "a"], 0)
    brakes.release(CRM)
    await crm.go_back()
    crm.read()
    assert crm.committable == 3
    await crm.stop()


async def test_a_partition_whose_brake_another_worker_pulled_turns_too() -> None:
    """It was the owner a moment ago: what is read before the word came is settled."""
    crm = _Crm([good("a"), good("b"), good("c", out=True)], FakeLetterBrakes(SHARE))
    await crm.assign()
    crm.read(1)
    crm.brakes.pull(CRM, "elsewhere")
    crm.read()
    await crm.go_back()
    crm.read()
    assert (crm.committable, crm.opted_out()) == (1, ["c"])
    await crm.stop()


async def test_reading_on_stays_bounded_and_goes_through_any_number_of_records(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What has no opt-out is forgotten at once; opt-outs that are not durable hold the reading."""
    monkeypatch.setattr(tenure, "INTAKE_OPEN", 50)
    rows = [good("x")] * 1_000
    outs = [good(f"o{n}", out=True) for n in range(60)]
    brakes = FakeLetterBrakes(SHARE)
    brakes.pull(CRM, "before")
    crm = _Crm([*rows, *outs], brakes)
    await crm.assign()
    crm.read(len(rows))
    assert crm.at == len(rows)
    before = len(crm.worker.sends.opt_outs.waiting)
    for value in outs:
        if CRM in crm.worker.group.held:
            break
        crm.worker.engine.admit(Record(SOURCE, 0, crm.at, 1_000, b"k", value))
        crm.at += 1
    assert crm.at == len(rows) + 50
    assert len(crm.worker.sends.opt_outs.waiting) - before == 50
    crm.worker.deliver_all()
    await crm.worker.rest()
    assert CRM not in crm.worker.group.held
    crm.read()
    assert (len(crm.opted_out()), crm.committable) == (len(outs), 0)
    await crm.stop()


class _Refusing(FakeDelivery):
    """A platform that refuses rows, and takes all else; no more once it is `mended`."""

    mended = False

    async def deliver(
        self,
        batch: Batch,
        sent: Callable[[Command], bool],
        urgency: Urgency,
        stands: Callable[[Command], bool],
        left: Callable[[Command], None],
    ) -> AsyncIterator[tuple[Command, Result]]:
        """Refuse every row, one after the other."""
        del urgency, stands, left
        for command in batch.commands:
            kept = batch.of([command]).keep(sent)
            self.batches.append(kept)
            if not kept.commands:
                continue
            if isinstance(command, UpsertContact) and not self.mended:
                yield command, Rejected(Reason.REFUSED_BY_PLATFORM, "the platform refuses it")
            else:
                yield command, self.platform.serve(command)


class _Applying:
    """A worker that reads so many rows of leads, at a platform that refuses them."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.brakes = FakeLetterBrakes(SHARE)
        self.worker = FakeWorker(letter_brakes=self.brakes, delivers=_Refusing)
        self.worker.engine.start()

    async def assign(self) -> None:
        """Read all rows that are not committed."""
        self.worker.group.held.clear()
        await self.worker.assign()
        for offset in range(self.at, self.rows):
            self.worker.change(offset, an_upsert_of(f"l{offset}", offset))
        await self.goes_on()

    async def goes_on(self) -> None:
        """Let it work, and the broker have what it sends."""
        await self.worker.rest(80)
        self.worker.deliver_all()

    @property
    def at(self) -> int:
        """The offset that may be committed."""
        return self.worker.engine.positions()[APPLY]

    @property
    def asked(self) -> list[type[Command]]:
        """What left for the platform."""
        return [
            type(command) for batch in self.worker.delivery.batches for command in batch.commands
        ]

    def mend(self) -> None:
        """Let the platform take rows, and go on."""
        assert isinstance(self.worker.delivery, _Refusing)
        self.worker.delivery.mended = True
        self.brakes.release(APPLY)


async def test_apply_stops_where_the_platform_refuses_too_many_rows() -> None:
    """Four letters and no fifth; the rest waits, the partition is not read further, an opt-out of
    a lead there is honoured; after the release all is written.
    """
    applying = _Applying(70)
    worker = applying.worker
    await applying.assign()
    assert len(worker.sends.letters.log) == 4
    assert applying.brakes.told[APPLY] == (
        "4 of the last 4 records are dead letters, 4 of them refused_by_platform (the platform "
        "refuses it): the contact list refuses these rows: run connector check"
    )
    worker.change(70, an_upsert_of("l70", 70))
    assert APPLY in worker.group.held
    rows = applying.asked.count(UpsertContact)
    worker.change(0, replace(an_opt_out(100, "+1550"), lead=LeadId("l60")), OPT_OUTS)
    await applying.goes_on()
    honoured = worker.sends.outcomes.log[-2:]
    assert [each.verdict for each in honoured if isinstance(each, Outcome)] == [
        Verdict.APPLIED,
        Verdict.SUPPRESSED,
    ]
    assert BlockNumber in applying.asked
    assert applying.asked.count(UpsertContact) == rows
    applying.mend()
    await applying.goes_on()
    await worker.rest()
    assert (APPLY in worker.group.held, applying.at) == (False, 71)
    assert (len(worker.sends.letters.log), len(worker.platform.contacts)) == (4, 66)
    waited = [each for each in worker.sends.outcomes.log if isinstance(each, Outcome)]
    assert {each.attempts for each in waited if each.origin.offset > 60} == {1}
    await worker.engine.stop()
    assert not worker.failures


async def test_apply_stands_still_for_the_next_owner_too() -> None:
    """No write leaves before the release, and then all that waited does."""
    applying = _Applying(20)
    worker = applying.worker
    applying.brakes.pull(APPLY, "before")
    await applying.assign()
    await worker.engine.revoked()
    await applying.assign()
    assert (worker.delivery.batches, applying.at) == ([], 0)
    applying.mend()
    await applying.goes_on()
    assert (applying.at, len(worker.platform.contacts)) == (20, 20)
    await worker.engine.stop()
    assert not worker.failures
