"""The worker's part in campaigns, on a simulator over a socket: once, and only where it may.

The workers are the real parts with clients of their own; the control topic they share is a log in
memory that reads as Kafka does.
"""

import asyncio
from collections.abc import Iterator

import pytest

from connector.planning import looks
from connector.stream.campaigns import CampaignTerms
from connector.stream.lease import LeaseLapsed
from connector.stream.producer import SendFailedError
from tests.support.campaign_worker import CampaignWorker, ControlTopic, campaign_worker, until
from tests.support.simulators import (
    CAMPAIGN,
    DNC,
    LIST,
    JournalLine,
    Json,
    Simulator,
    a_seed,
)

OTHER_STATES = ("on", "off", "stopping", "invalid", "forced_off", "forced_stopping")
LONG = CampaignTerms(restart=True, cooldown=900.0)
REPORT = CampaignTerms(restart=False, cooldown=900.0)
PUTS = {"method": "PUT", "path": "*/campaigns/*"}
CAMPAIGN_PATHS = {"path": "*/campaigns*"}


def a_campaign(number: int, **parts: object) -> Json:
    """Return the seed of a campaign of the list."""
    return {
        "id": CAMPAIGN[:-1] + str(number),
        "name": f"Campaign {number}",
        "contact_list": LIST,
        "dnc_lists": [DNC],
        **parts,
    }


