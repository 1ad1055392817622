"""A list that was loaded from a report, with Salesforce's ids of 15 characters.

The worker is whole but for Kafka. The platform's search takes `a` and `A` for one, as it may.
"""

from collections.abc import Iterator

import pytest

from connector.stream import tenure
from tests.support.simulators import COLUMNS, DNC, Simulator, a_seed
from tests.support.watched_worker import OWN, WatchedWorker, watched_worker

ANN, BEA, CYD = "00Q5f000001AbCdEAK", "00Q5f000001AbcdEAC", "00Q5f000001abCdEAI"
"""Three people whose short ids differ in case only; the third is not on the list yet."""
NUMBERS = {ANN: "+12125550101", BEA: "+12125550102", CYD: "+12125550103"}


@pytest.fixture
def simulator(running: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """Give the simulator with a report's contacts; nothing may be held against us afterwards."""
    monkeypatch.setattr(tenure, "TICK_SECONDS", 0.01)
    running.reset(a_seed(behaviour={"search_case": "ignored"}))
    running.put_contacts([{"data": a_contact(lead[:15], NUMBERS[lead])} for lead in (ANN, BEA)])
    yield running
    assert running.violations() == []


def a_contact(lead: str, number: str) -> dict[str, str]:
    """Return the cells of a contact as the report had them."""
    return dict.fromkeys(COLUMNS, "") | {"CRM_Lead_ID": lead, "Mobile": number}


def edit(worker: WatchedWorker, lead: str, **fields: object) -> None:
    """Edit a lead in the CRM."""
    worker.read({"lead_id": lead, "phone_mobile": NUMBERS[lead], **fields})


def people(simulator: Simulator) -> dict[str, tuple[str, bool]]:
    """Return the first name by the lead id that the one contact of a lead shows."""
    return {
        lead: (contact["data"]["FirstName"], contact["callable"])
        for lead, (contact,) in simulator.contacts_by_lead().items()
    }


async def test_each_lead_keeps_its_contact_and_each_opt_out_its_own(simulator: Simulator) -> None:
    """Edits write the contacts that are there, ids as they stand; no double; one quarantined."""
    async with watched_worker(simulator) as worker:
        for lead, name in ((ANN, "Ann"), (BEA, "Bea"), (CYD, "Cyd")):
            edit(worker, lead, first_name=name)
        await worker.settle()
        assert people(simulator) == {
            ANN[:15]: ("Ann", True),
            BEA[:15]: ("Bea", True),
            CYD: ("Cyd", True),
        }
        simulator.opted_out([ANN, ANN[:15]])
        edit(worker, ANN, first_name="Ann", do_not_call=True)
        edit(worker, BEA, first_name="Beate", status="Disqualified")
        await worker.settle()
        assert people(simulator)[BEA[:15]] == ("Beate", False)
        edit(worker, BEA, first_name="Beata")
        await worker.settle()
        assert people(simulator) == {
            ANN[:15]: ("Ann", False),
            BEA[:15]: ("Beata", True),
            CYD: ("Cyd", True),
        }
        assert set(simulator.dnc(DNC)) == {NUMBERS[ANN]}
        simulator.opted_out([BEA, BEA[:15]])
        edit(worker, ANN, first_name="Anna")
        edit(worker, BEA, do_not_call=True)
        await worker.settle()
        assert {lead: may for lead, (_, may) in people(simulator).items()} == {
            ANN[:15]: False,
            BEA[:15]: False,
            CYD: True,
        }
        assert set(simulator.dnc(DNC)) == {NUMBERS[ANN], NUMBERS[BEA]}


async def test_a_contact_that_holds_the_row_already_is_not_written(simulator: Simulator) -> None:
    """That its id is the short one is no difference."""
    simulator.reset(a_seed())
    simulator.put_contacts([{"data": a_contact(ANN[:15], NUMBERS[ANN])}])
    async with watched_worker(simulator) as worker:
        empty = dict.fromkeys(("first_name", "phone_home", "status"), "")
        edit(worker, ANN, **empty)
        await worker.settle()
        (outcome,) = worker.broker.logs[OWN.outcomes]
        assert b'"unchanged"' in (outcome.value or b"")
    calls = [line.path.rsplit("/", 1)[-1] for line in simulator.journal()]
    assert calls == ["token", "search"]
