"""The part of a worker that looks after campaigns, with its own client of a simulator."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from connector.domain.ids import ListId
from connector.domain.result import Accepted
from connector.genesys.campaigns import CampaignCalls
from connector.stream.campaign_news import CampaignNews
from connector.stream.campaigns import CampaignCare, CampaignParts, CampaignTerms
from connector.stream.control import Control
from connector.stream.health import Fact, Health
from connector.stream.restart_claims import RestartClaims
from connector.telemetry.metrics import Metrics
from tests.support.commands import an_upsert
from tests.support.fake_log import FakeLog
from tests.support.platform_access import access, permitted
from tests.support.simulators import LIST, Simulator


class ControlTopic(FakeLog):
    """The control topic in memory; `trouble` is raised in place of the next write, and
    `meanwhile` happens during it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trouble: Exception | None = None
        self.meanwhile: Callable[[], None] | None = None

    async def write(self, key: bytes, value: bytes | None) -> None:
        """Write a record, durable at once."""
        trouble, self.trouble = self.trouble, None
        if trouble is not None:
            raise trouble
        self.append(0, key, value)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()


@dataclass
class CampaignWorker:
    """One worker's care of the campaigns of a list, and what it told."""

    care: CampaignCare
    health: Health
    metrics: Metrics
    failures: list[BaseException] = field(default_factory=list)

    def inserts(self, lead: str = "1", **parts: object) -> None:
        """Let an insert be accepted."""
        command = an_upsert(lead)
        change = {"new": True, "callable": True, **parts}
        self.care.answered(replace(command, **change), Accepted())  # type: ignore[arg-type]  # names of the test

    def count(self, name: str) -> float:
        """Return the value of a metric, all its labels together; 0 where it was never told."""
        text = self.metrics.render()[0].decode()
        lines = [line for line in text.splitlines() if line.startswith(name)]
        return sum(float(line.rpartition(" ")[2]) for line in lines)


@asynccontextmanager
async def campaign_worker(
    simulator: Simulator,
    control: ControlTopic,
    terms: CampaignTerms | None,
    name: str = "one",
    permit: Callable[[], None] = permitted,
) -> AsyncGenerator[CampaignWorker, None]:
    """Run that part of a worker in a tenure of its own; without *terms* the list is `off`."""
    health, metrics = Health(time.time), Metrics({LIST: "default"}, "1")
    for fact in Fact:
        health.has(fact)
    failures: list[BaseException] = []
    async with access(simulator.url, timeout=0.5, permit=permit) as reached:
        parts = CampaignParts(
            CampaignCalls(reached.platform.exchange),
            RestartClaims(Control(control, "a.control", control.write), name),
            CampaignNews(health, metrics, {ListId(LIST): "default"}),
            time.time,
            lambda: 0.0,
            failures.append,
        )
        care = CampaignCare({} if terms is None else {ListId(LIST): terms}, parts)
        care.begin()
        try:
            yield CampaignWorker(care, health, metrics, failures)
        finally:
            await care.end(2.0)
        assert reached.parked == []


async def until(condition: Callable[[], bool], what: str, seconds: float = 10.0) -> None:
    """Wait until something is so.

    Raises:
        TimeoutError: it did not come; names *what* was waited for.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:g} s for {what}")
        await asyncio.sleep(0.01)
