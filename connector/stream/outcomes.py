"""Encode outcomes as JSON; the names are those of `schemas/outcome.v1.avsc`."""

import orjson

from connector.domain.outcome import Effect, Latency, Outcome
from connector.stream.moments import rfc3339
from connector.stream.packing import lead_key


def key(outcome: Outcome) -> bytes | None:
    """Return the outcome's key: the lead's, None where no lead can be named."""
    return None if outcome.lead_id is None else lead_key(outcome.lead_id)


def encode_json(outcome: Outcome, connector_version: str) -> bytes:
    """Return *outcome* with every field of contract.md section 4, nulls included."""
    origin = outcome.origin
    return orjson.dumps(
        {
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
                "timestamp": rfc3339(origin.timestamp),
            },
            "replay_id": origin.replay_id,
            "opt_out": outcome.opt_out,
            "latency": _latency(outcome.latency),
            "decided_at": rfc3339(outcome.decided_at),
            "connector_version": connector_version,
        }
    )


def _effect(effect: Effect) -> dict[str, object]:
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
    }
