"""Write and read outcomes, as Avro or JSON; both say the same, by `schemas/outcome.v1.avsc`."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TypeAlias

import fastavro
import orjson

from connector.domain.outcome import Effect, Latency, Outcome
from connector.registry.own_schemas import OUTCOME, parsed_schema
from connector.stream.moments import in_calendar, rfc3339
from connector.stream.packing import lead_key

Document: TypeAlias = dict[str, object]
"""An outcome with every field of contract.md section 4, nulls included."""

Encode: TypeAlias = Callable[[Outcome], bytes]
SchemaOf: TypeAlias = Callable[[int], object]
"""Returns the schema, as fastavro takes it, that the registry knows by an id."""

_MAGIC = b"\0"
_HEAD = 5
"""Confluent's framing: a zero byte and the id of the writer's schema, 4 bytes, big-endian."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def key(outcome: Outcome) -> bytes | None:
    """Return the outcome's key: the lead's, None where no lead can be named."""
    return None if outcome.lead_id is None else lead_key(outcome.lead_id)


def json_encoder(connector_version: str) -> Encode:
    """Return what writes outcomes as JSON, their moments as RFC 3339."""
    return lambda outcome: orjson.dumps(_document(outcome, connector_version, rfc3339))


def avro_encoder(connector_version: str, schema_id: int) -> Encode:
    """Return what writes outcomes as Avro; *schema_id* is the registry's of `OUTCOME`."""
    head, schema = _MAGIC + schema_id.to_bytes(_HEAD - 1), parsed_schema(OUTCOME)

    def encode(outcome: Outcome) -> bytes:
        written = BytesIO()
        written.write(head)
        document = _document(outcome, connector_version, in_calendar)
        fastavro.schemaless_writer(written, schema, document, strict=True)
        return written.getvalue()

    return encode


def decode(value: bytes, schema_of: SchemaOf) -> Document:
    """Return an outcome of either form as the document that its JSON form is.

    Avro of another version of the schema is brought to ours. What is wrong with *value*, and what
    *schema_of* raises, is raised on.
    """
    if not value.startswith(_MAGIC):
        document: Document = orjson.loads(value)
        return document
    writer = schema_of(int.from_bytes(value[1:_HEAD]))
    read = fastavro.schemaless_reader(BytesIO(value[_HEAD:]), writer, parsed_schema(OUTCOME))
    return {name: _told(each) for name, each in read.items()}


def _told(read: object) -> object:
    """Return what was read with its moments as text."""
    match read:
        case datetime():
            return rfc3339((read - _EPOCH) // timedelta(milliseconds=1))
        case dict():
            return {name: _told(each) for name, each in read.items()}
        case _:
            return read


def _document(
    outcome: Outcome, connector_version: str, moment: Callable[[int], object]
) -> Document:
    origin = outcome.origin
    return {
        "outcome_id": outcome.outcome_id,
        "lead_id": outcome.lead_id,
        "change": outcome.change,
        "verdict": outcome.verdict,
        "reason": outcome.reason,
        "revision": outcome.revision,
        "effects": [_effect(each) for each in outcome.effects],
        "attempts": outcome.attempts,
        "lane": outcome.lane,
        "batch_id": outcome.batch_id,
        "source": {
            "topic": origin.topic,
            "partition": origin.partition,
            "offset": origin.offset,
            "timestamp": moment(origin.timestamp),
        },
        "replay_id": origin.replay_id,
        "opt_out": outcome.opt_out,
        "latency": _latency(outcome.latency),
        "decided_at": moment(outcome.decided_at),
        "connector_version": connector_version,
        "requests": outcome.requests,
    }


def _effect(effect: Effect) -> Document:
    return {
        "list": effect.place,
        "contact_id": effect.contact_id,
        "action": effect.action,
        "http_status": effect.receipt.http_status,
        "correlation_id": effect.receipt.correlation_id,
    }


def _latency(latency: Latency) -> dict[str, int | None]:
    return {
        "crm_to_kafka_ms": latency.crm_to_kafka_ms,
        "kafka_to_decided_ms": latency.kafka_to_decided_ms,
        "decided_to_sent_ms": latency.decided_to_sent_ms,
        "sent_to_accepted_ms": latency.sent_to_accepted_ms,
        "accepted_to_verified_ms": latency.accepted_to_verified_ms,
        "kafka_to_blocked_ms": latency.kafka_to_blocked_ms,
    }
