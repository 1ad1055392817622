"""The JSON form of outcomes: names of the contract, nulls included, one schema for both forms."""

import json
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from connector.domain.change import ChangeKind
from connector.domain.ids import LeadId, OutcomeId
from connector.domain.origin import Origin
from connector.domain.outcome import Action, Effect, LaneName, Latency, Outcome
from connector.domain.reason import Reason, Verdict
from connector.domain.result import Receipt
from connector.stream import outcomes
from connector.stream.moments import rfc3339

_SCHEMA = json.loads(Path("schemas/outcome.v1.avsc").read_text())
_ORIGIN = Origin("default", "crm", "id", 3, 4711, 1_790_000_000_123, part=2, replay_id="r1")
_FULL = Outcome(
    outcome_id=_ORIGIN.outcome_id,
    origin=_ORIGIN,
    lead_id=LeadId("Zoë"),
    change=ChangeKind.OPT_OUT,
    verdict=Verdict.APPLIED,
    reason=Reason.LATE_OPT_OUT,
    revision="lsn:17",
    effects=(
        Effect("list-1", Action.QUARANTINED, "Zoe", Receipt(200, "corr-1")),
        Effect("dnc-1", Action.NUMBERS_BLOCKED),
    ),
    attempts=2,
    lane=LaneName.COMPLIANCE,
    batch_id="b1",
    opt_out=OutcomeId("crm/3/1"),
    latency=Latency(1, 2, 3, 4, 5, 6),
    decided_at=1_790_000_001_000,
    requests=7,
)


def test_every_field_has_the_name_of_the_contract() -> None:
    """A full outcome is, field by field, what contract.md section 4 lists."""
    assert orjson.loads(outcomes.json_encoder("1.2.3")(_FULL)) == {
        "outcome_id": "crm/3/4711/2@r1",
        "lead_id": "Zoë",
        "change": "opt_out",
        "verdict": "applied",
        "reason": "late_opt_out",
        "revision": "lsn:17",
        "effects": [
            {
                "list": "list-1",
                "contact_id": "Zoe",
                "action": "quarantined",
                "http_status": 200,
                "correlation_id": "corr-1",
            },
            {
                "list": "dnc-1",
                "contact_id": None,
                "action": "numbers_blocked",
                "http_status": None,
                "correlation_id": None,
            },
        ],
        "attempts": 2,
        "lane": "compliance",
        "batch_id": "b1",
        "source": {
            "topic": "crm",
            "partition": 3,
            "offset": 4711,
            "timestamp": "2026-09-21T14:13:20.123Z",
        },
        "replay_id": "r1",
        "opt_out": "crm/3/1",
        "latency": {
            "crm_to_kafka_ms": 1,
            "kafka_to_decided_ms": 2,
            "decided_to_sent_ms": 3,
            "sent_to_accepted_ms": 4,
            "accepted_to_verified_ms": 5,
            "kafka_to_blocked_ms": 6,
        },
        "decided_at": "2026-09-21T14:13:21.000Z",
        "connector_version": "1.2.3",
        "requests": 7,
    }
    assert outcomes.key(_FULL) == "Zoë".encode()


def test_nulls_are_written() -> None:
    """An outcome of a record that names no lead has no key and every field all the same."""
    origin = Origin("default", "crm", "id", 0, 0, 0)
    bare = Outcome(origin.outcome_id, origin, None, None, Verdict.UNCHANGED)
    assert outcomes.key(bare) is None
    document = orjson.loads(outcomes.json_encoder("1")(bare))
    assert set(document) == set(orjson.loads(outcomes.json_encoder("1")(_FULL)))
    nullable = ["lead_id", "change", "opt_out", "reason", "revision", "batch_id", "replay_id"]
    assert [document[name] for name in nullable] == [None] * len(nullable)
    assert set(document["latency"].values()) == {None}


def _names(schema: object, document: object) -> None:
    """Assert that *document* has the fields of *schema*, and so all the way down."""
    if isinstance(schema, list):
        schema = next(each for each in schema if each != "null")
    if not isinstance(schema, dict):
        return
    if schema["type"] == "array":
        assert isinstance(document, list)
        for each in document:
            _names(schema["items"], each)
    elif schema["type"] == "enum":
        assert document in schema["symbols"]
    elif schema["type"] == "record":
        assert isinstance(document, dict)
        assert [each["name"] for each in schema["fields"]] == list(document)
        for each in schema["fields"]:
            _names(each["type"], document[each["name"]])


def test_json_has_the_names_of_the_schema() -> None:
    """The Avro schema and the JSON form have the same names in the same order."""
    _names(_SCHEMA, orjson.loads(outcomes.json_encoder("1")(_FULL)))


def _documented(schema: object) -> None:
    if isinstance(schema, list):
        for each in schema:
            _documented(each)
    elif isinstance(schema, dict):
        _documented(schema.get("items"))
        _documented(schema.get("type"))
        for each in schema.get("fields", []):
            assert len(each["doc"]) > 10, each["name"]
            _documented(each["type"])


def test_every_field_of_the_schema_is_documented() -> None:
    """Analysts read the schema: every field says what it means."""
    assert _SCHEMA["namespace"] + "." + _SCHEMA["name"] == "genesys.leads.Outcome"
    _documented(_SCHEMA)


@pytest.mark.parametrize(
    ("field", "words"),
    [("change", ChangeKind), ("verdict", Verdict), ("lane", LaneName), ("reason", Reason)],
)
def test_the_schema_knows_every_word(
    field: str, words: type[ChangeKind | Verdict | LaneName | Reason]
) -> None:
    """A word that is added to a closed set is added to the schema too."""
    (found,) = (each for each in _SCHEMA["fields"] if each["name"] == field)
    written = json.dumps(found)
    assert [word for word in words if word.value not in written] == []


def test_the_schema_knows_every_action() -> None:
    """An action that is added is added to the schema too."""
    (effects,) = (each for each in _SCHEMA["fields"] if each["name"] == "effects")
    (action,) = (each for each in effects["type"]["items"]["fields"] if each["name"] == "action")
    assert [each.value for each in Action if f"{each.value}: " not in action["doc"]] == []


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (1_790_000_000_123, "2026-09-21T14:13:20.123Z"),
        (2**63 - 1, "9999-12-31T23:59:59.999Z"),
        (-(2**63), "0001-01-01T00:00:00.000Z"),
    ],
)
def test_moments_are_rfc_3339(ms: int, text: str) -> None:
    """Any timestamp that Kafka can hold is written, with milliseconds and Z."""
    assert rfc3339(ms) == text
    assert datetime.fromisoformat(text).tzinfo == UTC
