"""Name what the decoder must know of one source, as plain values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from connector.planning.conditions import Condition


class Role(StrEnum):
    """What the records of a source say."""

    LEADS = "leads"
    OPT_OUTS = "opt_outs"
    """Only opt-outs count: a second CRM beside the lead store."""
    NUMBERS = "numbers"
    """Numbers without a lead that must not be called."""


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """One source of the settings.

    `columns` maps contact-list columns to source fields, `list_columns` those of the lists that
    have a mapping of their own. `phones` are the columns that hold numbers, with their type.
    `named` are all source fields that any setting names; rows carry no others. `lead_id` is empty
    where the lead's id is that of the Salesforce record. A source of the role numbers names no
    lead (`lead_id` is empty) but `numbers`, the fields that hold them, and in `when` which of its
    rows count.
    """

    name: str
    topics: tuple[str, ...]
    envelope: str
    encoding: str
    lead_id: str
    default_region: str
    columns: Mapping[str, str]
    phones: Mapping[str, str]
    named: frozenset[str]
    revision: str | None = None
    opt_out: Condition = field(default_factory=dict)
    quarantine: Condition = field(default_factory=dict)
    role: Role = Role.LEADS
    list_columns: tuple[Mapping[str, str], ...] = ()
    numbers: tuple[str, ...] = ()
    when: Condition = field(default_factory=dict)

    @property
    def row_marks(self) -> frozenset[str]:
        """Return the fields one of which every row of this source has; other tables have none."""
        return frozenset(self.numbers) if self.role is Role.NUMBERS else frozenset({self.lead_id})

    @property
    def mapped_fields(self) -> frozenset[str]:
        """Return the source fields that fill a cell of some list."""
        return frozenset(name for each in self._mappings() for name in each.values())

    @property
    def phone_fields(self) -> frozenset[str]:
        """Return the source fields that fill a phone column of some list."""
        return frozenset(
            each[column] for each in self._mappings() for column in self.phones if column in each
        )

    @property
    def read_fields(self) -> tuple[str, ...]:
        """Return the source fields that a row keeps, in a fixed order."""
        rules = {*self.opt_out, *self.quarantine}
        return tuple(sorted(self.named | self.mapped_fields | rules))

    def _mappings(self) -> Iterable[Mapping[str, str]]:
        return (self.columns, *self.list_columns)
