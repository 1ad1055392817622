"""Ownerships come and go under the engine: nothing settles where it does not belong."""

from connector.domain.outcome import Outcome
from connector.domain.reason import Verdict
from connector.domain.record import TopicPartition
from connector.planning.ledger import OffsetGap
from tests.support.fake_worker import CHANGES, OPT_OUTS, FakeWorker
from tests.support.lead_changes import a_delete, a_row, an_opt_out, an_upsert

PLACE = TopicPartition(CHANGES, 0)


async def test_records_are_settled_and_committed() -> None:
    """A change is inserted, its outcome and row are durable, then its offset may be committed."""
    worker = FakeWorker()
    await worker.assign()
    worker.change(0, an_upsert(0))
    await worker.rest()
    assert len(worker.platform.contacts) == 1
    assert worker.engine.positions()[PLACE] == 0
    worker.deliver_all()
    assert worker.engine.positions()[PLACE] == 1
    await worker.engine.stop()
    assert worker.group.committed[PLACE] == 1
    assert not worker.failures


async def test_a_hole_in_our_own_topic_stops_the_worker() -> None:
    """Offset 1 never comes: nothing behind it is committed, and the worker ends."""
    worker = FakeWorker()
    await worker.assign()
    worker.change(0, an_upsert(0))
    worker.change(2, a_delete(2))
    assert [type(failure) for failure in worker.failures] == [OffsetGap]
    await worker.rest()
    worker.deliver_all()
    assert worker.engine.positions()[PLACE] == 1
    await worker.engine.stop()


async def test_late_reports_reach_only_their_own_dead_tenure() -> None:
    """Reports that come after a revocation touch neither the new ledger nor the new table."""
    worker = FakeWorker()
    await worker.assign()
    worker.change(0, an_upsert(0))
    await worker.rest()
    await worker.engine.revoked()
    assert worker.group.committed[PLACE] == 0
    worker.table.rows.clear()
    await worker.assign()
    worker.deliver_all()
    assert worker.engine.positions()[PLACE] == 0
    assert not worker.table.told
    worker.change(0, an_upsert(0))
    await worker.rest()
    worker.deliver_all()
    assert worker.engine.positions()[PLACE] == 1
    await worker.engine.stop()
    assert not worker.failures


async def test_nothing_is_admitted_between_two_tenures() -> None:
    """A record that comes while nothing is owned is dropped: it will be read again."""
    worker = FakeWorker()
    await worker.assign()
    await worker.engine.revoked()
    worker.change(0, an_upsert(0))
    assert not worker.sends.outcomes.waiting
    await worker.assign()
    assert worker.engine.positions()[PLACE] == 0
    await worker.engine.stop()


async def test_a_full_partition_is_held_and_released() -> None:
    """At the bound of open changes the partition is not read further until half are settled."""
    worker = FakeWorker(max_pending=4)
    worker.engine.start()
    await worker.assign()
    worker.delivery.gate.clear()
    for offset in range(4):
        worker.change(offset, an_upsert(offset, a_row(name=f"N{offset}")))
    assert PLACE in worker.group.held
    worker.delivery.gate.set()
    await worker.rest(80)
    worker.deliver_all()
    await worker.rest(80)
    worker.deliver_all()
    await worker.rest(80)
    assert PLACE not in worker.group.held
    await worker.engine.stop()
    assert not worker.failures


async def test_an_opt_out_overtakes_a_write_that_waits() -> None:
    """Comply's opt-out withdraws the insert of its lead: it is suppressed, its number blocked."""
    worker = FakeWorker()
    await worker.assign()
    worker.change(0, an_upsert(0))
    worker.change(0, an_opt_out(1, "+1551"), topic=OPT_OUTS)
    worker.change(1, an_opt_out(1, "+1551"))
    await worker.rest(60)
    worker.deliver_all()
    assert worker.platform.blocked == {"+1550", "+1551"}
    assert not worker.platform.contacts
    verdicts = [
        outcome.verdict for outcome in worker.sends.outcomes.log if isinstance(outcome, Outcome)
    ]
    assert verdicts == [Verdict.APPLIED, Verdict.SUPPRESSED]
    assert worker.engine.positions()[PLACE] == 2
    await worker.engine.stop()


async def test_the_worker_of_the_first_partition_looks_at_the_lists_for_all() -> None:
    """One worker asks how full they are, as long as that partition is its own; each looks at
    what it must know itself.
    """
    worker = FakeWorker()
    rounds = []
    for partition in (1, 0, 1):
        await worker.assign(partition)
        rounds.append((worker.rounds.at_work, worker.rounds.for_all))
        await worker.engine.revoked()
        rounds.append((worker.rounds.at_work, worker.rounds.for_all))
    none = (False, False)
    assert rounds == [(True, False), none, (True, True), none, (True, False), none]
    await worker.engine.stop()
    assert not worker.failures
