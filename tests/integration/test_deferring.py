"""What a shut gate holds never fills the worker, and comes to its list once the gate opens."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest

from connector.domain.change import LeadChange
from connector.domain.command import Command, Urgency
from connector.domain.ids import ContactId, LeadId
from connector.domain.outcome import Outcome
from connector.domain.reason import Reason, Verdict
from connector.domain.record import TopicPartition
from connector.domain.result import Refused, Result
from connector.planning.batch import Batch
from connector.planning.gates import GateReason, Gates, HoldReason, Scope, Stop
from connector.stream import catchup, deferring
from connector.stream.producer import SendFailedError
from connector.stream.reading import Reading, Take
from tests.support.campaign_worker import ControlTopic
from tests.support.fake_log import FakeLog
from tests.support.fake_worker import CHANGES, OPT_OUTS, FakeDelivery, FakeWorker
from tests.support.lane_world import SOUTH, Platform
from tests.support.lead_changes import a_row, an_opt_out, an_upsert
from tests.unit.planning.test_partial_changes import part

PLACE = TopicPartition(CHANGES, 0)
PARKED = Scope(SOUTH)
BRAKE = Scope(SOUTH, Stop.INSERTS)
PUT_OFF = (Verdict.APPLIED, Reason.LIST_DEFERRED)


class MeddledLog(FakeLog):
    """A topic in memory; `meanwhile` happens on the loop while it is read again, once."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.get_running_loop()
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    def read_range(
        self, topic: str, partition: int, span: range, take: Take, halt: threading.Event
    ) -> Reading:
        """Read a range, then let happen what does."""
        reading = super().read_range(topic, partition, span, take, halt)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            asyncio.run_coroutine_threadsafe(_all_of(meanwhile), self.loop).result(10)
        return reading


async def _all_of(doing: Callable[[], Awaitable[None]]) -> None:
    await doing()


