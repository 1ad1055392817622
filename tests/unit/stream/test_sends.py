"""Outcomes that cannot be written yet are held: nobody is called back, and nothing is lost."""

import asyncio
from functools import partial

import pytest

from connector.domain.ids import LeadId
from connector.domain.origin import Origin
from connector.domain.outcome import Outcome
from connector.domain.reason import Verdict
from connector.stream.outcomes import json_encoder
from connector.stream.sends import Sender
from tests.support.paper_broker import PaperBroker
from tests.support.watched_worker import OWN, Watched


def _outcome(offset: int) -> Outcome:
    origin = Origin("default", "crm", "id", 0, offset, 0)
    return Outcome(origin.outcome_id, origin, LeadId("L-1"), None, Verdict.UNCHANGED)


class _Held:
    """A sender on a paper broker that knows no schema yet, with three outcomes given to it."""

    def __init__(self) -> None:
        self.broker = PaperBroker(lambda: 0)
        self.failures: list[BaseException] = []
        self.sender = Sender(
            self.broker,
            self.broker,
            OWN,
            "1",
            facts=Watched().watcher,
            fatal=self.failures.append,
        )
        self.durable: list[int] = []
        for offset in range(3):
            self.sender.outcome(_outcome(offset), partial(self.durable.append, offset))


@pytest.fixture
async def held() -> _Held:
    """Three outcomes, held."""
    await asyncio.sleep(0)
    return _Held()


async def test_held_outcomes_leave_in_order_once_they_can_be_written(held: _Held) -> None:
    """Nothing is produced before; then all of them, ahead of what comes later."""
    held.broker.deliver()
    assert held.durable == []
    held.sender.encodes(json_encoder("1"))
    held.sender.outcome(_outcome(3), lambda: held.durable.append(3))
    held.broker.deliver()
    assert held.durable == [0, 1, 2, 3]
    written = [each.value for each in held.broker.logs[OWN.outcomes]]
    assert written == [json_encoder("1")(_outcome(offset)) for offset in range(4)]
    assert held.failures == []


async def test_outcomes_of_a_tenure_that_ended_are_given_up(held: _Held) -> None:
    """Whoever owns the partitions next tells them: ours would come late and twice."""
    held.sender.purge()
    held.sender.encodes(json_encoder("1"))
    held.broker.deliver()
    assert held.durable == []
    assert held.broker.logs[OWN.outcomes] == []