@pytest.fixture
def simulator(running: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """Give the simulator with one completed campaign, and workers in a hurry."""
    monkeypatch.setattr(looks, "QUIET", 0.05)
    monkeypatch.setattr(looks, "EVERY", 0.2)
    monkeypatch.setattr(looks, "FIRST_PAUSE", 0.1)
    running.reset(a_seed(campaigns=[a_campaign(1, status="complete")]))
    yield running
    assert running.violations() == []


@pytest.fixture
def control() -> ControlTopic:
    """Give an empty control topic."""
    return ControlTopic()


def asked(simulator: Simulator) -> list[JournalLine]:
    """Return every request about campaigns."""
    return [each for each in simulator.journal() if "/campaigns" in each.path]


def turned_on(simulator: Simulator) -> list[str]:
    """Return the campaigns that were turned on, one entry for each time."""
    return [
        each.path.rpartition("/")[2]
        for each in asked(simulator)
        if each.method == "PUT" and each.applied and each.body["campaignStatus"] == "on"
    ]


def is_on(simulator: Simulator) -> bool:
    """Say whether the campaign of the seed is on."""
    return bool(simulator.campaign()["campaignStatus"] == "on")


async def looked(simulator: Simulator, times: int = 1) -> None:
    """Wait until the campaigns were listed so many times more, and what follows is done."""
    before = len(asked(simulator))
    finds = [each for each in asked(simulator) if each.path.endswith("/campaigns")]

    def more() -> bool:
        now = [each for each in asked(simulator) if each.path.endswith("/campaigns")]
        return len(now) >= len(finds) + times

    await until(more, f"a look behind {before} requests")
    await asyncio.sleep(0.3)


async def test_a_completed_campaign_comes_back_once_whoever_asks(
    simulator: Simulator, control: ControlTopic
) -> None:
    """Three workers see it complete at the same moment; the version lets one of them through."""
    async with (
        campaign_worker(simulator, control, LONG, "one") as one,
        campaign_worker(simulator, control, LONG, "two") as two,
        campaign_worker(simulator, control, LONG, "three") as three,
    ):
        for each in (one, two, three):
            each.inserts()
        await until(lambda: is_on(simulator), "the campaign")
        await asyncio.sleep(0.5)
        restarted = sum(
            each.count('connector_campaign_restarts_total{place="default",result="restarted"}')
            for each in (one, two, three)
        )
        assert restarted == 1
    assert turned_on(simulator) == [CAMPAIGN]


async def test_no_other_state_is_touched(simulator: Simulator, control: ControlTopic) -> None:
    """Six states, and a completed campaign that always runs: read, never written."""
    states = [a_campaign(number, status=each) for number, each in enumerate(OTHER_STATES, 2)]
    always = a_campaign(9, status="complete", always_running=True)
    simulator.reset(a_seed(campaigns=[*states, always]))
    before = [simulator.campaign(each["id"]) for each in (*states, always)]
    async with campaign_worker(simulator, control, LONG) as worker:
        worker.inserts()
        await looked(simulator)
    assert [simulator.campaign(each["id"]) for each in (*states, always)] == before
    assert {each.method for each in asked(simulator)} == {"GET"}


async def test_within_the_cooldown_nothing_comes_back_and_after_it_does(
    simulator: Simulator, control: ControlTopic
) -> None:
    """Neither for this worker, nor for one that begins only then; and one look ends the wait."""
    terms = CampaignTerms(restart=True, cooldown=2.0)
    async with campaign_worker(simulator, control, terms, "one") as one:
        one.inserts()
        await until(lambda: is_on(simulator), "the campaign")
        simulator.set_campaign_status("complete")
        async with campaign_worker(simulator, control, terms, "new") as new:
            for each in (one, new):
                each.inserts("2")
            await looked(simulator)
            assert turned_on(simulator) == [CAMPAIGN]
            await until(lambda: is_on(simulator), "the end of the cool-down")
            await asyncio.sleep(0.5)
        assert turned_on(simulator) == [CAMPAIGN] * 2
    first, second = (each.at for each in asked(simulator) if each.method == "PUT" and each.applied)
    assert second - first >= 2.0


@pytest.mark.parametrize(
    "parts", [{"new": False}, {"callable": False}], ids=["an update", "not callable"]
)
async def test_only_new_callable_contacts_are_a_reason(
    simulator: Simulator, control: ControlTopic, parts: Json
) -> None:
    """Nobody asks for anything after an update or a contact that must not be called."""
    async with campaign_worker(simulator, control, LONG) as worker:
        worker.inserts(**parts)
        await asyncio.sleep(0.4)
    assert asked(simulator) == []


async def test_without_a_contact_since_the_end_nothing_comes_back(
    simulator: Simulator, control: ControlTopic
) -> None:
    """A campaign that was seen at work after the contact was accepted has dialled it."""
    simulator.set_campaign_status("on")
    async with campaign_worker(simulator, control, LONG) as worker:
        worker.inserts("1")
        await looked(simulator)
        simulator.set_campaign_status("complete")
        await asyncio.sleep(0.5)
        assert turned_on(simulator) == []
        worker.inserts("2")
        await until(lambda: is_on(simulator), "the campaign")
    assert turned_on(simulator) == [CAMPAIGN]


async def test_what_a_campaign_at_work_has_dialled_does_not_bring_it_back(
    simulator: Simulator, control: ControlTopic
) -> None:
    """Another campaign's cool-down ends in a look: it says nothing of contacts that are not new."""
    simulator.reset(
        a_seed(campaigns=[a_campaign(1, status="complete"), a_campaign(2, status="on")])
    )
    at_work = a_campaign(2)["id"]
    terms = CampaignTerms(restart=True, cooldown=2.0)
    async with campaign_worker(simulator, control, terms) as worker:
        worker.inserts("1")
        await until(lambda: is_on(simulator), "the campaign")
        simulator.set_campaign_status("complete")
        worker.inserts("2")
        await looked(simulator)
        simulator.set_campaign_status("complete", at_work)
        await until(lambda: is_on(simulator), "the end of the cool-down")
        await asyncio.sleep(0.4)
    assert turned_on(simulator) == [CAMPAIGN] * 2


async def test_off_asks_for_nothing(simulator: Simulator, control: ControlTopic) -> None:
    """Not one request."""
    async with campaign_worker(simulator, control, None) as worker:
        worker.inserts()
        await asyncio.sleep(0.4)
    assert simulator.journal() == []


async def test_report_says_it_and_writes_nothing(
    simulator: Simulator, control: ControlTopic
) -> None:
    """A note on the ready page, a count once in a cool-down; the worker stays ready for it."""
    async with campaign_worker(simulator, control, REPORT) as worker:
        worker.inserts()
        await until(lambda: worker.health.ready().warnings != (), "the note")
        worker.inserts("2")
        await looked(simulator)
        (note,) = worker.health.ready().warnings
        assert note.startswith("campaigns of default: complete while new contacts wait: ")
        assert CAMPAIGN in note
        assert worker.health.ready().well
        assert worker.count("connector_campaign_restarts_total") == 1
        simulator.set_campaign_status("on")
        worker.inserts("3")
        await until(lambda: worker.health.ready().warnings == (), "the note to go")
    assert {each.method for each in asked(simulator)} == {"GET"}
    assert control.rows(0) == {}


@pytest.mark.parametrize(
    "action",
    [
        {"kind": "status", "status": 403, "body": {"code": "missing.permissions"}},
        {"kind": "status", "status": 503},
        {"kind": "status", "status": 500},
        {"kind": "malformed_json"},
        {"kind": "reset_before"},
        {"kind": "status", "status": 404},
    ],
    ids=lambda action: str(action.get("status", action["kind"])),
)
async def test_what_fails_is_told_and_tried_again(
    simulator: Simulator, control: ControlTopic, action: Json
) -> None:
    """With growing pauses, until it is mended: then the campaign comes back, once."""
    simulator.arm({"method": "GET", "path": "*/campaigns"}, action)
    async with campaign_worker(simulator, control, LONG) as worker:
        worker.inserts()
        await until(lambda: worker.count("connector_campaign_failures_total") >= 3, "3 failures")
        (note,) = worker.health.ready().warnings
        assert note.startswith("campaigns of default: not looked after: ")
        assert worker.health.ready().well
        times = [each.at for each in asked(simulator)]
        assert times[1] - times[0] > 0.09
        assert times[2] - times[1] > 0.19
        simulator.disarm()
        await until(lambda: is_on(simulator), "the campaign")
        await until(lambda: worker.health.ready().warnings == (), "the note to go")
    assert turned_on(simulator) == [CAMPAIGN]


@pytest.mark.parametrize(
    "action",
    [
        {"kind": "reset_after_apply"},
        {"kind": "half_body"},
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 500, "apply": True},
        {"kind": "status", "status": 409, "body": {"code": "invalid.update.wrong.version"}},
        {"kind": "status", "status": 503},
        {"kind": "delay", "delay_ms": 900},
    ],
    ids=lambda action: "-".join(map(str, action.values()))[:40],
)
async def test_a_request_in_doubt_turns_it_on_once(
    simulator: Simulator, control: ControlTopic, action: Json
) -> None:
    """Done or not, the version tells at the next look: never twice, and never not at all."""
    simulator.arm(PUTS, action, 1)
    async with campaign_worker(simulator, control, LONG) as worker:
        worker.inserts()
        await until(lambda: is_on(simulator), "the campaign")
        await asyncio.sleep(0.6)
    assert turned_on(simulator) == [CAMPAIGN]


