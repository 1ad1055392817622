"""A source in Avro and one in JSON in one worker, with a registry that comes and goes."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.support.avro import LEAD, framed
from tests.support.brokers import Broker
from tests.support.playing import await_outcomes, write_anywhere
from tests.support.running import Running, application, running, succeed
from tests.support.scene import DNC_WEST, flat_scene
from tests.support.schema_registry import SchemaRegistry, schema_registry
from tests.support.site import SourceText
from tests.support.topics import Sent, committed
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

FIELDS = json.loads(LEAD)["fields"]
STATE = {"name": "state", "type": ["null", "string"], "default": None}
SCHEMA = json.dumps(json.loads(LEAD) | {"fields": [*FIELDS, STATE]})


@pytest.fixture
def registry() -> Iterator[SchemaRegistry]:
    """A registry with Apicurio's default rule, which asks nothing."""
    with schema_registry() as running_registry:
        running_registry.books.default_rule = "NONE"
        yield running_registry


def _lead(schema_id: int, number: int) -> Sent:
    lead = f"A-{number}"
    row = {"lead_id": lead, "state": "CA", "phone_mobile": f"+1202555{number:04d}"}
    value = framed(schema_id, SCHEMA, row | {"first_name": "Ana", "do_not_call": False})
    return Sent(lead.encode(), value)


def _opt_out(number: int) -> Sent:
    lead = f"J-{number}"
    row = {"lead_id": lead, "state": "CA", "phone_mobile": f"+1202555{number:04d}"}
    return Sent(lead.encode(), json.dumps(row | {"do_not_call": True}).encode())


def _says(run: Running, text: str) -> bool:
    return text in httpx.get(f"http://{run.site.listen}/health/ready", timeout=5).text


def _blocked(run: Running, number: str) -> bool:
    return number in run.control.numbers(DNC_WEST)


def _waits(
    run: Running, registry: SchemaRegistry, json_topic: str, schema_id: int, first: int
) -> None:
    """See that opt-outs go on, that readiness says what waits, and that nothing is committed."""
    broker, avro_topic = run.broker, run.site.scene.topic
    await_outcomes(run.stage, write_anywhere(broker, [(json_topic, _opt_out(first + 50))]))
    wait_until(partial(_blocked, run, f"+1202555{first + 50:04d}"), "the number")
    told = f"records wait for schema {schema_id}: {registry.url}: no answer"
    wait_until(partial(_says, run, told), "readiness to say so")
    done = committed(broker, run.site.application_id, avro_topic)
    assert sum(done.values()) == (30 if first else 0)


def test_a_registry_that_is_away_loses_and_refuses_nothing(
    kafka: Broker, tmp_path: Path, registry: SchemaRegistry
) -> None:
    """At start and in the middle: the Avro source waits, the JSON source's opt-outs go out, and
    when it is back every record has its outcome, none of them a refusal.
    """
    scene = flat_scene(f"{application()}-leads", None)
    json_topic = f"{scene.topic}-json"
    sources = [
        SourceText([scene.topic], "flat", "avro", encoding="avro"),
        SourceText([json_topic], "flat", "json"),
    ]
    written = {"outcomes": 'encoding = "json"'}
    with running(
        kafka, tmp_path, scene, sources, registry=registry, extra=written, checked=False
    ) as run:
        registry.stop()
        worker = run.workers.start()
        run.workers.wait_ready()
        for schema_id, first in ((41, 0), (42, 100)):
            registry.stop()
            avro = write_anywhere(
                kafka, [(scene.topic, _lead(schema_id, first + n)) for n in range(30)]
            )
            _waits(run, registry, json_topic, schema_id, first)
            assert not run.feed.has(avro[:1])
            registry.books.put(schema_id, SCHEMA)
            registry.start()
            await_outcomes(run.stage, avro)
            wait_until(lambda: not _says(run, "source avro"), "readiness to be whole")
        unknown = write_anywhere(kafka, [(scene.topic, _lead(77, 200))])
        await_outcomes(run.stage, unknown)
        (letter,) = run.letters()
        assert dict(letter.headers)["connector.reason"] == b"schema_unknown"
        assert worker.text.count("registry.unreachable") == 2
        assert worker.text.count("schema.unknown") == 1
        assert registry.books.questions(41) == 1
        registry.books.register(f"{scene.topic}-value", SCHEMA)
        if kafka.real:
            told = succeed(run.site, "check")
            assert f"{registry.url} answers" in told
            assert f"schema {scene.topic}-value" in told
        assert worker.terminate() == 0
        assert run.control.complaints() == []
