"""Slots of the request budget, on a clock that jumps."""

import asyncio

import pytest

from connector.domain.command import Urgency
from connector.genesys.quota import Quota
from connector.planning.pace import Pace
from tests.support.jumping_loop import loop_time, run_jumping


async def grant(quota: Quota, urgency: Urgency, order: list[str], name: str) -> None:
    """Take a slot and note it."""
    await quota.slot(urgency)
    order.append(name)


def test_the_waiter_whose_turn_it_is_gets_the_next_slot() -> None:
    """Blocks before compliance before writes, but that a quarantine that a block passed over gets
    the slot behind it; within one urgency, first come first served.
    """

    async def scene() -> list[str]:
        quota, order = Quota(Pace(300), loop_time), list[str]()
        await quota.slot(Urgency.BLOCK)
        asked = [
            (Urgency.WRITE, "write 1"),
            (Urgency.WRITE, "write 2"),
            (Urgency.COMPLIANCE, "quarantine"),
            (Urgency.BLOCK, "block 1"),
            (Urgency.BLOCK, "block 2"),
        ]
        await asyncio.gather(*(grant(quota, urgency, order, name) for urgency, name in asked))
        return order

    assert run_jumping(scene()) == ["block 1", "quarantine", "block 2", "write 1", "write 2"]


def test_no_window_of_a_minute_holds_more_than_the_allowance() -> None:
    """A backlog of writes and a stream of opt-outs together stay within 300."""

    async def scene() -> list[float]:
        quota, times = Quota(Pace(300), loop_time), list[float]()

        async def writes() -> None:
            while loop_time() < 180:
                await quota.slot(Urgency.WRITE)
                times.append(loop_time())

        async def opt_outs() -> None:
            await asyncio.sleep(61)
            for _ in range(200):
                await quota.slot(Urgency.BLOCK)
                times.append(loop_time())
                await asyncio.sleep(0.1)

        await asyncio.gather(writes(), opt_outs())
        return times

    times = run_jumping(scene())
    most = max(sum(1 for at in times if start <= at < start + 60) for start in times)
    assert 290 <= most <= 300


def test_a_slot_given_back_is_used_by_the_next() -> None:
    """A batch that was withdrawn costs no slot, and the count says so."""

    async def scene() -> tuple[float, int]:
        quota = Quota(Pace(300), loop_time)
        await quota.slot(Urgency.WRITE)
        taken = loop_time()
        quota.refund()
        await quota.slot(Urgency.WRITE)
        return loop_time() - taken, quota.granted

    waited, granted = run_jumping(scene())
    assert waited == pytest.approx(0.0)
    assert granted == 1


def test_a_cancelled_waiter_takes_nothing() -> None:
    """Its place in the row goes to those behind it."""

    async def scene() -> tuple[list[str], int]:
        quota, order = Quota(Pace(300), loop_time), list[str]()
        waiting = [
            asyncio.create_task(grant(quota, Urgency.WRITE, order, str(number)))
            for number in range(4)
        ]
        await asyncio.sleep(0)
        waiting[0].cancel()
        waiting[2].cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return order, quota.granted

    assert run_jumping(scene()) == (["1", "3"], 2)


def test_a_slot_that_is_granted_as_its_waiter_is_cancelled_is_given_back() -> None:
    """Grant and cancellation meet before the waiter can run."""

    async def scene() -> tuple[bool, int]:
        quota = Quota(Pace(300), loop_time)
        await quota.slot(Urgency.WRITE)
        waiting = asyncio.create_task(quota.slot(Urgency.WRITE))
        await asyncio.sleep(0)
        quota.refund()
        assert quota.granted == 1
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        return waiting.cancelled(), quota.granted

    assert run_jumping(scene()) == (True, 0)


def test_nothing_leaves_before_a_429_is_over() -> None:
    """Not even a block; the longest silence counts."""

    async def scene() -> tuple[float, float, float]:
        quota = Quota(Pace(300), loop_time)
        quota.close(42)
        quota.close(10)
        silence = quota.silence
        await quota.slot(Urgency.BLOCK)
        return loop_time(), silence, quota.silence

    at, before, after = run_jumping(scene())
    assert at >= 42
    assert before == pytest.approx(42)
    assert after == 0


def test_a_worker_without_partitions_gets_slots_when_it_gets_a_share() -> None:
    """A share of nothing waits for ever, and wakes up."""

    async def scene() -> float:
        quota = Quota(Pace(300), loop_time)
        quota.share(0.0)
        asyncio.get_running_loop().call_later(7, quota.share, 0.5)
        await quota.slot(Urgency.WRITE)
        return loop_time()

    assert 7 < run_jumping(scene()) < 9
