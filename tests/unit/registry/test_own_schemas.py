"""Our schemas: names of the contract, a word for each field, and no version that breaks readers.

`tests/data/schemas/NAME/` holds what was published, one file a version, never edited: a schema
that is changed is added there as the next one with the release that brings it.
"""

from pathlib import Path

import fastavro
import orjson
import pytest

from connector.registry.own_schemas import OUTCOME, parsed_schema, schema_text, value_subject
from tests.support.schema_registry import reads

PUBLISHED = sorted(Path("tests/data/schemas/outcome.v1").glob("*.avsc"))

# contract.md section 4, with a question mark behind what is nullable; what we add stands last.
_EFFECT = "list contact_id? action http_status? correlation_id?"
_SOURCE = "topic partition offset timestamp"
_LATENCY = (
    "crm_to_kafka_ms? kafka_to_decided_ms? decided_to_sent_ms? sent_to_accepted_ms? "
    "accepted_to_verified_ms? kafka_to_blocked_ms?"
)
_OUTCOME = (
    "outcome_id lead_id? change? verdict reason? revision? effects attempts lane batch_id? source "
    "replay_id? opt_out? latency decided_at connector_version requests?"
)


def _schema(text: str) -> dict[str, object]:
    schema: dict[str, object] = orjson.loads(text)
    return schema


def _fields(record: object) -> str:
    assert isinstance(record, dict)
    return " ".join(
        f"{each['name']}?" if isinstance(each["type"], list) else each["name"]
        for each in record["fields"]
    )


def _field(record: object, name: str) -> dict[str, object]:
    assert isinstance(record, dict)
    (found,) = (each for each in record["fields"] if each["name"] == name)
    assert isinstance(found, dict)
    return found


def test_the_outcome_has_the_fields_of_the_contract() -> None:
    """Names, order and what may be null are contract.md section 4, all the way down."""
    schema = _schema(schema_text(OUTCOME))
    assert f"{schema['namespace']}.{schema['name']}" == "genesys.leads.Outcome"
    assert _fields(schema) == _OUTCOME
    effects = _field(schema, "effects")["type"]
    assert isinstance(effects, dict)
    assert _fields(effects["items"]) == _EFFECT
    assert _fields(_field(schema, "source")["type"]) == _SOURCE
    assert _fields(_field(schema, "latency")["type"]) == _LATENCY


def test_moments_are_timestamps() -> None:
    """Analysts get `decided_at` and `source.timestamp` as moments, not as numbers."""
    moment = {"type": "long", "logicalType": "timestamp-millis"}
    schema = _schema(schema_text(OUTCOME))
    assert _field(schema, "decided_at")["type"] == moment
    assert _field(_field(schema, "source")["type"], "timestamp")["type"] == moment


def test_the_schema_is_published() -> None:
    """The newest published version is what the connector writes; a changed one is added to them."""
    newest = max(PUBLISHED, key=lambda path: int(path.stem))
    assert orjson.loads(newest.read_text()) == _schema(schema_text(OUTCOME))


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_no_version_breaks_readers(path: Path) -> None:
    """Ours reads what every published version wrote, and every one of them reads what we write."""
    published = fastavro.parse_schema(orjson.loads(path.read_text()))
    assert reads(parsed_schema(OUTCOME), published)
    assert reads(published, parsed_schema(OUTCOME))


def _changed(old: str, new: str) -> object:
    text = schema_text(OUTCOME)
    assert text.count(old) == 1
    return fastavro.parse_schema(orjson.loads(text.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"name":"attempts"', '"name":"tries"'),
        ('"name":"attempts","type":"int"', '"name":"attempts","type":"string"'),
        ('"stale","suppressed"', '"suppressed"'),
    ],
    ids=["renamed", "other type", "symbol gone"],
)
def test_a_change_that_breaks_readers_is_seen(old: str, new: str) -> None:
    """What these tests ask by tells a schema that cannot read what was written."""
    assert not reads(_changed(old, new), parsed_schema(OUTCOME))


def test_the_subject_is_the_topic_and_value() -> None:
    """The subject that every Confluent client looks under (contract.md section 4)."""
    assert value_subject("A.outcomes") == "A.outcomes-value"
