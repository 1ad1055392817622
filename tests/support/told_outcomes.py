"""Outcomes as the reports read them: made by our own encoder from few words."""

from dataclasses import replace

from connector.domain.change import ChangeKind
from connector.domain.ids import LeadId
from connector.domain.origin import Origin
from connector.domain.outcome import Action, Effect, LaneName, Latency, Outcome
from connector.domain.reason import Reason, Verdict
from connector.domain.result import Receipt
from connector.ops.told_outcome import ToldOutcome, read_outcome
from connector.stream.outcomes import decode, json_encoder

APPEND = 1_800_000_000_000
"""2027-01-15T08:00:00Z: when all records were written."""


def an_outcome(
    offset: int,
    verdict: Verdict = Verdict.APPLIED,
    reason: Reason | None = None,
    *,
    lead: str | None = "L-1",
    change: ChangeKind | None = ChangeKind.UPSERT,
    topic: str = "crm",
    timestamp: int = APPEND,
    replay: str | None = None,
    requests: int = 0,
    latency: Latency = Latency(),  # noqa: B008 - frozen
    effects: tuple[Effect, ...] = (),
) -> Outcome:
    """Make the outcome of the record at that offset of partition 0."""
    origin = Origin("default", topic, topic, 0, offset, timestamp, replay_id=replay)
    return Outcome(
        outcome_id=origin.outcome_id,
        origin=origin,
        lead_id=None if lead is None else LeadId(lead),
        change=change,
        verdict=verdict,
        reason=reason,
        effects=effects,
        lane=LaneName.WRITE,
        latency=latency,
        decided_at=timestamp + 1_000,
        requests=requests,
    )


def an_opt_out(
    offset: int,
    blocked_ms: int | None = None,
    verdict: Verdict = Verdict.APPLIED,
    reason: Reason | None = None,
    *,
    verified_ms: int | None = None,
    change: ChangeKind = ChangeKind.OPT_OUT,
    replay: str | None = None,
) -> Outcome:
    """Make the outcome of an opt-out; with *blocked_ms* a DNC list took its number."""
    blocked = Effect("dnc-1", Action.NUMBERS_BLOCKED, None, Receipt(204, f"corr-{offset}"))
    return replace(
        an_outcome(offset, verdict, reason, lead=f"L-{offset}", change=change, replay=replay),
        effects=() if blocked_ms is None else (blocked,),
        latency=Latency(
            kafka_to_decided_ms=0,
            accepted_to_verified_ms=verified_ms,
            kafka_to_blocked_ms=blocked_ms,
        ),
    )


def told(outcome: Outcome) -> ToldOutcome:
    """Return *outcome* as it is read from the topic."""
    return read_outcome(decode(json_encoder("1.0")(outcome), _no_schema))


def _no_schema(schema_id: int) -> object:
    raise AssertionError(schema_id)
