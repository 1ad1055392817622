"""The age limit through a whole worker to the simulator over its socket."""

from datetime import UTC, datetime

import orjson

from connector.planning.gates import EVERYWHERE, HoldReason, Scope, Stop
from tests.support.simulators import Simulator
from tests.support.watched_worker import OWN, WatchedWorker, watched_worker

HOUR = 3_600.0
LIMIT = 72 * HOUR


def _row(worker: WatchedWorker, lead: str, ago: float, **fields: object) -> dict[str, object]:
    """Return a flat row of a lead that was made *ago*."""
    born = datetime.fromtimestamp(worker.clock() - ago, UTC).isoformat()
    number = f"+1202555{int(lead[1:]):04}"
    return {"lead_id": lead, "first_name": "Ann", "phone_mobile": number, "born": born} | fields


def _ends(worker: WatchedWorker) -> dict[str, tuple[str, str | None]]:
    """Return how the last record of each lead ended."""
    told = [orjson.loads(each.value or b"") for each in worker.broker.logs[OWN.outcomes]]
    return {each["lead_id"]: (each["verdict"], each["reason"]) for each in told}


async def test_a_new_lead_that_is_too_old_is_not_inserted(simulator: Simulator) -> None:
    """Neither is one whose field says nothing too old; a known one is edited, an opt-out honoured."""
    simulator.put_contacts([{"data": {"CRM_Lead_ID": "L3", "FirstName": "Old"}}])
    async with watched_worker(simulator, max_age=LIMIT) as worker:
        worker.read(_row(worker, "L1", LIMIT - 60))
        worker.read(_row(worker, "L2", LIMIT + 60))
        worker.read(_row(worker, "L3", LIMIT + 60))
        worker.read(_row(worker, "L4", LIMIT + 60, do_not_call=True))
        worker.read(_row(worker, "L5", 0, born="unknown"))
        await worker.settle()
        first = _ends(worker)
        worker.read(_row(worker, "L2", 60, first_name="Eve"))
        await worker.settle()
        assert _ends(worker)["L2"] == ("applied", None)
    assert first == {
        "L1": ("applied", None),
        "L2": ("suppressed", "expired"),
        "L3": ("applied", None),
        "L4": ("applied", None),
        "L5": ("applied", None),
    }
    held = simulator.contacts_by_lead()
    assert sorted(held) == ["L1", "L2", "L3", "L5"]
    assert held["L3"][0]["data"]["FirstName"] == "Ann"
    assert set(simulator.dnc()) == {"+12025550004"}
    assert not worker.broker.logs[OWN.dead_letters]


async def test_what_a_brake_held_for_too_long_expires_as_it_is_let_go(
    simulator: Simulator,
) -> None:
    """The age is judged when the batch is cut, not when the record came."""
    async with watched_worker(simulator, max_age=LIMIT) as worker:
        brake = Scope(EVERYWHERE, Stop.INSERTS)
        worker.watched.gates.hold(brake, HoldReason.BRAKE)
        worker.read(_row(worker, "L1", LIMIT - HOUR))
        worker.read(_row(worker, "L2", LIMIT - 3 * HOUR))
        for _ in range(5):
            worker.turn()
        worker.clock.skipped += 2 * HOUR
        worker.watched.gates.let_go(brake, HoldReason.BRAKE)
        await worker.settle()
        assert _ends(worker) == {"L1": ("suppressed", "expired"), "L2": ("applied", None)}
    assert sorted(simulator.contacts_by_lead()) == ["L2"]
