"""The catalogue: named by rule, closed sets only, every metric told by some method."""

import re
from pathlib import Path
from typing import get_args

import pytest
from prometheus_client.parser import text_string_to_metric_families

from connector.domain.campaign import Restart
from connector.domain.command import Urgency
from connector.domain.outcome import LaneName, Latency
from connector.domain.reason import Reason, Stage, Verdict
from connector.domain.record import TopicPartition
from connector.genesys.answer import Answer
from connector.genesys.call import Call
from connector.planning.brakes import Brake
from connector.planning.coverage import GapKind
from connector.planning.gates import EVERYWHERE, GateReason
from connector.stream.facts import SchemaAnswer
from connector.telemetry.catalogue import ANSWERS, CALLS, CATALOGUE, SCHEMA_ANSWERS, STAGES
from connector.telemetry.metrics import Metrics
from connector.telemetry.signal import Kind, Signal
from connector.telemetry.signals_page import page

ROOT = Path(__file__).parents[3]
UNITS = (
    "total|seconds|records|rows|opt_outs|commands|contacts|ratio|gates|gaps|brakes|partitions|info"
)


def told() -> Metrics:
    """Make metrics in which everything was told once."""
    metrics = Metrics({"uuid-1": "default"}, "9.9.9")
    metrics.read("crm.leads", 3)
    metrics.ended(Verdict.APPLIED, None, LaneName.WRITE)
    metrics.ended(Verdict.REJECTED, Reason.PHONE_INVALID, LaneName.WRITE)
    metrics.lived(Latency(kafka_to_decided_ms=20, sent_to_accepted_ms=1500), LaneName.COMPLIANCE)
    metrics.buried(Reason.PHONE_INVALID, Stage.VALIDATE)
    metrics.hole("crm.leads")
    metrics.lag(TopicPartition("crm.leads", 2), 40)
    metrics.lag(TopicPartition("crm.leads", 3), 41)
    metrics.open_records(7)
    metrics.unsettled(5)
    metrics.opt_outs_open(2, 12.5)
    metrics.compliance(80.5)
    metrics.honoured(1.25)
    metrics.late_fence()
    metrics.schema_asked("found")
    metrics.schema_waits({"crm": 4})
    metrics.asked("token", "applied", 0.1)
    metrics.asked("search", "throttled", 0.2, 25)
    metrics.slot(Urgency.BLOCK, 0.1)
    metrics.waiting(9)
    metrics.silenced(3.5)
    metrics.parked([("uuid-1", GateReason.PERMISSION)])
    metrics.parked(
        [
            (EVERYWHERE, GateReason.CREDENTIALS),
            ("uuid-1", GateReason.LIST_MISSING),
            ("uuid-of-nobody", GateReason.LIST_MISSING),
        ]
    )
    metrics.recent_opt_outs(12)
    metrics.brakes([Brake.INSERTS, Brake.INSERTS])
    metrics.list_size("uuid-1", 800_000, 0.8)
    metrics.coverage_gaps("uuid-1", {GapKind.UNATTACHED: 1})
    metrics.campaign_restart("uuid-1", Restart.REPORTED)
    metrics.campaign_failure("uuid-of-nobody", "a class of next year")
    metrics.assigned(4, 0.5)
    metrics.restored(1000, 2.5)
    metrics.committed()
    metrics.lease(20.0)
    return metrics