async def test_a_campaign_that_lacks_something_is_asked_for_again_once_it_is_another(
    simulator: Simulator, control: ControlTopic
) -> None:
    """What was refused for its data is never repeated as it was; a person's change is seen."""
    action = {"kind": "status", "status": 400, "body": {"code": "queue.not.found"}}
    simulator.arm(PUTS, action, 1)
    async with campaign_worker(simulator, control, LONG) as worker:
        worker.inserts()
        await until(lambda: worker.count("connector_campaign_failures_total") >= 3, "3 failures")
        (note,) = worker.health.ready().warnings
        assert "edit the campaign" in note
        assert "queue.not.found" in note
        assert len([each for each in asked(simulator) if each.method == "PUT"]) == 1
        edited = simulator.campaign()
        simulator.set_campaign_status("off")
        simulator.set_campaign_status("complete")
        assert simulator.campaign()["version"] > edited["version"]
        await until(lambda: is_on(simulator), "the campaign")
    assert turned_on(simulator) == [CAMPAIGN]


async def test_a_campaign_that_a_person_edits_meanwhile_is_read_and_decided_again(
    simulator: Simulator, control: ControlTopic
) -> None:
    """Between our reading and our request: it is still complete, and nobody has restarted it."""

    def edit() -> None:
        simulator.set_campaign_status("off")
        simulator.set_campaign_status("complete")

    control.meanwhile = edit
    async with campaign_worker(simulator, control, LONG) as worker:
        worker.inserts()
        await until(lambda: is_on(simulator), "the campaign")
        await until(lambda: worker.count("connector_campaign_restarts_total") == 2, "both told")
    puts = [each for each in asked(simulator) if each.method == "PUT"]
    assert [each.status for each in puts] == [409, 200]
    assert puts[1].body["version"] == puts[0].body["version"] + 2


async def test_a_campaign_that_is_turned_off_meanwhile_stays_off(
    simulator: Simulator, control: ControlTopic
) -> None:
    """What was decided on the former version is not done to the latter."""
    control.meanwhile = lambda: simulator.set_campaign_status("off")
    async with campaign_worker(simulator, control, LONG) as worker:
        worker.inserts()
        await until(lambda: worker.count("connector_campaign_restarts_total") == 1, "the refusal")
        await asyncio.sleep(0.5)
    assert simulator.campaign()["campaignStatus"] == "off"
    assert turned_on(simulator) == []


