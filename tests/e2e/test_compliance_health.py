"""The compliance health of a worker while opt-outs lie where nobody can read them."""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import BaseModel

from tests.support.avro import LEAD, framed
from tests.support.brokers import Broker
from tests.support.playing import await_outcomes, write_anywhere
from tests.support.running import Running, application, running
from tests.support.scene import DNC_EAST, DNC_WEST, flat_scene
from tests.support.schema_registry import SchemaRegistry, schema_registry
from tests.support.site import SourceText
from tests.support.topics import Sent
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

AWAY = float(os.environ.get("REGISTRY_AWAY", "6"))
"""Seconds for which the registry is away; 60 or more for the whole of it in real time."""

ALARM = 60.0
"""Seconds of age from which on the health is not well. Where the registry is away for less, the
opt-outs have waited in the topic for the rest of it before.
"""

OPT_OUTS = 20
SCHEMA_ID = 41


class _Told(BaseModel):
    """What `/health/ready` says of compliance; of a worker without partitions nothing."""

    ok: bool = False
    seconds: float = -1.0
    line: str = ""


@pytest.fixture
def registry() -> Iterator[SchemaRegistry]:
    """A registry with Apicurio's default rule, which asks nothing."""
    with schema_registry() as running_registry:
        running_registry.books.default_rule = "NONE"
        yield running_registry


def _number(tail: int) -> str:
    return f"+1202555{tail:04d}"


def _opt_out(tail: int, appended: int) -> Sent:
    lead = f"A-{tail}"
    row = {"lead_id": lead, "first_name": "Ana", "phone_mobile": _number(tail)}
    value = framed(SCHEMA_ID, LEAD, row | {"do_not_call": True})
    return Sent(lead.encode(), value, timestamp=appended)


def _told(run: Running) -> _Told:
    ready = httpx.get(f"http://{run.site.listen}/health/ready", timeout=5)
    return _Told.model_validate(ready.json().get("compliance", {}))


def _age(run: Running) -> float:
    """What the metric says."""
    (said,) = re.findall(
        r"^connector_compliance_age_seconds (\S+)$", run.workers.metrics(), re.MULTILINE
    )
    return float(said)


def _rises(run: Running, appended: int) -> None:
    """Watch the age grow with the clock until the registry has been away for its time."""
    back = time.monotonic() + AWAY
    wait_until(lambda: not _told(run).ok, "the health not to be well", AWAY + 30)
    while time.monotonic() < back:
        time.sleep(0.2)
    real = time.time() - appended / 1_000
    told = _told(run)
    assert not told.ok
    assert real - 2 <= told.seconds <= real + 2
    assert _age(run) == pytest.approx(told.seconds, abs=2)
    topic = re.escape(run.site.scene.topic)
    assert re.fullmatch(rf"records of {topic}/\d are unread, the first for \d+ s", told.line)


def test_opt_outs_that_wait_for_a_registry_are_told_and_forgotten(
    kafka: Broker, tmp_path: Path, registry: SchemaRegistry
) -> None:
    """Their age rises, is an alarm above a minute, and falls silent once they are honoured."""
    scene = flat_scene(f"{application()}-leads", None)
    source = SourceText([scene.topic], "flat", encoding="avro")
    written = {"outcomes": 'encoding = "json"'}
    with running(
        kafka, tmp_path, scene, [source], registry=registry, extra=written, checked=False
    ) as run:
        worker = run.workers.start()
        run.workers.wait_ready()
        wait_until(lambda: _told(run).line == "none waits", "a health without opt-outs")
        assert _told(run).ok
        registry.stop()
        appended = round((time.time() - max(0.0, ALARM - AWAY / 2)) * 1_000)
        sent = [(scene.topic, _opt_out(tail, appended)) for tail in range(OPT_OUTS)]
        opted_out = write_anywhere(kafka, sent)
        _rises(run, appended)
        assert not run.feed.has(opted_out[:1])
        registry.books.put(SCHEMA_ID, LEAD)
        registry.start()
        await_outcomes(run.stage, opted_out)
        wait_until(lambda: _told(run).line == "none waits", "the health to fall silent")
        assert _told(run).ok
        wait_until(lambda: _age(run) == 0, "the metric to fall silent")
        for dnc in (DNC_WEST, DNC_EAST):
            assert run.control.numbers(dnc) == {_number(tail) for tail in range(OPT_OUTS)}
        alarms = re.findall(r"opt_outs\.(?:late|caught_up)", worker.text)
        assert alarms == ["opt_outs.late", "opt_outs.caught_up"]
        assert worker.terminate() == 0
        assert run.control.complaints() == []