def samples(metrics: Metrics) -> dict[str, float]:
    """Read the exposition as Prometheus does: name and label values by label name."""
    text = metrics.render()[0].decode()
    return {
        sample.name
        + "".join(f"|{value}" for _, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_is_told_is_served() -> None:
    """Each method moves its own metric, by its own labels."""
    seen = samples(told())
    expected = {
        "connector_recent_opt_outs": 12,
        "connector_pulled_brakes|inserts": 2,
        "connector_list_contacts|default": 800_000,
        "connector_list_fill_ratio|default": 0.8,
        "connector_campaign_restarts_total|default|reported": 1,
        "connector_campaign_failures_total|other|other": 1,
        "connector_records_total|crm.leads": 3,
        "connector_outcomes_total|write|none|applied": 1,
        "connector_outcomes_total|write|phone_invalid|rejected": 1,
        "connector_latency_seconds_sum|compliance|sent_to_accepted": 1.5,
        "connector_latency_seconds_count|compliance|kafka_to_decided": 1,
        "connector_dead_letters_total|phone_invalid|validate": 1,
        "connector_holes_total|crm.leads": 1,
        "connector_lag_records|2|crm.leads": 40,
        "connector_lag_records|3|crm.leads": 41,
        "connector_open_records": 7,
        "connector_unsettled_rows": 5,
        "connector_open_opt_outs": 2,
        "connector_oldest_opt_out_seconds": 12.5,
        "connector_compliance_age_seconds": 80.5,
        "connector_opt_out_seconds_sum": 1.25,
        "connector_late_fences_total": 1,
        "connector_requests_total|applied|token": 1,
        "connector_requests_total|throttled|search": 1,
        "connector_request_seconds_count|search": 1,
        "connector_token_renewals_total|applied": 1,
        "connector_batch_commands_sum|search": 25,
        "connector_batch_commands_bucket|search|25.0": 1,
        "connector_batch_commands_bucket|search|10.0": 0,
        "connector_slot_wait_seconds_sum|block": 0.1,
        "connector_waiting_commands": 9,
        "connector_silence_seconds_total": 3.5,
        "connector_shut_gates|all|credentials": 1,
        "connector_shut_gates|default|list_missing": 1,
        "connector_shut_gates|other|list_missing": 1,
        "connector_assigned_partitions": 4,
        "connector_allowance_ratio": 0.5,
        "connector_restored_rows_total": 1000,
        "connector_restore_seconds_sum": 2.5,
        "connector_commits_total": 1,
        "connector_lease_seconds": 20,
        "connector_build_info|9.9.9": 1,
    }
    assert {name: seen.get(name) for name in expected} == expected
    assert "connector_shut_gates|default|permission" not in seen


def test_every_metric_of_the_catalogue_is_told_by_something() -> None:
    """None is declared and then forgotten, and none is served that is not declared."""
    text = told().render()[0].decode()
    with_samples = {
        family.name for family in text_string_to_metric_families(text) if family.samples
    }
    declared = {signal.name.removesuffix("_total") for signal in CATALOGUE}
    ours = {name for name in with_samples if not name.startswith("connector_process_")}
    assert ours == declared
    assert not re.findall(r"^(?!connector_|#).+", text, re.MULTILINE)
    assert "_created" not in text


@pytest.mark.parametrize("signal", CATALOGUE, ids=lambda signal: signal.name)
def test_a_name_begins_with_ours_and_ends_in_the_unit(signal: Signal) -> None:
    """`connector_<noun>_<unit>`, counters in `_total`, each with a meaning and what to do."""
    assert re.fullmatch(rf"connector_[a-z_]+_({UNITS})", signal.name)
    assert signal.name.endswith("_total") == (signal.kind is Kind.COUNTER)
    assert signal.meaning
    assert signal.act.endswith(".")
    assert bool(signal.buckets) == (signal.kind is Kind.HISTOGRAM)


def test_labels_are_the_sets_that_the_code_uses() -> None:
    """Calls, answer classes and stages are named twice; they stay equal."""
    assert tuple(call.value for call in Call) == CALLS
    assert tuple(answer.__name__.lower() for answer in get_args(Answer)) == ANSWERS
    assert tuple(SchemaAnswer) == SCHEMA_ANSWERS
    whole = "kafka_to_blocked_ms"  # beside the steps: it spans several
    assert (*(f"{step}_ms" for step in STAGES), whole) == tuple(Latency.__dataclass_fields__)


def test_nothing_is_told_of_partitions_that_left() -> None:
    """A lag that nobody measures any more is not served."""
    metrics = told()
    metrics.lost()
    assert not any(name.startswith("connector_lag") for name in samples(metrics))


@pytest.mark.parametrize(
    ("value", "bucket"), [(0.005, "0.005"), (0.0051, "0.01"), (30.0, "30.0"), (30.1, "+Inf")]
)
def test_a_value_is_counted_in_its_bucket_and_all_above(value: float, bucket: str) -> None:
    """A bound belongs to its bucket, as Prometheus has it; the counts are cumulative."""
    metrics = Metrics({}, "1")
    metrics.slot(Urgency.WRITE, value)
    found = {
        name.split("|")[1]: count
        for name, count in samples(metrics).items()
        if name.startswith("connector_slot_wait_seconds_bucket")
    }
    assert next(name for name, count in found.items() if count) == bucket
    assert list(found.values()) == sorted(found.values())
    assert list(found)[-1] == "+Inf"


def test_a_value_outside_its_set_is_other() -> None:
    """An unknown class never becomes a label of its own, nor does a list from elsewhere."""
    metrics = Metrics({}, "1")
    metrics.asked("search", "+15555550100", 0.1)
    metrics.parked([("list-of-someone", GateReason.LIMIT)])
    seen = samples(metrics)
    assert seen["connector_requests_total|other|search"] == 1
    assert seen["connector_shut_gates|other|limit"] == 1


def test_pages_name_metrics_that_are_there() -> None:
    """What the README tells people to watch is in the catalogue."""
    named = set(re.findall(r"`(connector_[a-z_]+)`", (ROOT / "README.md").read_text("utf-8")))
    assert named
    assert named <= {signal.name for signal in CATALOGUE}


def test_the_page_is_fresh() -> None:
    """`docs/signals.md` is what the catalogue says today; the page says how to write it."""
    assert (ROOT / "docs" / "signals.md").read_text(encoding="utf-8") == page()
