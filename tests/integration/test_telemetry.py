"""Each path of a record tells its signals, once; and what was read is the sum of what became of it.

The worker is whole but for Kafka: its own sender, its own client against a simulator.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass

import pytest

from connector.planning import looks
from connector.stream import lag, tenure
from connector.stream.campaigns import CampaignTerms
from connector.telemetry.catalogue import CATALOGUE
from tests.support.avro import a_lead as an_avro_lead
from tests.support.fake_worker import CHANGES, OPT_OUTS, SOURCE
from tests.support.simulators import Simulator, a_seed, running_simulator
from tests.support.watched_worker import OWN, WatchedWorker, watched_worker

NUMBER = "+14155550100"
TERMS = CampaignTerms(restart=True, cooldown=900.0)
POSTS = {"method": "POST", "path": "*/contacts"}


def a_lead(lead: str = "L-1", **fields: object) -> dict[str, object]:
    """Return a row of the source."""
    return {"lead_id": lead, "first_name": "A", "phone_mobile": NUMBER, **fields}


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    """Run one simulator for this module."""
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
def simulator(running: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """Give the simulator with empty books, and a worker that looks around often."""
    monkeypatch.setattr(lag, "EVERY_SECONDS", 0.01)
    monkeypatch.setattr(tenure, "TICK_SECONDS", 0.01)
    monkeypatch.setattr(looks, "QUIET", 0.02)
    monkeypatch.setattr(looks, "FIRST_PAUSE", 0.2)
    running.reset(a_seed())
    return running


async def insert(worker: WatchedWorker, _simulator: Simulator) -> None:
    """A new lead is looked up and inserted."""
    worker.read(a_lead())
    await worker.settle()


async def opt_out(worker: WatchedWorker, _simulator: Simulator) -> None:
    """A lead that nobody knows yet opts out."""
    worker.read(a_lead(do_not_call=True))
    worker.turn()
    assert await worker.told("connector_open_opt_outs") == 1
    assert await worker.told("connector_oldest_opt_out_seconds") > 0
    assert await worker.told("connector_compliance_age_seconds") > 0
    await worker.settle()


async def no_record(worker: WatchedWorker, _simulator: Simulator) -> None:
    """A record cannot be decoded."""
    worker.read(b"no JSON")
    await worker.settle()


async def refused(worker: WatchedWorker, simulator: Simulator) -> None:
    """The platform refuses a contact for good."""
    action = {"kind": "status", "status": 400, "body": {"code": "invalid.contact.columns"}}
    simulator.arm(POSTS, action, 1)
    worker.read(a_lead())
    await worker.settle()


async def hole(worker: WatchedWorker, _simulator: Simulator) -> None:
    """A transaction's marker stands between two records."""
    worker.read(a_lead("L-1"))
    worker.read(a_lead("L-2"), offset=2)
    await worker.settle()


async def late_fence(worker: WatchedWorker, _simulator: Simulator) -> None:
    """An opt-out does not come to its topic, though its fence stands in the other."""
    worker.read(a_lead(do_not_call=True))
    worker.turn(without=OPT_OUTS)
    worker.clock.skipped += 31.0
    await worker.told("connector_late_fences_total")
    await worker.settle()


async def sized(worker: WatchedWorker, _simulator: Simulator) -> None:
    """The platform is asked how full the list is."""
    await worker.told("connector_requests_total|applied|list_size")


async def throttled(worker: WatchedWorker, simulator: Simulator) -> None:
    """The platform answers 429 and asks for a second of silence."""
    simulator.arm(POSTS, {"kind": "status", "status": 429, "headers": {"Retry-After": "1"}}, 1)
    worker.read(a_lead())
    await worker.settle()


async def parked(worker: WatchedWorker, simulator: Simulator) -> None:
    """The role lacks a permission, and gets it after a while."""
    simulator.arm(POSTS, {"kind": "status", "status": 403, "body": {"code": "no.right"}}, 1)
    worker.read(a_lead())
    worker.turn()
    assert await worker.told("connector_shut_gates|default|permission") == 1
    assert (
        worker.watched.health.ready()
        .lines[0]
        .startswith("default: parked, permission (no.right): ")
    )
    assert await worker.told("connector_waiting_commands") == 1
    worker.clock.skipped += 6.0
    await worker.settle()


async def unread(worker: WatchedWorker, _simulator: Simulator) -> None:
    """The registry that has a record's schema is away, and comes back."""
    worker.read(an_avro_lead(1, "L-1", phone_mobile=NUMBER))
    assert await worker.told("connector_schema_waiting_records|default") == 1
    await worker.told("connector_schema_requests_total|away")
    worker.registry_is_away = False
    await worker.settle()


