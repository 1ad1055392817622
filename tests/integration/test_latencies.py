"""The latency of an outcome is what the platform took, step by step: delays that are known.

The worker is whole but for Kafka; the simulator stands behind a socket and answers late.
"""

import json
from collections.abc import Iterator, Mapping

import pytest

from connector.planning import looks
from connector.stream import tenure
from tests.support.simulators import Simulator, a_seed, running_simulator
from tests.support.watched_worker import OWN, WatchedWorker, watched_worker

NUMBER = "+14155550100"
SPARE = 1_500
"""Milliseconds that a busy machine may add to a step of known length."""

STEPS = (
    "crm_to_kafka_ms",
    "kafka_to_decided_ms",
    "decided_to_sent_ms",
    "sent_to_accepted_ms",
    "accepted_to_verified_ms",
)
POSTS, READS, PUTS, NUMBERS = (
    {"method": method, "path": path}
    for method, path in (
        ("POST", "*/contacts"),
        ("POST", "*/contacts/bulk"),
        ("PUT", "*/contacts/*"),
        ("POST", "*/phonenumbers"),
    )
)


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    """Run one simulator for this module."""
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
def simulator(running: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """Give the simulator with empty books and without delays."""
    monkeypatch.setattr(tenure, "TICK_SECONDS", 0.01)
    monkeypatch.setattr(looks, "QUIET", 0.02)
    running.reset(a_seed())
    return running


def a_lead(lead: str = "L-1", **fields: object) -> dict[str, object]:
    """Return a row of the source."""
    return {"lead_id": lead, "first_name": "A", "phone_mobile": NUMBER, **fields}


def delay(simulator: Simulator, match: Mapping[str, str], milliseconds: int) -> None:
    """Let the answers to some requests take so long."""
    simulator.arm(dict(match), {"kind": "delay", "delay_ms": milliseconds})


def latencies(worker: WatchedWorker) -> list[tuple[object, dict[str, int | None]]]:
    """Return reason and latency of every outcome, in order."""
    told = [json.loads(record.value or b"") for record in worker.broker.logs[OWN.outcomes]]
    return [(each["reason"], each["latency"]) for each in told]


def expect(latency: Mapping[str, int | None], *steps: int | None) -> None:
    """See that each step took its time and little more; None did not happen."""
    for name, least in zip(STEPS, steps, strict=True):
        took = latency[name]
        if least is None:
            assert took is None, (name, latency)
        else:
            assert took is not None, (name, latency)
            assert least <= took < least + SPARE, (name, latency)


async def test_an_opt_out_tells_each_of_its_steps(simulator: Simulator) -> None:
    """Numbers and contact on their way at once; the last acceptance is the quarantine's."""
    async with watched_worker(simulator) as worker:
        worker.read(a_lead())
        await worker.settle()
        delay(simulator, NUMBERS, 200)
        delay(simulator, READS, 600)
        delay(simulator, PUTS, 500)
        worker.read(a_lead(do_not_call=True))
        worker.clock.skipped += 5.0
        await worker.settle()
        (_, inserted), (reason, opted_out) = latencies(worker)
    assert reason is None
    expect(inserted, None, 0, 0, 0, None)
    # Read (600), quarantine (500), read back (600); the numbers leave at once.
    expect(opted_out, None, 5_000, 0, 1_100, 600)
    blocked = opted_out["kafka_to_blocked_ms"]
    assert blocked is not None
    assert 5_200 <= blocked < 5_200 + SPARE
    assert inserted["kafka_to_blocked_ms"] is None
    samples = worker.samples()
    assert 6.1 <= samples["connector_opt_out_seconds_sum"] < 6.1 + 3 * SPARE / 1000
    assert samples["connector_opt_out_seconds_count"] == 1


async def test_repeats_after_a_refusal_count_from_the_first_request(simulator: Simulator) -> None:
    """A 503 is no acceptance: what it cost is part of the step."""
    simulator.arm(NUMBERS, {"kind": "status", "status": 503}, 1)
    delay(simulator, NUMBERS, 400)
    async with watched_worker(simulator) as worker:
        worker.read(a_lead(do_not_call=True))
        await worker.settle()
        ((_, latency),) = latencies(worker)
    times = [line.at for line in simulator.journal() if line.path.endswith("/phonenumbers")]
    assert len(times) == 2
    expect(latency, None, 0, 0, round((times[1] - times[0]) * 1000) + 350, None)


async def test_every_request_for_a_record_is_counted_once(simulator: Simulator) -> None:
    """Look-ups, reads, refusals and repeats too: the sum over all outcomes is the journal's."""
    simulator.arm(NUMBERS, {"kind": "status", "status": 503}, 1)
    simulator.arm(POSTS, {"kind": "status", "status": 500}, 1)
    async with watched_worker(simulator) as worker:
        for lead in ("L-1", "L-2", "L-3"):
            worker.read(a_lead(lead))
        worker.clock.skipped += 5.0
        await worker.settle()
        worker.read(a_lead("L-1", do_not_call=True))
        worker.read(a_lead("L-2", first_name="B"))
        worker.read(a_lead("L-3"))
        worker.clock.skipped += 5.0
        await worker.settle()
        told = [json.loads(record.value or b"") for record in worker.broker.logs[OWN.outcomes]]
    made = [line.path for line in simulator.journal() if "/outbound/" in line.path]
    asked = [path for path in made if path.endswith(("/contacts", "/phonenumbers", "/search", "/bulk")) or "/contacts/" in path]  # fmt: skip
    assert len(asked) >= 8
    assert sum(each["requests"] for each in told) == len(asked)
    assert [each["requests"] for each in told if each["verdict"] == "unchanged"] == [0]


async def test_what_shares_a_request_or_needs_none_was_decided_all_the_same(
    simulator: Simulator,
) -> None:
    """The second opt-out of a lead waits for the first, which does all of it; a repeat for none."""
    delay(simulator, NUMBERS, 400)
    async with watched_worker(simulator) as worker:
        worker.read(a_lead(do_not_call=True))
        worker.read(a_lead(do_not_call=True))
        await worker.settle()
        worker.read(a_lead(do_not_call=True))
        await worker.settle()
        told = latencies(worker)
    assert [reason for reason, _ in told] == [None, "opted_out", "opted_out"]
    expect(told[0][1], None, 0, 0, 400, None)
    expect(told[1][1], None, 400, None, None, None)
    expect(told[2][1], None, 0, None, None, None)


async def test_what_intake_ends_tells_how_long_it_lay(simulator: Simulator) -> None:
    """A record that cannot be read was decided when it was."""
    async with watched_worker(simulator) as worker:
        worker.read(b"no JSON")
        await worker.settle()
        ((reason, latency),) = latencies(worker)
    assert reason == "undecodable"
    expect(latency, None, 0, None, None, None)


async def test_the_other_kinds_of_change_tell_theirs(simulator: Simulator) -> None:
    """An update is read first; a disqualification and a delete are quarantines, not read back."""
    async with watched_worker(simulator) as worker:
        worker.read(a_lead())
        await worker.settle()
        delay(simulator, POSTS, 300)
        delay(simulator, PUTS, 500)
        worker.read(a_lead(first_name="B"))
        await worker.settle()
        worker.read(a_lead(first_name="B", status="Disqualified"))
        await worker.settle()
        worker.read(a_lead(first_name="B", status="Disqualified"))
        await worker.settle()
        told = [latency for _, latency in latencies(worker)[1:]]
    expect(told[0], None, 0, 0, 300, None)
    expect(told[1], None, 0, 0, 500, None)
    expect(told[2], None, 0, None, None, None)
