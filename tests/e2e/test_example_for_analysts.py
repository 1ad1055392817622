"""The example for analysts counts what the worker, the simulator and the history count."""

import importlib.util
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support.brokers import Broker
from tests.support.control import JournalLine
from tests.support.feed import OutcomeSeen
from tests.support.histories import history
from tests.support.playing import play
from tests.support.running import Running, application, running, succeed
from tests.support.scene import flat_scene
from tests.support.schema_registry import SchemaRegistry, schema_registry
from tests.support.site import SourceText
from tests.support.topics import Sent, produce
from tests.support.worker import environment

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "outcomes_to_duckdb.py"
FOR_RECORDS = re.compile(r"/contacts(/|$)|/phonenumbers$")
"""What the paths of requests for records have, look-ups and reads included."""


@pytest.fixture(scope="module")
def example() -> ModuleType:
    """The example as a module."""
    spec = importlib.util.spec_from_file_location("outcomes_to_duckdb", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(params=["avro", "json"])
def registry(request: pytest.FixtureRequest) -> Iterator[SchemaRegistry | None]:
    """A registry, or none and with it JSON."""
    with ExitStack() as stack:
        avro = request.param == "avro"
        yield stack.enter_context(schema_registry()) if avro else None


def test_its_figures_are_the_workers_own(
    kafka: Broker, tmp_path: Path, example: ModuleType, registry: SchemaRegistry | None
) -> None:
    """Every answer equals the metrics, the journal, or what the outcomes say to other eyes."""
    scene = flat_scene(f"{application()}-leads", "updated_at")
    source = SourceText([scene.topic], "flat")
    with running(kafka, tmp_path, scene, [source], registry=registry) as run:
        checked = len(run.control.journal())
        worker = run.workers.start()
        play(run.stage, history(scene, seed=5, crowd=150))
        metrics = _samples(run.workers.metrics())
        assert worker.terminate() == 0
        run.feed.poll()
        again = run.feed.raw[:50]  # as a worker would that died before its rows were durable
        produce(kafka, run.site.topic("outcomes"), [Sent(None, each) for each in again])
        where = [kafka.bootstrap_servers, run.site.topic("outcomes")]
        where += [] if registry is None else [registry.url]
        with example.load(*where) as outcomes:
            answers = {
                title: outcomes.sql(question).fetchall()
                for title, question in example.QUESTIONS.items()
            }
            loaded = outcomes.sql("SELECT verdict, count(*) FROM outcomes GROUP BY ALL").fetchall()
        run.feed.poll()
        assert len(run.feed.again) == len(again)
        assert dict(loaded) == _ended(metrics, "verdict")
        assert dict(answers["rejects by reason"]) == _ended(metrics, "reason", verdict="rejected")
        assert len(answers["rejects by reason"]) > 2
        assert [tuple(row[1:]) for row in answers["opt-outs by hour"]] == _opt_outs(run)
        ((requests, changes, share),) = answers["requests a change"]
        made = run.control.journal()[checked:]
        assert requests == len([line for line in made if _is_for_a_record(line)])
        assert changes == sum(each.change is not None for each in run.feed.first.values())
        assert share == pytest.approx(requests / changes)
        _runs(where)
        _reports(run, int(requests), _ended(metrics, "verdict"))


def _runs(where: list[str]) -> None:
    """Assert that it runs as its docstring says, and prints every answer."""
    done = subprocess.run(
        [sys.executable, str(EXAMPLE), *where],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    for title in ("opt-outs by hour", "rejects by reason", "requests a change"):
        assert title in done.stdout


def _reports(run: Running, requests: int, verdicts: Mapping[str, int]) -> None:
    """Assert that `connector report` counts the same, and that every opt-out is accounted for."""
    told = json.loads(succeed(run.site, "report", "--json"))
    assert told["verdicts"] == verdicts
    assert told["records"] == len(run.feed.first)
    assert told["requests"] >= requests, "those of what was told twice were made twice"
    assert told["repeats"] == len(run.feed.again)
    opt_outs = [each for each in run.feed.first.values() if each.change == "opt_out"]
    complied = json.loads(succeed(run.site, "report", "compliance", "--json"))
    assert complied["opt_outs"] == len(opt_outs)
    assert complied["honoured"] + complied["open"] == len(opt_outs)
    assert "waiting" not in complied["exceptions"]
    blocked = [each.latency["kafka_to_blocked_ms"] for each in opt_outs]
    longest = max(each for each in blocked if each is not None)
    assert complied["latency_ms"]["max"] == complied["worst"][0]["latency_ms"] == longest


Samples = Mapping[str, list[tuple[dict[str, str], float]]]


def _samples(metrics: str) -> Samples:
    found = defaultdict(list)
    for family in text_string_to_metric_families(metrics):
        for sample in family.samples:
            found[sample.name].append((sample.labels, sample.value))
    return found


def _ended(metrics: Samples, by: str, **only: str) -> dict[str, int]:
    """Add up how records ended, as the worker counted."""
    counted: Counter[str] = Counter()
    for labels, value in metrics["connector_outcomes_total"]:
        if value and all(labels[name] == wanted for name, wanted in only.items()):
            counted[labels[by]] += int(value)
    return dict(counted)


def _opt_outs(run: Running) -> list[tuple[int, int | None, int | None]]:
    """Count opt-outs by hour, with the median and the 99th percentile of their latency."""
    hours: defaultdict[str, list[int | None]] = defaultdict(list)
    for each in run.feed.first.values():
        if each.change == "opt_out":
            hours[each.source.timestamp[:13]].append(_latency(each))
    return [
        (len(hours[hour]), _quantile(hours[hour], 50), _quantile(hours[hour], 99))
        for hour in sorted(hours)
    ]


def _latency(outcome: OutcomeSeen) -> int | None:
    steps = ("kafka_to_decided_ms", "decided_to_sent_ms", "sent_to_accepted_ms")
    known = [took for step in steps if (took := outcome.latency[step]) is not None]
    return sum(known) if len(known) == len(steps) else None


def _quantile(values: list[int | None], percent: int) -> int | None:
    """Return the smallest value that is at least as large as *percent* of those known."""
    known = sorted(value for value in values if value is not None)
    return known[max(0, -(-len(known) * percent // 100) - 1)] if known else None


def _is_for_a_record(line: JournalLine) -> bool:
    return FOR_RECORDS.search(line.path) is not None
