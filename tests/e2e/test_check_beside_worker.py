"""`connector check` beside a worker under backlog: together they keep the allowance."""

import json
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from connector.stream.budget_claims import KIND
from tests.support.brokers import Broker
from tests.support.playing import write_anywhere
from tests.support.running import Running, application, running
from tests.support.scene import flat_scene
from tests.support.site import SourceText
from tests.support.topics import Sent, read_topic
from tests.support.waiting import wait_until
from tests.support.worker import command, document

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

ALLOWANCE = 120
BACKLOG = 1_000
"""More than a worker can send in this test, one record a request."""

LEAST = 0.65 * ALLOWANCE
"""What two claims of 13 requests leave at the least, the silence before each included."""

MINUTE = 60.0


def backlog(run: Running) -> None:
    """Write new leads, each of which takes a request of its own."""
    lead = {"first_name": "Ann", "state": "CA", "status": "New", "source": "web"}
    records = [
        lead
        | {
            "lead_id": f"{n}",
            "phone_mobile": f"+1415555{n:04}",
            "updated_at": "2026-01-01T00:00:00Z",
        }
        for n in range(BACKLOG)
    ]
    sent = [Sent(each["lead_id"].encode(), json.dumps(each).encode()) for each in records]
    write_anywhere(run.broker, [(run.site.scene.topic, each) for each in sent])


def fullest_minute(moments: Sequence[float]) -> int:
    """Count the requests of the fullest 60 s."""
    return max(sum(at <= each < at + MINUTE for each in moments) for at in moments)


def demand_well(finished: subprocess.CompletedProcess[str]) -> None:
    """Fail where a check beside the worker does not say that all is well, or waited for nobody."""
    assert finished.returncode == 0, finished.stdout + finished.stderr
    told = document(finished)
    assert isinstance(told, dict)
    assert {each["level"] for each in told["checks"]} == {"ok"}
    assert {"credentials", "list west"} < {each["name"] for each in told["checks"]}
    assert finished.stderr.startswith("Workers run: waiting")


def test_checks_beside_a_worker_never_pass_the_allowance(kafka: Broker, tmp_path: Path) -> None:
    """Two checks that overlap each get room from a worker that uses all it may."""
    if not kafka.real:
        pytest.skip("the embedded broker does not tell who is in a group")
    scene = flat_scene(f"{application()}-leads", "updated_at")
    scene = replace(scene, lists=scene.lists[:1])
    extra = {"apply": "batch_size = 1"}
    source = SourceText([scene.topic], "flat")
    with (
        running(
            kafka, tmp_path, scene, [source], requests_per_minute=ALLOWANCE, extra=extra
        ) as run,
        ThreadPoolExecutor(2) as together,
    ):
        backlog(run)
        run.workers.start()
        run.workers.wait_ready()
        wait_until(lambda: len(run.control.journal()) > 12, "a worker at work")
        begun = time.monotonic()
        first = together.submit(command, run.site, "check", "--json")
        time.sleep(4)
        second = together.submit(command, run.site, "check", "--json")
        for each in (first, second):
            demand_well(each.result())
        time.sleep(max(0.0, begun + MINUTE + 5 - time.monotonic()))
        run.workers.demand_alive()
        complaints = run.control.complaints()
        assert not complaints, "\n".join(complaints)
        journal = run.control.journal()
        assert {each.status for each in journal} == {200}
        assert fullest_minute([each.at for each in journal]) > LEAST
        text = run.workers.newest.text
        assert text.count("budget_claim.heard") >= 2
        claims = [
            each
            for each in read_topic(kafka, run.site.topic("control"))
            if (each.key or b"").startswith(f"{KIND}/".encode())
        ]
        assert len({each.key for each in claims}) == 2