class ParkedDelivery(FakeDelivery):
    """Refuses all that is asked of the list `south` while it is `parked`, as `Parking` hears it."""

    def __init__(self, platform: Platform) -> None:
        super().__init__(platform)
        self.parked = True
        self.gates = Gates()
        self.tried = 0

    async def deliver(
        self,
        batch: Batch,
        sent: Callable[[Command], bool],
        urgency: Urgency,
        stands: Callable[[Command], bool],
        left: Callable[[Command], None],
    ) -> AsyncIterator[tuple[Command, Result]]:
        """Refuse or serve a batch, and shut or open the gate by it."""
        if batch.pool.place != SOUTH:
            async for answer in super().deliver(batch, sent, urgency, stands, left):
                yield answer
            return
        kept = batch.keep(sent)
        self.tried += 1
        now = asyncio.get_running_loop().time()
        if self.parked:
            self.gates.shut(PARKED, GateReason.OUTAGE, now, now + 0.2)
        else:
            self.gates.open(PARKED)
        for command in kept.commands:
            yield command, Refused() if self.parked else self.platform.serve(command)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, and read again little by little."""
    monkeypatch.setattr(deferring, "LEADS", 20)
    monkeypatch.setattr(catchup, "CHUNK", 4)
    monkeypatch.setattr(deferring, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(deferring, "AGAIN_SECONDS", 0.02)


def a_lead(offset: int) -> LeadChange:
    """Return an upsert of a lead of its own that belongs on both lists."""
    change = an_upsert(offset, a_row(region="south", mobile=f"+155{offset}"))
    return replace(change, lead=LeadId(f"L{offset}"))


def an_opted_out_lead(offset: int) -> LeadChange:
    """Return its opt-out."""
    return replace(an_opt_out(offset, f"+155{offset}"), lead=LeadId(f"L{offset}"))


async def a_worker(max_pending: int = 8) -> FakeWorker:
    """Return a worker whose list `south` is parked."""
    worker = FakeWorker(max_pending=max_pending, delivers=ParkedDelivery)
    assert isinstance(worker.delivery, ParkedDelivery)
    worker.delivery.gates = worker.gates
    worker.engine.start()
    await worker.assign()
    return worker


async def until(worker: FakeWorker, condition: Callable[[], bool]) -> None:
    """Go on until something is so."""
    async with asyncio.timeout(30):
        while not condition():
            worker.deliver_all()
            await asyncio.sleep(0.005)


def outcomes(worker: FakeWorker) -> list[Outcome]:
    """Return the outcomes so far."""
    return [each for each in worker.sends.outcomes.log if isinstance(each, Outcome)]


def on_south(worker: FakeWorker) -> int:
    """Return how many contacts the list has."""
    return sum(place == SOUTH for place, _ in worker.platform.contacts)


def delivery_of(worker: FakeWorker) -> ParkedDelivery:
    """Return what refuses."""
    assert isinstance(worker.delivery, ParkedDelivery)
    return worker.delivery


async def feed(worker: FakeWorker, change: Callable[[int], LeadChange], span: range) -> None:
    """Give records as long as the partition is read."""
    for offset in span:
        await until(worker, lambda: PLACE not in worker.group.held)
        worker.change(offset, change(offset))


async def test_a_parked_list_never_fills_the_worker_and_is_complete_once_it_returns() -> None:
    """Many more changes than may wait are settled, and the list tries itself till it is well."""
    worker = await a_worker()
    await feed(worker, a_lead, range(60))
    await until(worker, lambda: worker.engine.positions()[PLACE] == 60)
    assert {(each.verdict, each.reason) for each in outcomes(worker)} == {PUT_OFF}
    assert not on_south(worker)
    tried = delivery_of(worker).tried
    await until(worker, lambda: delivery_of(worker).tried > tried)  # though nothing waits there
    delivery_of(worker).parked = False
    await until(worker, lambda: on_south(worker) == 60)
    await until(worker, lambda: not worker.control.rows(0))
    again = [each for each in outcomes(worker) if each.origin.replay_id]
    assert {each.origin.offset for each in again} == set(range(60))
    assert all(each.outcome_id.endswith(f"@{each.origin.replay_id}") for each in again)
    brought = [each for each in again if each.reason is not Reason.LIST_DEFERRED]
    assert {(each.verdict, each.reason) for each in brought} == {(Verdict.APPLIED, None)}
    assert len({each.outcome_id for each in outcomes(worker)}) == len(outcomes(worker))
    await worker.engine.stop()
    assert not worker.failures


async def test_opt_outs_behind_a_parked_list_are_honoured_at_once() -> None:
    """Numbers and the other list at once; the quarantine there once it returns."""
    worker = await a_worker()
    await feed(worker, a_lead, range(20))
    for offset in range(20, 30):
        opt_out = replace(an_opted_out_lead(offset - 20), origin=an_opt_out(offset).origin)
        worker.change(offset - 20, opt_out, topic=OPT_OUTS)
    await until(worker, lambda: len(worker.platform.blocked) == 10)
    await feed(
        worker,
        lambda offset: replace(an_opted_out_lead(offset - 20), origin=an_opt_out(offset).origin),
        range(20, 30),
    )
    await until(worker, lambda: worker.engine.positions()[PLACE] == 30)
    delivery_of(worker).parked = False
    await until(worker, lambda: on_south(worker) == 10 and not worker.control.rows(0))
    usable = [contact.id for contact in worker.platform.contacts.values() if contact.callable]
    assert set(usable) == {f"L{offset}" for offset in range(10, 20)}
    assert worker.engine.positions()[TopicPartition(OPT_OUTS, 0)] == 10
    await worker.engine.stop()
    assert not worker.failures


async def test_the_next_owner_begins_what_its_predecessor_could_not_bring() -> None:
    """The record outlives the worker; a gate that is shut then too defers at once."""
    worker = await a_worker()
    await feed(worker, a_lead, range(20))
    await until(worker, lambda: worker.engine.positions()[PLACE] == 20)
    worker.engine.abandon()
    await worker.engine.stop()
    heir = FakeWorker(
        max_pending=8, delivers=ParkedDelivery, control=worker.control, log=worker.log
    )
    heir.table.rows = dict(worker.table.rows)
    heir.platform = heir.delivery.platform = worker.platform
    delivery_of(heir).gates = heir.gates
    heir.group.committed[PLACE] = 12
    heir.engine.start()
    await heir.assign()
    heir.log = FakeLog()  # they lie in the topic already
    await feed(heir, a_lead, range(12, 20))
    await until(heir, lambda: heir.engine.positions()[PLACE] == 20)
    assert {each.verdict for each in outcomes(heir) if not each.origin.replay_id} == {
        Verdict.DUPLICATE
    }
    delivery_of(heir).parked = False
    await until(heir, lambda: on_south(heir) == 20 and not heir.control.rows(0))
    await heir.engine.stop()
    assert not heir.failures


async def test_a_lead_that_changes_while_it_is_read_again_is_left_to_the_next_pass() -> None:
    """What came belongs to it: to bring the rest alone would write over it."""
    worker = FakeWorker(max_pending=2, log=(log := MeddledLog()))
    worker.engine.start()
    worker.gates.hold(BRAKE, HoldReason.BRAKE)
    await worker.assign()
    worker.change(0, an_upsert(0, a_row(region="south", mobile="+1551")))
    await until(worker, lambda: worker.engine.positions()[PLACE] == 1)

    came = asyncio.Event()

    async def changes() -> None:
        came.set()
        worker.change(1, part(1, mobile="+1552"))
        await until(worker, lambda: worker.engine.positions()[PLACE] == 2)

    log.meanwhile = changes
    worker.gates.let_go(BRAKE, HoldReason.BRAKE)
    await until(worker, lambda: not worker.control.rows(0))
    assert came.is_set()
    assert worker.platform.contacts[SOUTH, ContactId("L1")].data["Mobile"] == "+1552"
    await worker.engine.stop()
    assert not worker.failures


async def test_a_brake_defers_and_lets_disqualifications_and_reads_through() -> None:
    """What it holds waits for a person; nothing tries it, and letting go brings the rest."""
    worker = FakeWorker(max_pending=8)
    worker.engine.start()
    worker.gates.hold(BRAKE, HoldReason.BRAKE)
    await worker.assign()
    await feed(worker, a_lead, range(20))
    await until(worker, lambda: worker.engine.positions()[PLACE] == 20)
    assert not on_south(worker)
    await asyncio.sleep(0.2)
    assert not on_south(worker)
    worker.gates.let_go(BRAKE, HoldReason.BRAKE)
    await until(worker, lambda: on_south(worker) == 20 and not worker.control.rows(0))
    await worker.engine.stop()
    assert not worker.failures


async def test_where_apply_stands_nothing_is_read_again_until_it_goes_on() -> None:
    """What was brought there could not leave, and would keep the other partitions of the worker."""
    worker = FakeWorker(max_pending=8, log=(log := MeddledLog()))
    worker.engine.start()
    worker.gates.hold(BRAKE, HoldReason.BRAKE)
    await worker.assign()
    await feed(worker, a_lead, range(20))
    await until(worker, lambda: worker.engine.positions()[PLACE] == 20)
    worker.letter_brakes.pull(PLACE, "too many")
    await asyncio.sleep(0.5)  # till the tenure looks
    read = asyncio.Event()

    async def reads() -> None:
        read.set()

    log.meanwhile = reads
    worker.gates.let_go(BRAKE, HoldReason.BRAKE)
    await asyncio.sleep(0.2)
    assert not read.is_set()
    worker.letter_brakes.release(PLACE)
    await until(worker, lambda: on_south(worker) == 20 and not worker.control.rows(0))
    await worker.engine.stop()
    assert not worker.failures


class UnsureControl(ControlTopic):
    """Takes the end of a record once without saying so."""

    unsure = True

    async def write(self, key: bytes, value: bytes | None) -> None:
        """Write a record."""
        await super().write(key, value)
        if value is None and self.unsure:
            self.unsure = False
            raise SendFailedError("a.control: no answer")


async def test_nothing_is_deferred_by_a_record_that_may_be_gone() -> None:
    """Its end was written and not confirmed: the next one who defers writes it anew."""
    worker = FakeWorker(max_pending=8, control=UnsureControl())
    worker.engine.start()
    worker.gates.hold(BRAKE, HoldReason.BRAKE)
    await worker.assign()
    await feed(worker, a_lead, range(20))
    await until(worker, lambda: worker.engine.positions()[PLACE] == 20)
    worker.gates.let_go(BRAKE, HoldReason.BRAKE)
    await until(worker, lambda: on_south(worker) == 20 and not worker.control.rows(0))
    worker.gates.hold(BRAKE, HoldReason.BRAKE)
    await feed(worker, a_lead, range(20, 40))
    await until(worker, lambda: worker.engine.positions()[PLACE] == 40)
    assert worker.control.rows(0)
    worker.gates.let_go(BRAKE, HoldReason.BRAKE)
    await until(worker, lambda: on_south(worker) == 40 and not worker.control.rows(0))
    await worker.engine.stop()
    assert not worker.failures
