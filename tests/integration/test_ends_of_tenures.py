"""A worker speaks to the platform only while the partitions are proven to be its own."""

import asyncio

from connector.domain.record import TopicPartition
from connector.planning.ledger import OffsetGap
from tests.support.fake_worker import CHANGES, FakeWorker
from tests.support.lead_changes import a_row, an_upsert

PLACE = TopicPartition(CHANGES, 0)


async def test_nothing_leaves_after_a_failure() -> None:
    """A worker that must end breaks off what is in the air and sends nothing that waits."""
    worker = FakeWorker()
    worker.engine.start()
    await worker.assign()
    worker.delivery.gate.clear()
    worker.change(0, an_upsert(0))
    await worker.rest()
    assert len(worker.delivery.batches) == 1
    worker.change(1, an_upsert(1, a_row(name="Bea")))
    worker.change(3, an_upsert(3))
    assert [type(failure) for failure in worker.failures] == [OffsetGap]
    worker.engine.abandon()
    worker.delivery.gate.set()
    await worker.rest(60)
    assert len(worker.delivery.batches) == 1
    assert not worker.platform.contacts
    assert not worker.sends.outcomes.waiting
    await worker.engine.stop()


async def test_a_tenure_sends_nothing_before_its_first_commit_is_confirmed() -> None:
    """Without partitions there was nothing to prove; who was replaced meanwhile must not speak."""
    worker = FakeWorker()
    worker.engine.start()
    worker.group.away = True
    assigning = asyncio.create_task(worker.assign())
    await worker.rest()
    worker.change(0, an_upsert(0))
    await worker.rest(60)
    assert not worker.delivery.batches
    worker.group.away = False
    await asyncio.wait_for(assigning, 1.0)
    await worker.rest(60)
    assert len(worker.platform.contacts) == 1
    await worker.engine.stop()
    assert not worker.failures


async def test_a_tenure_that_never_began_to_send_ends_like_others() -> None:
    """The group moves on before it confirmed anything: revoked, assigned anew, at work."""
    worker = FakeWorker()
    worker.group.away = True
    assigning = asyncio.create_task(worker.assign())
    await worker.rest()
    await worker.engine.revoked()
    await asyncio.wait_for(assigning, 1.0)
    worker.group.away = False
    await worker.assign()
    worker.change(0, an_upsert(0))
    await worker.rest(60)
    worker.deliver_all()
    assert worker.engine.positions()[PLACE] == 1
    await worker.engine.stop()
    assert not worker.failures


async def test_a_restore_that_is_cancelled_leaves_nothing_behind() -> None:
    """The next rebalance cancels it in its first commit: the tenure of that time sends nothing."""
    worker = FakeWorker()
    worker.group.away = True
    assigning = asyncio.create_task(worker.assign())
    await worker.rest()
    worker.change(0, an_upsert(0))
    await worker.engine.revoked()
    assigning.cancel()
    await asyncio.wait((assigning,))
    worker.group.away = False
    await worker.rest(60)
    assert not worker.delivery.batches
    assert worker.engine.positions() == {}
    await worker.engine.stop()