async def held(worker: WatchedWorker, _simulator: Simulator) -> None:
    """The broker takes its time with an outcome, while more stands in its topics."""
    worker.starts.end = 7
    worker.read(a_lead())
    await worker.until_told_of(OWN.outcomes)
    await worker.told(f"connector_lag_records|0|{CHANGES}")


async def campaign(worker: WatchedWorker, simulator: Simulator) -> None:
    """The campaign is complete when a lead comes, and at first it cannot be looked at."""
    simulator.set_campaign_status("complete")
    simulator.arm({"method": "GET", "path": "*/campaigns"}, {"kind": "status", "status": 403}, 1)
    worker.read(a_lead())
    await worker.settle()
    await worker.told("connector_campaign_failures_total|environment|default")
    assert worker.watched.health.ready().warnings[0].startswith("campaigns of default: ")
    await worker.told("connector_campaign_restarts_total|default|restarted")
    assert worker.watched.health.ready().warnings == ()
    assert simulator.campaign()["campaignStatus"] == "on"


@dataclass(frozen=True, slots=True)
class Path:
    """What happens, and the samples by which it is told; `at_least` for what varies."""

    drive: Callable[[WatchedWorker, Simulator], Awaitable[None]]
    told: Mapping[str, float]
    at_least: Mapping[str, float]
    encoding: str = "json"


ALWAYS = {
    "connector_assigned_partitions": 1,
    "connector_allowance_ratio": 0.5,
    "connector_restore_seconds_count": 1,
    "connector_restored_rows_total": 0,
    "connector_build_info|1": 1,
}
ALWAYS_SOME = {"connector_commits_total": 1, "connector_lease_seconds": 50.0}
INSERTED = {
    f"connector_records_total|{SOURCE}": 1,
    f"connector_records_total|{CHANGES}": 1,
    "connector_requests_total|applied|token": 1,
    "connector_requests_total|applied|search": 1,
    "connector_requests_total|applied|post_contacts": 1,
    "connector_token_renewals_total|applied": 1,
    "connector_outcomes_total|write|none|applied": 1,
    "connector_latency_seconds_count|write|kafka_to_decided": 1,
    "connector_latency_seconds_count|write|decided_to_sent": 1,
    "connector_latency_seconds_count|write|sent_to_accepted": 1,
}
PATHS = (
    Path(
        insert,
        {
            **INSERTED,
            "connector_request_seconds_count|search": 1,
            "connector_request_seconds_count|post_contacts": 1,
            "connector_batch_commands_count|search": 1,
            "connector_batch_commands_sum|post_contacts": 1,
            "connector_open_records": 0,
            "connector_unsettled_rows": 0,
            "connector_waiting_commands": 0,
            "connector_open_opt_outs": 0,
        },
        {"connector_slot_wait_seconds_count|write": 2},
    ),
    Path(
        opt_out,
        {
            f"connector_records_total|{SOURCE}": 1,
            f"connector_records_total|{CHANGES}": 1,
            f"connector_records_total|{OPT_OUTS}": 1,
            "connector_outcomes_total|compliance|none|applied": 1,
            "connector_requests_total|applied|post_numbers": 1,
            "connector_latency_seconds_count|compliance|sent_to_accepted": 1,
            "connector_opt_out_seconds_count": 1,
            "connector_recent_opt_outs": 1,
            "connector_open_opt_outs": 0,
            "connector_oldest_opt_out_seconds": 0,
            "connector_compliance_age_seconds": 0,
        },
        {"connector_slot_wait_seconds_count|block": 1},
    ),
    Path(
        no_record,
        {
            f"connector_records_total|{SOURCE}": 1,
            "connector_outcomes_total|write|undecodable|rejected": 1,
            "connector_dead_letters_total|undecodable|decode": 1,
        },
        {},
    ),
    Path(
        refused,
        {
            "connector_requests_total|unfit|post_contacts": 1,
            "connector_outcomes_total|write|refused_by_platform|rejected": 1,
            "connector_dead_letters_total|refused_by_platform|send": 1,
        },
        {},
    ),
    Path(
        hole,
        {f"connector_records_total|{SOURCE}": 2, f"connector_holes_total|{SOURCE}": 1},
        {},
    ),
    Path(
        late_fence,
        {
            "connector_late_fences_total": 1,
            "connector_outcomes_total|compliance|none|applied": 1,
            f"connector_records_total|{OPT_OUTS}": 2,
        },
        {},
    ),
    Path(
        throttled,
        {**INSERTED, "connector_requests_total|throttled|post_contacts": 1},
        {"connector_silence_seconds_total": 1.0},
    ),
    Path(
        parked,
        {
            "connector_requests_total|environment|post_contacts": 1,
            "connector_requests_total|applied|post_contacts": 1,
            "connector_outcomes_total|write|none|applied": 1,
        },
        {},
    ),
    Path(
        sized,
        {
            "connector_requests_total|applied|list_size": 1,
            "connector_list_contacts|default": 0,
            "connector_list_fill_ratio|default": 0,
        },
        {},
    ),
    Path(
        campaign,
        {
            "connector_requests_total|environment|campaigns": 1,
            "connector_requests_total|applied|campaigns": 1,
            "connector_requests_total|applied|campaign": 1,
            "connector_requests_total|applied|put_campaign": 1,
            "connector_campaign_failures_total|environment|default": 1,
            "connector_campaign_restarts_total|default|restarted": 1,
            "connector_outcomes_total|write|none|applied": 1,
        },
        {},
    ),
    Path(
        unread,
        {**INSERTED, "connector_schema_requests_total|found": 1},
        {"connector_schema_requests_total|away": 1},
        encoding="avro",
    ),
    Path(
        held,
        {
            f"connector_lag_records|0|{CHANGES}": 7,
            "connector_unsettled_rows": 1,
            "connector_open_records": 1,
        },
        {},
    ),
)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.drive.__name__)
async def test_a_path_tells_each_of_its_signals_once(path: Path, simulator: Simulator) -> None:
    """Counters stand where one walk puts them, and gauges where it leaves them."""
    async with watched_worker(simulator, terms=TERMS, encoding=path.encoding) as worker:
        await path.drive(worker, simulator)
        await worker.told("connector_commits_total")
        worker.engine.tell()
        seen = worker.samples()
    expected = {**ALWAYS, **path.told}
    assert {name: seen.get(name) for name in expected} == expected
    least = {**ALWAYS_SOME, **path.at_least}
    assert {name: seen.get(name, 0.0) >= low for name, low in least.items()} == dict.fromkeys(
        least, True
    )


