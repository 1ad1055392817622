"""Changes that name only what changed, through a whole worker to the simulator over its socket.

They are put into the worker's own topics, as an envelope that writes them would.
"""

from collections.abc import Sequence

from connector.domain.change import LeadChange, LeadOptOut, LeadUpsert, Row
from connector.domain.ids import LeadId
from connector.domain.origin import Origin
from connector.domain.record import Record
from connector.domain.revision import NO_REVISION
from connector.stream import lead_changes
from connector.stream.packing import lead_key
from tests.support.fake_worker import CHANGES, OPT_OUTS
from tests.support.simulators import Simulator
from tests.support.watched_worker import OWN, WatchedWorker, watched_worker

CRM = "salesforce"
LEADS = 60


def _origin(worker: WatchedWorker, lead: str) -> Origin:
    """Return the origin of the next record of a topic that the worker itself does not read."""
    log = worker.broker.logs[CRM]
    log.append(Record(CRM, 0, len(log), 1_000, lead.encode(), b"as it was"))
    return Origin("default", CRM, CRM, 0, len(log) - 1, 1_000)


def _upsert(worker: WatchedWorker, lead: str, *, whole: bool = False, **fields: str) -> LeadUpsert:
    row = Row(fields, whole=whole)
    return LeadUpsert(LeadId(lead), _origin(worker, lead), NO_REVISION, row)


async def _take(worker: WatchedWorker, changes: Sequence[LeadChange]) -> list[bytes]:
    """Give *changes* to the worker, wait until they are settled, return their outcomes."""
    before = len(worker.broker.logs[OWN.outcomes])
    for change in changes:
        for topic in (CHANGES, *([OPT_OUTS] if isinstance(change, LeadOptOut) else [])):
            log = worker.broker.logs[topic]
            value = lead_changes.encode(change)
            log.append(Record(topic, 0, len(log), 1_000, lead_key(change.lead), value))
    worker.turn()
    await worker.settle()
    return [each.value or b"" for each in worker.broker.logs[OWN.outcomes][before:]]


def _whole(number: int) -> dict[str, str]:
    return {
        "first_name": f"N{number}",
        "phone_mobile": f"+1202555{number:04}",
        "phone_home": f"+1303555{number:04}",
        "status": "New",
    }


async def test_no_column_is_blanked(simulator: Simulator) -> None:
    """Each column keeps what it has until a change names it, in shared reads and writes."""
    async with watched_worker(simulator) as worker:
        leads = [f"L{number}" for number in range(LEADS)]
        await _take(
            worker,
            [_upsert(worker, lead, whole=True, **_whole(at)) for at, lead in enumerate(leads)],
        )
        asked = len(simulator.journal())
        await _take(worker, [_upsert(worker, lead, first_name="Bea") for lead in leads])
        spent = len(simulator.journal()) - asked
        same = await _take(worker, [_upsert(worker, lead, first_name="Bea") for lead in leads])
        held = simulator.contacts_by_lead()
    assert {lead: held[lead][0]["data"] for lead in leads} == {
        lead: {
            "CRM_Lead_ID": lead,
            "FirstName": "Bea",
            "LastName": "",
            "Mobile": f"+1202555{at:04}",
            "Home": f"+1303555{at:04}",
            "TimeZone": "",
            "Status": "New",
        }
        for at, lead in enumerate(leads)
    }
    assert spent <= 8, "reads of 50 and batches of 50"
    assert all(b'"same_row"' in outcome for outcome in same)


async def test_what_another_loader_put_there_stays(simulator: Simulator) -> None:
    """A contact that the worker meets by its look-up is merged too; its other columns stay."""
    data = {
        "CRM_Lead_ID": "L1",
        "FirstName": "Ann",
        "LastName": "Loaded",
        "Mobile": "+12025550101",
        "Home": "",
        "TimeZone": "Europe/Berlin",
        "Status": "New",
    }
    simulator.put_contacts([{"data": data}])
    async with watched_worker(simulator) as worker:
        await _take(worker, [_upsert(worker, "L1", phone_home="+13035550101")])
        (contact,) = simulator.contacts()
        assert contact["data"] == {**data, "Home": "+13035550101"}
        opt_out = LeadOptOut(
            LeadId("L1"),
            _origin(worker, "L1"),
            NO_REVISION,
            Row({"do_not_call": "true"}, whole=False),
            frozenset(),
        )
        await _take(worker, [opt_out])
    (contact,) = simulator.contacts()
    assert not contact["callable"]
    assert set(simulator.dnc()) == {"+12025550101", "+13035550101"}


async def test_a_lead_that_nobody_knows_becomes_a_dead_letter(simulator: Simulator) -> None:
    """The letter has the record as it was, and nothing is written to the platform."""
    async with watched_worker(simulator) as worker:
        (outcome,) = await _take(worker, [_upsert(worker, "L7", first_name="Bea")])
        (letter,) = worker.broker.logs[OWN.dead_letters]
        assert await worker.told("connector_dead_letters_total|unknown_lead|send") == 1.0
    assert b'"unknown_lead"' in outcome
    assert letter.value == b"as it was"
    assert dict(letter.headers)["connector.reason"] == b"unknown_lead"
    assert dict(letter.headers)["connector.stage"] == b"send"
    assert simulator.contacts() == []