async def test_another_workers_restart_counts_though_nobody_confirmed_it(
    simulator: Simulator, control: ControlTopic
) -> None:
    """It was killed when its request had left; the campaign ran through by now."""
    async with campaign_worker(simulator, control, LONG, "killed") as killed:
        simulator.arm(PUTS, {"kind": "reset_after_apply"}, 1)
        killed.inserts()
        await until(lambda: is_on(simulator), "the campaign")
        killed.care.cut_off()
    simulator.set_campaign_status("complete")
    async with campaign_worker(simulator, control, LONG, "new") as new:
        new.inserts("2")
        await looked(simulator)
    assert turned_on(simulator) == [CAMPAIGN]


async def test_a_claim_that_came_to_nothing_blocks_nobody(
    simulator: Simulator, control: ControlTopic
) -> None:
    """A worker that died between its claim and its request leaves the version as it was."""
    async with campaign_worker(simulator, control, LONG, "killed") as killed:
        simulator.arm(PUTS, {"kind": "reset_before"})
        killed.inserts()
        await until(lambda: control.rows(0) != {}, "the claim")
        killed.care.cut_off()
    simulator.disarm()
    async with campaign_worker(simulator, control, LONG, "new") as new:
        new.inserts("2")
        await until(lambda: is_on(simulator), "the campaign")
    assert turned_on(simulator) == [CAMPAIGN]


async def test_nothing_is_turned_on_that_cannot_be_remembered(
    simulator: Simulator, control: ControlTopic
) -> None:
    """Where the control topic fails, the platform is not asked; later it is."""
    control.trouble = SendFailedError("a.control: refused")
    async with campaign_worker(simulator, control, LONG) as worker:
        worker.inserts()
        await until(lambda: worker.count("connector_campaign_failures_total") == 1, "the failure")
        assert turned_on(simulator) == []
        await until(lambda: is_on(simulator), "the campaign")
    assert turned_on(simulator) == [CAMPAIGN]


async def test_an_end_waits_for_what_is_in_the_air_and_no_longer_asks(
    simulator: Simulator, control: ControlTopic
) -> None:
    """A tenure ends while the campaign is being turned on; the next one goes on from there."""
    simulator.arm(PUTS, {"kind": "delay", "delay_ms": 300}, 1)
    async with campaign_worker(simulator, control, LONG) as worker:
        worker.inserts()
        await until(lambda: control.rows(0) != {}, "the claim")
        worker.inserts("2")
        await worker.care.end(2.0)
        assert turned_on(simulator) == [CAMPAIGN]
        assert worker.count("connector_campaign_restarts_total") == 1
        assert b'"done":true' in next(iter(control.rows(0).values()))
        told = len(simulator.journal())
        worker.inserts("3")
        await asyncio.sleep(0.4)
        assert len(simulator.journal()) == told
        worker.care.begin()
        await looked(simulator)
        assert turned_on(simulator) == [CAMPAIGN]


async def test_an_end_at_once_breaks_off(simulator: Simulator, control: ControlTopic) -> None:
    """A listing in the air holds nobody up, and its reason is not forgotten."""
    simulator.arm(CAMPAIGN_PATHS, {"kind": "delay", "delay_ms": 400}, 1)
    async with campaign_worker(simulator, control, LONG) as worker:
        worker.inserts()
        await asyncio.sleep(0.2)
        async with asyncio.timeout(0.15):
            await worker.care.end(5.0)
        worker.care.begin()
        await until(lambda: is_on(simulator), "the campaign")
    assert turned_on(simulator) == [CAMPAIGN]


async def test_a_lapsed_lease_sends_nothing_and_ends_the_worker(
    simulator: Simulator, control: ControlTopic
) -> None:
    """The partitions may be another's: whoever has them asks."""

    def lapsed() -> None:
        raise LeaseLapsed("lapsed")

    async with campaign_worker(simulator, control, LONG, permit=lapsed) as worker:
        worker.inserts()
        await until(lambda: bool(worker.failures), "the end of the worker")
        await asyncio.sleep(0.3)
        assert [type(each) for each in worker.failures] == [LeaseLapsed]
    assert simulator.journal() == []


async def test_a_steady_stream_costs_few_requests(
    simulator: Simulator, control: ControlTopic
) -> None:
    """A thousand contacts within seconds are a few looks, not a thousand."""
    simulator.set_campaign_status("on")
    async with campaign_worker(simulator, control, LONG) as worker:
        await _stream(worker, 1.0)
    assert 3 <= len(asked(simulator)) <= 7


async def _stream(worker: CampaignWorker, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while loop.time() < deadline:
        worker.inserts()
        await asyncio.sleep(0.001)
