"""Hold a dead letter: a record that cannot succeed as it is, with the reason."""

from dataclasses import dataclass

from connector.domain.ids import LeadId
from connector.domain.reason import Reason, Stage
from connector.domain.record import Record
from connector.domain.result import NO_RECEIPT, Receipt


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record to set aside with its original key, value and headers.

    `record` is as it was read, coordinates of the source record included. `text` is for people and
    names no cell's content. `first_seen` is in ms since 1970.
    """

    record: Record
    reason: Reason
    stage: Stage
    text: str
    first_seen: int
    lead_id: LeadId | None = None
    attempts: int = 0
    receipt: Receipt = NO_RECEIPT
