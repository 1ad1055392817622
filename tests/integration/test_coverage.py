"""Coverage over a socket: a worker whole but for Kafka, against a simulator's campaigns."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from connector.domain.ids import DncListId, ListId
from connector.planning.gates import HoldReason, Scope, Stop
from connector.stream import coverage, tenure
from connector.stream.coverage import CoverageTerms
from tests.support.campaign_worker import until
from tests.support.simulators import CAMPAIGN, DNC, LIST, Json, Simulator, a_seed
from tests.support.watched_worker import PLACES, WatchedWorker, watched_worker

HOLD = CoverageTerms({ListId(LIST): DncListId(DNC)}, hold=True, interval=0.1, most=10)
WARN = replace(HOLD, hold=False)
HELD = Scope(LIST, Stop.INSERTS)


def a_lead(lead: str, **fields: object) -> dict[str, object]:
    """Return a row of the source, with a number of its own."""
    return {"lead_id": lead, "first_name": "A", "phone_mobile": f"+1415555010{lead}", **fields}


def uncovered(**parts: object) -> Json:
    """Return a seed whose campaign has no DNC list."""
    bare = {"id": CAMPAIGN, "name": "Spring", "contact_list": LIST, "status": "on", **parts}
    return a_seed(campaigns=[bare])


@pytest.fixture
def simulator(running: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """Give the simulator; nothing may be held against us, and nobody but the test attaches."""
    monkeypatch.setattr(tenure, "TICK_SECONDS", 0.01)
    monkeypatch.setattr(coverage, "FIRST_PAUSE", 0.05)
    running.reset(a_seed())
    yield running
    assert running.violations() == []
    assert not [each for each in running.journal() if "/campaigns" in each.path and each.body]


async def go_on(worker: WatchedWorker, condition: Callable[[], bool], what: str) -> None:
    """Let the worker work until something is so."""

    def so() -> bool:
        worker.turn()
        return condition()

    await until(so, what, 20)


def looks(simulator: Simulator) -> int:
    """Count the looks at campaigns."""
    return len([each for each in simulator.journal() if each.path.endswith("/campaigns")])


def gaps(worker: WatchedWorker, kind: str) -> float:
    """Return the gauge of a kind of gap."""
    return worker.samples().get(f"connector_coverage_gaps|{kind}|default", 0.0)


async def test_new_contacts_wait_for_coverage_and_nothing_else_does(simulator: Simulator) -> None:
    """Updates, quarantines and opt-outs pass; attached, the new ones go on by themselves."""
    async with watched_worker(simulator, terms=HOLD) as worker:
        worker.read(a_lead("1"))
        worker.read(a_lead("2"))
        worker.read(a_lead("3"))
        await worker.settle()
        simulator.attach()
        await go_on(worker, lambda: bool(gaps(worker, "unattached")), "the gap")
        worker.read(a_lead("4"))
        worker.read(a_lead("1", first_name="B"))
        worker.read(a_lead("2", status="Disqualified"))
        worker.read(a_lead("3", do_not_call=True))

        def through() -> bool:
            held = simulator.contacts_by_lead()
            renamed = held["1"][0]["data"]["FirstName"] == "B"
            return renamed and not held["2"][0]["callable"] and not held["3"][0]["callable"]

        await go_on(worker, through, "an update, a quarantine and an opt-out")
        assert simulator.dnc(DNC)
        seen = looks(simulator)
        await go_on(worker, lambda: looks(simulator) > seen + 2, "further looks")
        assert set(simulator.contacts_by_lead()) == {"1", "2", "3"}
        (line,) = worker.watched.health.ready().lines
        assert line.startswith(
            f"coverage of default: new contacts wait: unattached, {CAMPAIGN}: campaign is on; "
            f"attach DNC list {DNC} to it"
        )
        simulator.attach(DNC)
        await go_on(worker, lambda: "4" in simulator.contacts_by_lead(), "the new contact")
        await worker.settle()
        assert worker.watched.health.ready().lines == ()
        assert gaps(worker, "unattached") == 0


async def test_to_warn_holds_nothing_back(simulator: Simulator) -> None:
    """The alarm stands on a worker that stays ready, until the list is attached."""
    simulator.reset(uncovered())
    async with watched_worker(simulator, terms=WARN) as worker:
        await go_on(worker, lambda: bool(gaps(worker, "unattached")), "the gap")
        worker.read(a_lead("1"))
        await worker.settle()
        assert set(simulator.contacts_by_lead()) == {"1"}
        report = worker.watched.health.ready()
        assert report.lines == ()
        assert report.warnings[0].startswith(f"coverage of default: unattached, {CAMPAIGN}")
        simulator.attach(DNC)
        await go_on(worker, lambda: not worker.watched.health.ready().warnings, "the note to go")


@pytest.mark.parametrize(
    "fault",
    [
        ("*/campaigns", {"kind": "status", "status": 503}),
        (
            "*/campaigns",
            {"kind": "status", "status": 403, "body": {"code": "missing.permissions"}},
        ),
        (
            "*/dnclists/*",
            {"kind": "status", "status": 403, "body": {"code": "missing.permissions"}},
        ),
        ("*/dnclists/*", {"kind": "status", "status": 500}),
        ("*/dnclists/*", {"kind": "malformed_json"}),
    ],
    ids=lambda fault: f"{fault[0]} {fault[1].get('status', fault[1]['kind'])}",
)
async def test_nothing_new_leaves_before_the_first_look_succeeded(
    simulator: Simulator, fault: tuple[str, Json]
) -> None:
    """Held, told, asked again soon, parked nowhere; opt-outs pass."""
    path, action = fault
    simulator.arm({"method": "GET", "path": path}, action)
    async with watched_worker(simulator, terms=HOLD) as worker:
        assert worker.watched.gates.now_held == {HELD: {HoldReason.UNCOVERED}}
        worker.read(a_lead("1"))
        worker.read(a_lead("2", do_not_call=True))
        await go_on(worker, lambda: bool(simulator.dnc(DNC)), "the opt-out")
        await go_on(worker, lambda: bool(gaps(worker, "unknown")), "the gap")
        assert simulator.contacts() == []
        assert worker.watched.gates.now_shut == {}
        simulator.disarm()
        await go_on(worker, lambda: "1" in simulator.contacts_by_lead(), "the new contact")
        await worker.settle()
        assert gaps(worker, "unknown") == 0
        assert worker.watched.health.ready().lines == ()


async def test_to_warn_tells_that_nobody_can_see(simulator: Simulator) -> None:
    """A permission that lacks is named; contacts go on."""
    action = {"kind": "status", "status": 403, "body": {"code": "missing.permissions"}}
    simulator.arm({"method": "GET", "path": "*/campaigns"}, action)
    async with watched_worker(simulator, terms=WARN) as worker:
        await go_on(worker, lambda: bool(gaps(worker, "unknown")), "the gap")
        worker.read(a_lead("1"))
        await worker.settle()
        (note,) = worker.watched.health.ready().warnings
        assert "outbound:campaign:view" in note


async def test_what_was_seen_counts_for_two_intervals(simulator: Simulator) -> None:
    """A platform that is away for a moment holds nothing back; one that stays away does."""
    slow = replace(HOLD, interval=600.0)
    async with watched_worker(simulator, terms=replace(slow, interval=0.1)) as worker:
        await go_on(worker, lambda: not worker.watched.gates.now_held, "the first look")
        simulator.arm({"method": "GET", "path": "*/campaigns"}, {"kind": "status", "status": 503})
        await go_on(worker, lambda: bool(worker.watched.gates.now_held), "the end of its time")
        simulator.disarm()
        await go_on(worker, lambda: not worker.watched.gates.now_held, "a look that succeeded")
    async with watched_worker(simulator, terms=slow) as worker:
        await go_on(worker, lambda: not worker.watched.gates.now_held, "the first look")
        await worker.engine.revoked()
        simulator.arm({"method": "GET", "path": "*/campaigns"}, {"kind": "status", "status": 503})
        await worker.engine.restored(PLACES)
        await go_on(worker, lambda: bool(gaps(worker, "unknown")), "the gap")
        assert worker.watched.gates.now_held == {}
        await worker.engine.revoked()
        worker.clock.skipped += 1_201.0
        await worker.engine.restored(PLACES)
        assert HELD in worker.watched.gates.now_held


@pytest.mark.parametrize(
    ("dnc_list", "kind"),
    [
        ({"source": "gryphon"}, "external"),
        ({"source": "rds_custom", "custom_exclusion_column": "Mobile"}, "external"),
        ({"contact_method": "Email"}, "no_phones"),
    ],
)
async def test_a_dnc_list_that_takes_no_numbers_covers_nothing(
    simulator: Simulator, dnc_list: dict[str, str], kind: str
) -> None:
    """Attached as it may be."""
    simulator.reset(a_seed(dnc_lists=[{"id": DNC, "name": "Do not call", **dnc_list}]))
    async with watched_worker(simulator, terms=HOLD) as worker:
        await go_on(worker, lambda: bool(gaps(worker, kind)), "the gap")
        assert HELD in worker.watched.gates.now_held


async def test_a_full_dnc_list_covers_nothing(simulator: Simulator) -> None:
    """What the next person says would not reach the dialler."""
    async with watched_worker(simulator, terms=HOLD) as worker:
        for number in range(8):
            lead = str(number)
            worker.read(a_lead(lead, do_not_call=True))
        await worker.settle()
        await go_on(worker, lambda: bool(gaps(worker, "filling")), "the list to be 80 % full")
        assert worker.watched.gates.now_held == {}
        worker.read(a_lead("8", do_not_call=True))
        worker.read(a_lead("9", do_not_call=True))
        await worker.settle()
        await go_on(worker, lambda: bool(gaps(worker, "full")), "the list to be full")
        assert HELD in worker.watched.gates.now_held


@pytest.mark.parametrize(("status", "held"), [("complete", True), ("off", False)])
async def test_a_campaign_that_dials_nobody_is_a_risk_only(
    simulator: Simulator, status: str, *, held: bool
) -> None:
    """One that is complete goes on with the next contact; one that is off when a person says."""
    simulator.reset(uncovered(status=status))
    async with watched_worker(simulator, terms=HOLD) as worker:
        kind = "unattached" if held else "resting"
        await go_on(worker, lambda: gaps(worker, kind) == 1, "the gap")
        assert (HELD in worker.watched.gates.now_held) is held


async def test_a_round_costs_one_request_for_each_list(simulator: Simulator) -> None:
    """All of them in slots of the budget; the DNC list is asked for its size."""
    async with watched_worker(simulator, terms=HOLD) as worker:
        await go_on(worker, lambda: looks(simulator) >= 3, "three rounds")
        await worker.engine.revoked()
        asked = [each for each in simulator.journal() if each.method == "GET"]
        sizes = [each for each in asked if "/dnclists/" in each.path]
        assert {each.query["includeSize"] for each in sizes} == {"true"}
        assert len(sizes) - looks(simulator) in (0, 1)
        assert len(asked) == len(sizes) + looks(simulator)


async def test_a_bug_in_a_round_ends_neither_it_nor_the_worker(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told, and the next look comes; what nobody saw is held."""

    def broken(*_args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(coverage, "is_covered", broken)
    async with watched_worker(simulator, terms=HOLD) as worker:
        worker.read(a_lead("1", do_not_call=True))
        await worker.settle()
        await go_on(worker, lambda: looks(simulator) == 1, "a look")
        await asyncio.sleep(0.1)
        assert HELD in worker.watched.gates.now_held
        assert worker.failures == []
