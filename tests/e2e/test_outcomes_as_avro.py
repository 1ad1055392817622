"""Outcomes behind a registry: away at start, there again, in trouble later, or refusing."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.brokers import Broker
from tests.support.playing import await_outcomes, write_anywhere
from tests.support.running import Running, application, running
from tests.support.scene import DNC_WEST, Scene, flat_scene
from tests.support.schema_registry import SchemaRegistry, schema_registry
from tests.support.site import SourceText
from tests.support.topics import Sent, committed
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


@pytest.fixture
def registry() -> Iterator[SchemaRegistry]:
    """A registry with Apicurio's default rule, which asks nothing."""
    with schema_registry() as running_registry:
        running_registry.books.default_rule = "NONE"
        yield running_registry


@pytest.fixture
def scene() -> Scene:
    """Lists and columns of the main job, on a topic of its own."""
    return flat_scene(f"{application()}-leads", None)


def _lead(number: int, **more: object) -> Sent:
    row = {"lead_id": f"L-{number}", "state": "CA", "phone_mobile": f"+1202555{number:04d}"}
    return Sent(f"L-{number}".encode(), json.dumps(row | more).encode())


def _ready(run: Running) -> str:
    return httpx.get(f"http://{run.site.listen}/health/ready", timeout=5).text


def test_the_registry_is_away_at_start(
    kafka: Broker, tmp_path: Path, registry: SchemaRegistry, scene: Scene
) -> None:
    """Opt-outs reach the platform, no offset moves, readiness says why; then all is told."""
    registry.stop()
    source = SourceText([scene.topic], "flat")
    with running(kafka, tmp_path, scene, [source], registry=registry, checked=False) as run:
        run.control.watch(["L-1"])
        worker = run.workers.start()
        run.workers.wait_ready()
        sent = [_lead(1, do_not_call=True), *(_lead(number) for number in range(2, 20))]
        ids = write_anywhere(kafka, [(scene.topic, each) for each in sent])
        wait_until(lambda: run.control.numbers(DNC_WEST) != frozenset(), "the opt-out's number")
        assert "outcomes: held until the registry tells their schema's id" in _ready(run)
        assert "outcomes.held" in worker.text
        assert not any(
            committed(kafka, run.site.application_id, run.site.topic("opt-outs")).values()
        )
        assert not run.feed.has(ids[:1])
        registry.start()
        await_outcomes(run.stage, ids)
        assert "outcomes:" not in _ready(run)
        assert "outcomes.flow" in worker.text
        assert run.feed.raw[0][0] == 0
        assert not run.feed.again
        assert worker.terminate() == 0
        assert registry.books.rules == {f"{run.site.topic('outcomes')}-value": "BACKWARD"}


def test_what_was_held_is_done_again_by_the_next_worker(
    kafka: Broker, tmp_path: Path, registry: SchemaRegistry, scene: Scene
) -> None:
    """Stopped before the registry came: nothing was settled, and each record ends once."""
    registry.stop()
    source = SourceText([scene.topic], "flat")
    with running(kafka, tmp_path, scene, [source], registry=registry, checked=False) as run:
        worker = run.workers.start()
        ids = write_anywhere(kafka, [(scene.topic, _lead(n, do_not_call=n < 3)) for n in range(9)])
        wait_until(lambda: run.control.numbers(DNC_WEST) != frozenset(), "an opt-out's number")
        assert worker.terminate() == 0
        registry.start()
        assert not run.feed.has(ids[:1])
        run.workers.start()
        await_outcomes(run.stage, ids)
        assert run.workers.newest.terminate() == 0
        assert not run.feed.again
        assert run.control.complaints() == []


@pytest.mark.parametrize("when", ["at start", "once it is back"])
def test_a_registry_that_refuses_ends_the_worker(
    kafka: Broker, tmp_path: Path, registry: SchemaRegistry, scene: Scene, when: str
) -> None:
    """Exit 3, and a line that names the subject and the command that shows more."""
    subject_of = "{}-value"
    other = '{"type": "record", "name": "Outcome", "namespace": "genesys.leads", "fields": []}'
    source = SourceText([scene.topic], "flat")
    with running(kafka, tmp_path, scene, [source], registry=registry, checked=False) as run:
        subject = subject_of.format(run.site.topic("outcomes"))
        if when == "once it is back":
            registry.stop()
        registry.books.register(subject, other.replace("[]", '[{"name": "x", "type": "int"}]'))
        worker = run.workers.start()
        if when == "once it is back":
            run.workers.wait_ready()
            registry.start()
        worker.popen.wait(timeout=60)
        assert worker.popen.returncode == 3
        assert f"{subject}: our schema cannot follow" in worker.text
        assert "connector schema check" in worker.text
