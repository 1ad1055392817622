"""Hold the outcome: the terminal result of one input record, as analysts read it."""

from dataclasses import dataclass
from enum import StrEnum

from connector.domain.change import ChangeKind
from connector.domain.ids import LeadId, OutcomeId
from connector.domain.origin import Origin
from connector.domain.reason import Reason, Verdict
from connector.domain.result import NO_RECEIPT, Receipt


class Action(StrEnum):
    """What was done at one place."""

    __hash__ = str.__hash__  # Enum's own is slow, and these are keys

    INSERTED = "inserted"
    UPDATED = "updated"
    QUARANTINED = "quarantined"
    REMOVED = "removed"
    NUMBERS_BLOCKED = "numbers_blocked"
    VERIFIED = "verified"


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that the platform accepted for this record.

    `place` is the platform's id of the contact list, for `numbers_blocked` of the DNC list.
    """

    place: str
    action: Action
    contact_id: str | None = None
    receipt: Receipt = NO_RECEIPT


class LaneName(StrEnum):
    """Which way a record took."""

    __hash__ = str.__hash__  # Enum's own is slow, and these are keys

    COMPLIANCE = "compliance"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Latency:
    """How long each step took, in ms; None where the step did not happen.

    `kafka_to_blocked_ms` is no step: it runs from the append to the last number that a DNC list
    accepted, whatever else was asked.
    """

    crm_to_kafka_ms: int | None = None
    kafka_to_decided_ms: int | None = None
    decided_to_sent_ms: int | None = None
    sent_to_accepted_ms: int | None = None
    accepted_to_verified_ms: int | None = None
    kafka_to_blocked_ms: int | None = None

    @property
    def kafka_to_accepted_ms(self) -> int | None:
        """From the append to the platform's last acceptance; None if it accepted nothing."""
        steps = (self.kafka_to_decided_ms, self.decided_to_sent_ms, self.sent_to_accepted_ms)
        known = [step for step in steps if step is not None]
        return sum(known) if len(known) == len(steps) else None


NO_LATENCY = Latency()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The terminal result of one input record (contract.md section 4, field by field)."""

    outcome_id: OutcomeId
    origin: Origin
    lead_id: LeadId | None
    change: ChangeKind | None
    verdict: Verdict
    reason: Reason | None = None
    revision: str | None = None
    effects: tuple[Effect, ...] = ()
    attempts: int = 0
    lane: LaneName = LaneName.WRITE
    batch_id: str | None = None
    opt_out: OutcomeId | None = None
    latency: Latency = NO_LATENCY
    decided_at: int = 0
    requests: int = 0

    @property
    def quarantined_again(self) -> bool:
        """Whether a contact of a lead that has opted out was made callable again meanwhile."""
        if self.change is not ChangeKind.OPT_OUT and self.opt_out is None:
            return False
        places = [
            (each.place, each.contact_id)
            for each in self.effects
            if each.action is Action.QUARANTINED
        ]
        return len(places) > len(set(places))
