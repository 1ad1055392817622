"""What becomes of a connection whose request was broken off, wherever that was."""

import asyncio
from collections.abc import Iterator

import pytest

from connector.domain.command import Urgency
from connector.genesys.client import Client, Response
from connector.genesys.requests import list_request
from tests.support.commands import LIST_ID
from tests.support.platform_access import an_endpoint, permitted
from tests.support.simulators import Simulator, running_simulator

STEPS = 60
"""Turns of the event loop that a request takes at most, its connection included."""


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    """Run one simulator for this module."""
    with running_simulator() as running:
        yield running


# Where asyncio is cancelled just as a connection stands, nobody closes it before the collector does.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_request_that_is_broken_off_anywhere_holds_up_none_behind_it(
    simulator: Simulator,
) -> None:
    """Cancelled at each turn of the loop, on a connection that is new or was used before."""
    asked = list_request(LIST_ID)
    for used in (False, True):
        for turns in range(STEPS):
            client = Client(an_endpoint(simulator.url, timeout=2.0), permitted)
            if used:
                assert isinstance(await client.send(asked, "Bearer none"), Response)
            task = asyncio.create_task(client.send(asked, "Bearer none"))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            answers = [await client.send(asked, "Bearer none") for _ in range(2)]
            assert all(isinstance(each, Response) for each in answers), (used, turns)
            await client.aclose()


async def test_an_opt_out_passes_writes_that_hang(simulator: Simulator) -> None:
    """The ways of compliance and of writes share no connection."""
    simulator.arm({"path": "*/contactlists/*"}, {"kind": "delay", "delay_ms": 2_000}, count=3)
    client = Client(an_endpoint(simulator.url, timeout=1.0), permitted)
    asked = list_request(LIST_ID)
    hanging = [asyncio.create_task(client.send(asked, "Bearer none")) for _ in range(3)]
    await asyncio.sleep(0.2)
    answer = await client.send(asked, "Bearer none", Urgency.COMPLIANCE)
    assert isinstance(answer, Response)
    assert not any(each.done() for each in hanging)
    await asyncio.gather(*hanging)
    await client.aclose()