def test_every_signal_has_a_path() -> None:
    """What stands in the catalogue is told by a worker, not only by a test of the metrics."""
    names = {
        name.partition("|")[0]
        for path in PATHS
        for name in (*ALWAYS, *ALWAYS_SOME, *path.told, *path.at_least)
    }
    walked = {name.removesuffix("_count").removesuffix("_sum") for name in names}
    on_the_way = {"connector_shut_gates", "connector_schema_waiting_records"}
    # A worker tells these in test_coverage.py and e2e/test_brakes.py.
    elsewhere = {"connector_coverage_gaps", "connector_pulled_brakes"}
    assert walked | on_the_way | elsewhere == {signal.name for signal in CATALOGUE}


async def test_what_was_read_is_the_sum_of_the_outcomes_by_verdict(simulator: Simulator) -> None:
    """Every record of the source ends in one verdict, whatever it says."""
    records: list[tuple[object, object]] = [
        (a_lead("L-1"), "L-1"),
        (a_lead("L-1", first_name="B"), "L-1"),
        (a_lead("L-1", first_name="B", updated_at="2"), "L-1"),
        (a_lead("L-2", do_not_call=True), "L-2"),
        (a_lead("L-2", first_name="B"), "L-2"),
        (a_lead("L-3", status="Disqualified"), "L-3"),
        (a_lead("L-4", phone_mobile="12"), "L-4"),
        ({"first_name": "A"}, None),
        (b"no JSON", None),
        (None, "L-1"),
        ({"__deleted": "true", **a_lead("L-1")}, "L-1"),
    ]
    async with watched_worker(simulator) as worker:
        for value, key in records:
            worker.read(value, key)
            await worker.settle()
        worker.engine.tell()
        seen = worker.samples()
    outcomes = {
        name: count for name, count in seen.items() if name.startswith("connector_outcomes_total|")
    }
    verdicts = {name.split("|")[3] for name in outcomes}
    assert seen[f"connector_records_total|{SOURCE}"] == len(records) == sum(outcomes.values())
    assert verdicts >= {"applied", "unchanged", "suppressed", "rejected"}
    letters = sum(
        count for name, count in seen.items() if name.startswith("connector_dead_letters_total|")
    )
    rejected = sum(count for name, count in outcomes.items() if name.endswith("|rejected"))
    assert letters == rejected
