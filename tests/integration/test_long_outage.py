"""An hour in which the platform answers nothing but 503."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from connector.domain.record import TopicPartition
from tests.support.fake_worker import CHANGES, SOURCE
from tests.support.quick_loop import run_quick
from tests.support.simulators import Simulator, a_seed, simulator_process
from tests.support.watched_worker import OWN, WatchedWorker, watched_worker

FACTOR = 120.0
"""An hour of the worker in half a minute of ours."""

HOUR = 3_600.0
ALLOWANCE = 300
MEGABYTE = 1024 * 1024


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[Simulator]:
    """Run a simulator of its own process, so that ours holds the worker alone."""
    client = {"client_id": "demo", "client_secret": "demo", "requests_per_minute": 100_000}
    with simulator_process(tmp_path, {**a_seed(), "clients": [client]}) as running:
        yield running


def _memory() -> int:
    return int(psutil.Process().memory_info().rss)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _read(worker: WatchedWorker, number: int) -> None:
    """Read a lead; each tenth has opted out."""
    row = {"lead_id": f"L{number}", "first_name": "Ann", "phone_mobile": f"+1202555{number:04}"}
    worker.read({**row, "do_not_call": number % 10 == 0})


async def _settled(worker: WatchedWorker) -> None:
    async with asyncio.timeout(2 * HOUR):
        while not worker.settled:
            worker.turn()
            await asyncio.sleep(1.0)


async def _outage(simulator: Simulator) -> None:
    async with watched_worker(simulator, _now, ALLOWANCE, timeout=60.0) as worker:
        for number in range(300):
            _read(worker, number)
        await _settled(worker)
        before, read, peak = _memory(), 300, 0
        asked = len(simulator.journal())
        simulator.arm({"path": "/api/*"}, {"kind": "status", "status": 503})
        end = _now() + HOUR
        held = False
        while _now() < end:
            if TopicPartition(SOURCE, 0) not in worker.starts.group.held and read < 3_000:
                _read(worker, read)
                read += 1
            worker.turn()
            held = held or TopicPartition(CHANGES, 0) in worker.starts.group.held
            peak = max(peak, _memory())
            await asyncio.sleep(1.0)
        spent = len(simulator.journal()) - asked
        report = worker.watched.health.ready()
        assert not report.well
        assert any("platform" in line for line in report.lines)
        assert held, "a worker that is full reads no further"
        assert peak - before < 50 * MEGABYTE
        assert spent < ALLOWANCE * 60, "no more than the allowance"
        simulator.disarm()
        await _settled(worker)
        assert worker.watched.health.ready().well
        assert worker.broker.logs[OWN.dead_letters] == []
        assert len(worker.broker.logs[OWN.outcomes]) >= read
        leads = {each["data"]["CRM_Lead_ID"] for each in simulator.contacts()}
        opted_out = {f"L{number}" for number in range(0, read, 10)}
        assert leads == {f"L{number}" for number in range(read)} - opted_out
        assert len(simulator.dnc()) == len(opted_out)
        assert simulator.violations() == []


def test_an_hour_without_the_platform_loses_nothing(simulator: Simulator) -> None:
    """Memory stays, nothing becomes a dead letter, and all goes on without a restart."""
    run_quick(FACTOR, _outage(simulator))
