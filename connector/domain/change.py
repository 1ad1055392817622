"""Hold the canonical lead changes: what intake makes of records and the lanes decide on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from connector.domain.ids import LeadId, OutcomeId, PhoneNumber
from connector.domain.origin import Origin
from connector.domain.reason import Reason, Stage
from connector.domain.revision import Revision

Fields: TypeAlias = Mapping[str, str]
"""Source field → text, for the fields that the settings name. Null is the empty text; a field that
the record does not carry (or carries as unavailable) is absent: the platform's value stays."""


class ChangeKind(StrEnum):
    """The word for each change in outcomes (contract.md section 4)."""

    UPSERT = "upsert"
    OPT_OUT = "opt_out"
    QUARANTINE = "quarantine"
    DELETE = "delete"
    LIFT = "lift"
    NUMBERS = "numbers"


@dataclass(frozen=True, slots=True)
class Row:
    """The lead's fields as one change carries them. Personal data: no repr.

    Cells that feed a phone column are already in E.164, or empty. `whole` is False where the
    source names only what changed (Salesforce). `dropped` says that a bad number was left out
    beside a good one.
    """

    fields: Fields = field(repr=False)
    whole: bool = True
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class LeadUpsert:
    """A lead that may be called: new or edited."""

    lead: LeadId
    origin: Origin
    revision: Revision
    row: Row


@dataclass(frozen=True, slots=True)
class LeadQuarantine:
    """A lead that the CRM disqualified: not from these lists, for now."""

    lead: LeadId
    origin: Origin
    revision: Revision
    row: Row


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a record that is honoured all the same, because it opts out.

    Its outcome is `rejected` for `reason`; its dead letter was written by intake.
    """

    reason: Reason
    stage: Stage


@dataclass(frozen=True, slots=True)
class LeadOptOut:
    """A lead that must not be called, anywhere.

    `numbers` are those of the record, before and after the change. `row` is the row that carried
    the flag (its numbers are part of `numbers`). `cause` is the outcome of the opt-out that this
    one follows over a changed key.
    """

    lead: LeadId
    origin: Origin
    revision: Revision
    row: Row
    numbers: frozenset[PhoneNumber] = field(repr=False)
    flaw: Flaw | None = None
    cause: OutcomeId | None = None


@dataclass(frozen=True, slots=True)
class LeadDelete:
    """A lead that the CRM no longer has.

    `moved_to` is the new id where the delete is half of a key change. `tombstone` marks a null
    value of a flat source: it counts as a delete unless the lead is deleted already.
    """

    lead: LeadId
    origin: Origin
    revision: Revision
    moved_to: LeadId | None = None
    tombstone: bool = False


@dataclass(frozen=True, slots=True)
class NumbersOptOut:
    """Numbers without a lead that must not be called; `lead` is `#` and the number's digest.

    `flaw` is that of a record which opts out and names no lead.
    """

    lead: LeadId
    origin: Origin
    revision: Revision
    numbers: frozenset[PhoneNumber] = field(repr=False)
    flaw: Flaw | None = None


@dataclass(frozen=True, slots=True)
class OptOutLift:
    """A person's decision that a lead may be called again; covers the opt-outs up to its place."""

    lead: LeadId
    origin: Origin
    revision: Revision
    at: int


LeadChange: TypeAlias = (
    LeadUpsert | LeadQuarantine | LeadOptOut | LeadDelete | NumbersOptOut | OptOutLift
)

KINDS: Mapping[type[LeadChange], ChangeKind] = {
    LeadUpsert: ChangeKind.UPSERT,
    LeadQuarantine: ChangeKind.QUARANTINE,
    LeadOptOut: ChangeKind.OPT_OUT,
    LeadDelete: ChangeKind.DELETE,
    NumbersOptOut: ChangeKind.NUMBERS,
    OptOutLift: ChangeKind.LIFT,
}


def kind_of(change: LeadChange) -> ChangeKind:
    """Return the outcome's word for *change*."""
    return KINDS[type(change)]


_OPT_OUTS = frozenset({LeadOptOut, NumbersOptOut, OptOutLift})


def is_opt_out(change: LeadChange) -> bool:
    """Say whether *change* is one that comply honours and apply only fences."""
    return type(change) in _OPT_OUTS
