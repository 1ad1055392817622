"""The rounds that ask how full the lists are, on a simulator over a socket."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from structlog.testing import capture_logs

from connector.domain.ids import ListId
from connector.genesys.list_sizes import ListSizes
from connector.stream.health import Fact, Health
from connector.stream.lease import LeaseLapsed
from connector.stream.list_news import ListNews
from connector.stream.rounds import ListRounds, RoundParts
from connector.telemetry.metrics import Metrics
from tests.support.campaign_worker import until
from tests.support.commands import a_batch, an_upsert
from tests.support.platform_access import Access, access, permitted
from tests.support.simulators import LIST, JournalLine, Simulator

MOST = 10
SIZES = {"method": "GET", "path": "*/contactlists/*"}


@dataclass
class SizedWorker:
    """One worker's rounds over one list that takes ten contacts, and what they told."""

    rounds: ListRounds
    health: Health
    metrics: Metrics
    reached: Access
    failures: list[BaseException]

    def contacts(self) -> float | None:
        """Return the gauge of the list, None where there is none."""
        text = self.metrics.render()[0].decode()
        name = 'connector_list_contacts{place="default"} '
        found = [line for line in text.splitlines() if line.startswith(name)]
        return float(found[0].removeprefix(name)) if found else None

    async def insert(self, *leads: str) -> None:
        """Put contacts on the list."""
        await self.reached.deliver(a_batch([an_upsert(lead) for lead in leads]))


@asynccontextmanager
async def sized_worker(
    simulator: Simulator, permit: Callable[[], None] = permitted
) -> AsyncGenerator[SizedWorker, None]:
    """Run the rounds of a worker, each as soon as the one before is over."""
    health, metrics = Health(time.time), Metrics({LIST: "default"}, "1")
    for fact in Fact:
        health.has(fact)
    failures: list[BaseException] = []
    async with access(simulator.url, timeout=0.5, permit=permit) as reached:
        news = ListNews(health, metrics, {ListId(LIST): "default"}, MOST)
        parts = RoundParts(ListSizes(reached.platform.exchange), news, 0.02, failures.append)
        rounds = ListRounds([ListId(LIST)], parts)
        rounds.begin()
        try:
            yield SizedWorker(rounds, health, metrics, reached, failures)
        finally:
            await rounds.end()
        assert reached.parked == []


def asked(simulator: Simulator) -> list[JournalLine]:
    """Return the requests for the size."""
    return [each for each in simulator.journal() if "includeSize" in each.query]


async def test_each_round_asks_once_and_a_crossing_is_told_once(simulator: Simulator) -> None:
    """Whatever fills the list; every request takes a slot of the budget."""
    async with sized_worker(simulator) as worker:
        with capture_logs() as lines:
            await until(lambda: worker.contacts() == 0, "the size of an empty list")
            await worker.insert("1", "2", "3", "4", "5", "6", "7", "8")
            await until(lambda: worker.contacts() == 8, "the new size")
            rounds = len(asked(simulator))
            await until(lambda: len(asked(simulator)) > rounds + 3, "further rounds")
            await worker.insert("9", "10")
            await until(lambda: worker.contacts() == 10, "the list to be full")
        events = [line["event"] for line in lines]
        assert events == ["list.filling", "list.nearly_full"]
        assert worker.health.ready().well
        assert worker.health.ready().warnings[0].startswith("size of default: 100.0% full, 10 of")
        await worker.rounds.end()
        granted = worker.reached.platform.quota.granted
        assert granted == len(simulator.journal())
    assert {each.query["includeSize"] for each in asked(simulator)} == {"true"}


@pytest.mark.parametrize(
    "action",
    [
        {"kind": "status", "status": 403, "body": {"code": "missing.permissions"}},
        {"kind": "status", "status": 404, "body": {"code": "contact.list.not.found"}},
        {"kind": "status", "status": 503},
        {"kind": "malformed_json"},
        {"kind": "reset_before"},
    ],
    ids=lambda action: str(action.get("status", action["kind"])),
)
async def test_no_failure_parks_anything_and_the_next_round_asks_again(
    simulator: Simulator, action: dict[str, object]
) -> None:
    """The worker stays ready, contacts go through meanwhile, and the note goes by itself."""
    simulator.arm(SIZES, action)
    async with sized_worker(simulator) as worker:
        with capture_logs() as lines:
            await until(lambda: bool(worker.health.ready().warnings), "a note")
            await worker.insert("1")
            rounds = len(worker.reached.asked)
            await until(lambda: len(worker.reached.asked) > rounds + 3, "further rounds")
        assert [line["event"] for line in lines] == ["list_size.failed"]
        assert worker.contacts() is None
        assert worker.health.ready().well
        assert set(simulator.contacts_by_lead()) == {"1"}
        simulator.disarm()
        await until(lambda: worker.contacts() == 1, "the size")
        assert worker.health.ready().warnings == ()
        assert worker.failures == []


async def test_whoever_looks_no_more_says_nothing_and_can_begin_again(
    simulator: Simulator,
) -> None:
    """Between two tenures nobody is asked and no gauge stands there for ever."""
    async with sized_worker(simulator) as worker:
        await until(lambda: worker.contacts() == 0, "the size")
        await worker.rounds.end()
        assert worker.contacts() is None
        told = len(simulator.journal())
        await asyncio.sleep(0.2)
        assert len(simulator.journal()) == told
        worker.rounds.begin()
        await until(lambda: worker.contacts() == 0, "the size again")


async def test_a_lapsed_lease_ends_the_worker(simulator: Simulator) -> None:
    """Nothing may leave any more: that is no failure to wait out."""

    def lapsed() -> None:
        raise LeaseLapsed(1.0)

    async with sized_worker(simulator, lapsed) as worker:
        await until(lambda: bool(worker.failures), "the end")
        assert isinstance(worker.failures[0], LeaseLapsed)
        assert simulator.journal() == []
