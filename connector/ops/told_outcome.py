"""Hold an outcome as it was told: read from the topic, of whichever form and version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connector.domain.ids import LeadId
from connector.domain.record import TopicPartition
from connector.stream.moments import rfc3339

STEPS = (
    "crm_to_kafka",
    "kafka_to_decided",
    "decided_to_sent",
    "sent_to_accepted",
    "accepted_to_verified",
)
"""Stages of the latency (contract.md section 4); in an outcome their names end in `_ms`."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class ToldEffect:
    """One thing that the platform accepted."""

    place: str
    contact_id: str | None
    action: str
    http_status: int | None
    correlation_id: str | None

    def document(self) -> dict[str, object]:
        """Return it with the names that outcomes have."""
        return {
            "list": self.place,
            "contact_id": self.contact_id,
            "action": self.action,
            "http_status": self.http_status,
            "correlation_id": self.correlation_id,
        }


@dataclass(frozen=True, slots=True)
class ToldOutcome:
    """An outcome. Moments are ms since 1970; `steps` are those of `STEPS`, in ms.

    Words (`change`, `verdict`, `reason`) are texts: a later version may have written it.
    `requests` is None from a version that did not count them.
    """

    outcome_id: str
    place: TopicPartition
    offset: int
    timestamp: int
    lead_id: LeadId | None
    change: str | None
    verdict: str
    reason: str | None
    effects: tuple[ToldEffect, ...]
    replay_id: str | None
    steps: tuple[int | None, ...]
    blocked_ms: int | None
    decided_at: int
    requests: int | None
    connector_version: str

    @property
    def record(self) -> str:
        """Return `topic/partition/offset` of its input record."""
        return f"{self.place.topic}/{self.place.partition}/{self.offset}"

    @property
    def first_id(self) -> str:
        """Return the id of the outcome that the record had when it was not yet sent again."""
        return self.outcome_id.removesuffix(f"@{self.replay_id}")

    @property
    def accepted_ms(self) -> int | None:
        """Return the time from the append to the platform's last acceptance of anything."""
        known = [step for step in self.steps[1:4] if step is not None]
        return sum(known) if len(known) == len(self.steps[1:4]) else None

    def document(self) -> dict[str, object]:
        """Return what an auditor wants of it, with the names that outcomes have."""
        topic, partition = self.place
        return {
            "outcome_id": self.outcome_id,
            "lead_id": self.lead_id,
            "change": self.change,
            "verdict": self.verdict,
            "reason": self.reason,
            "source": {
                "topic": topic,
                "partition": partition,
                "offset": self.offset,
                "timestamp": rfc3339(self.timestamp),
            },
            "decided_at": rfc3339(self.decided_at),
            "effects": [each.document() for each in self.effects],
            "latency": {f"{name}_ms": at for name, at in zip(STEPS, self.steps, strict=True)},
            "connector_version": self.connector_version,
        }


def read_outcome(document: Mapping[str, Any]) -> ToldOutcome:
    """Return the outcome in *document*.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it is none.
    """
    source, latency = document["source"], document["latency"]
    lead, requests = document["lead_id"], document.get("requests")
    return ToldOutcome(
        outcome_id=str(document["outcome_id"]),
        place=TopicPartition(str(source["topic"]), int(source["partition"])),
        offset=int(source["offset"]),
        timestamp=_moment(source["timestamp"]),
        lead_id=None if lead is None else LeadId(str(lead)),
        change=document["change"],
        verdict=str(document["verdict"]),
        reason=document["reason"],
        effects=tuple(_effect(each) for each in document["effects"]),
        replay_id=document["replay_id"],
        steps=tuple(latency[f"{name}_ms"] for name in STEPS),
        blocked_ms=latency.get("kafka_to_blocked_ms"),
        decided_at=_moment(document["decided_at"]),
        requests=None if requests is None else int(requests),
        connector_version=str(document["connector_version"]),
    )


def _effect(document: Mapping[str, Any]) -> ToldEffect:
    return ToldEffect(
        str(document["list"]),
        document["contact_id"],
        str(document["action"]),
        document["http_status"],
        document["correlation_id"],
    )


def _moment(text: str) -> int:
    return (datetime.fromisoformat(text) - _EPOCH) // _MS
