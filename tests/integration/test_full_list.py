"""A contact list without room takes no new contact, and everything else of it goes on.

The worker is whole but for Kafka: its own sender, its own client against a simulator.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from connector.domain.command import Command, UpsertContact
from connector.domain.result import Accepted, Gone, Refused
from connector.planning.gates import GateReason
from connector.stream import tenure
from tests.support.commands import a_batch, a_quarantine, an_upsert
from tests.support.platform_access import access
from tests.support.simulators import (
    CLIENT,
    DNC,
    LIST,
    Simulator,
    a_seed,
)
from tests.support.watched_worker import OWN, WatchedWorker, watched_worker

ROOM = 2
"""Contacts that the list takes."""


def a_lead(lead: str, **fields: object) -> dict[str, object]:
    """Return a row of the source, with a number of its own."""
    return {"lead_id": lead, "first_name": "A", "phone_mobile": f"+1415555010{lead}", **fields}


@pytest.fixture
def simulator(running: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """Give the simulator with a small list; nothing may be held against us afterwards."""
    monkeypatch.setattr(tenure, "TICK_SECONDS", 0.01)
    running.reset(a_seed(limits={"contacts_per_list": ROOM}))
    yield running
    assert running.violations() == []


def an_administrator(simulator: Simulator) -> dict[str, str]:
    """Return what says who asks: somebody with a token of their own."""
    form = {"grant_type": "client_credentials"}
    auth = (CLIENT["client_id"], CLIENT["client_secret"])
    granted = simulator.http.post("/oauth/token", data=form, auth=auth).raise_for_status()
    return {"Authorization": f"Bearer {granted.json()['access_token']}"}


def delete(simulator: Simulator, lead: str) -> None:
    """Delete the contact of a lead, as an administrator who makes room."""
    (contact,) = simulator.contacts_by_lead()[lead]
    simulator.http.delete(
        f"/api/v2/outbound/contactlists/{LIST}/contacts",
        params={"contactIds": contact["id"]},
        headers=an_administrator(simulator),
    ).raise_for_status()


async def until(worker: WatchedWorker, condition: Callable[[], bool]) -> None:
    """Go on until something is so."""
    async with asyncio.timeout(20):
        while not condition():
            worker.turn()
            await asyncio.sleep(0.01)


def full(worker: WatchedWorker) -> bool:
    """Say whether the worker tells that the list is full."""
    lines = worker.watched.health.ready().lines
    return any(line.startswith("default, inserts: full") for line in lines)


async def test_new_contacts_wait_while_updates_and_opt_outs_go_through(
    simulator: Simulator,
) -> None:
    """Readiness says it; once there is room the new ones follow by themselves, with no letter."""
    async with watched_worker(simulator) as worker:
        for lead in ("1", "2"):
            worker.read(a_lead(lead))
        await worker.settle()
        for row in (a_lead("3"), a_lead("1", first_name="B"), a_lead("4")):
            worker.read(row)
        await until(worker, lambda: full(worker))
        assert worker.samples()["connector_shut_gates|default|limit"] == 1
        posts = len([each for each in simulator.journal() if each.path.endswith("/contacts")])
        worker.read(a_lead("2", do_not_call=True))

        def through() -> bool:
            held = simulator.contacts_by_lead()
            renamed = held["1"][0]["data"]["FirstName"] == "B"
            return renamed and not held["2"][0]["callable"] and bool(simulator.dnc(DNC))

        await until(worker, through)
        await asyncio.sleep(0.1)
        later = [each for each in simulator.journal() if each.path.endswith("/contacts")][posts:]
        assert all(each.status == 200 for each in later), "a new contact left for a full list"
        assert full(worker)
        assert not worker.settled
        delete(simulator, "2")
        worker.clock.skipped += 6.0
        await until(worker, lambda: "3" in simulator.contacts_by_lead())
        await until(worker, lambda: full(worker))
        delete(simulator, "1")
        worker.clock.skipped += 6.0
        await worker.settle()
        assert set(simulator.contacts_by_lead()) == {"3", "4"}
        assert not full(worker)
        assert worker.broker.logs[OWN.dead_letters] == []


def an_update(lead: str) -> UpsertContact:
    """Return an update of the contact of a lead."""
    return replace(an_upsert(lead), new=False)


@pytest.mark.parametrize("kind", [a_quarantine, an_update])
async def test_a_contact_that_is_gone_holds_up_no_mate_on_a_full_list(
    simulator: Simulator, kind: Callable[[str], Command]
) -> None:
    """To write it would be to add it, so the request is refused whole: the mates go through."""
    async with access(simulator.url) as reached:
        await reached.deliver(a_batch([an_upsert("1"), an_upsert("2")]))
        first, gone, last = commands = [kind(lead) for lead in ("1", "9", "2")]
        results = await reached.deliver(a_batch(commands))
        assert isinstance(results[gone], Gone)
        assert isinstance(results[first], Accepted)
        assert isinstance(results[last], Accepted)


async def test_a_request_with_a_new_contact_is_given_back_whole(simulator: Simulator) -> None:
    """Not taken apart: the gate keeps the new one back, and the update leaves without it."""
    async with access(simulator.url) as reached:
        await reached.deliver(a_batch([an_upsert("1"), an_upsert("2")]))
        new, known = an_upsert("9"), an_update("1")
        results = await reached.deliver(a_batch([new, known]))
        assert all(isinstance(each, Refused) for each in results.values())
        assert [each.reason for each in reached.parked] == [GateReason.LIMIT]
        assert (reached.asked[-1].commands, reached.asked[-1].inserts) == (2, 1)
        results = await reached.deliver(a_batch([known]))
        assert isinstance(results[known], Accepted)
        assert reached.asked[-1].inserts == 0
