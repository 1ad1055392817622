"""Hold the policy: what the settings and the platform's lists say about leads, as plain values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from connector.domain.command import Command, UpsertContact
from connector.domain.ids import DncListId, ListId, PhoneNumber
from connector.domain.origin import Origin
from connector.planning.conditions import Condition
from connector.planning.digest import Digests

MAPPING_ITSELF = ""
"""The key of `[mapping]` without a source in `Policy.sources` and `ListPolicy.mapped`."""


class Removal(StrEnum):
    """What becomes of a contact that must go from a list."""

    QUARANTINE = "quarantine"
    REMOVE = "remove"


class Release(StrEnum):
    """Whether the end of our own quarantine makes a contact callable again."""

    UNTOUCHED = "untouched"
    AUTO = "auto"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class ListPolicy:
    """One contact list of the settings.

    `name` is the settings' name of it. `columns` are all columns of the platform's list, in its
    order, `phone_columns` those that hold numbers, `time_zones` names the column with the time
    zone of each that has one; `mapped` says for each source which column is filled from which
    source field.
    """

    id: ListId
    name: str
    columns: tuple[str, ...]
    mapped: Mapping[str, Mapping[str, str]]
    phone_columns: frozenset[str] = frozenset()
    adopt: bool = True
    when: Condition = field(default_factory=dict)
    unless: Condition = field(default_factory=dict)
    delete: Removal = Removal.QUARANTINE
    leave: Removal = Removal.QUARANTINE
    release: Release = Release.UNTOUCHED
    priority: Condition = field(default_factory=dict)
    requeue: bool = False
    time_zones: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourcePolicy:
    """What one source's fields mean.

    `phones` maps each phone column to the source field that feeds it; `values` translates texts
    for a column (source text → column text).
    """

    phones: Mapping[str, str]
    opt_out: Condition = field(default_factory=dict)
    quarantine: Condition = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Policy:
    """All that decisions depend on beside the change and the belief.

    `readers` names the source that reads each topic. `collision_limit` is how long, in seconds, a
    collision with the dialler is repeated for anything but an opt-out. `read_number` brings a cell
    of a contact that others loaded to E.164; None where it holds no number that could be dialled.
    `zones` are the names of the tz database. `max_age` is how old a new lead may be, in seconds,
    `age_field` the source field that its age is counted from.
    """

    lists: Mapping[ListId, ListPolicy]
    dnc_lists: tuple[DncListId, ...]
    sources: Mapping[str, SourcePolicy]
    digests: Digests
    read_number: Callable[[str], PhoneNumber | None]
    verify: bool = True
    collision_limit: float = 600.0
    readers: Mapping[str, str] = field(default_factory=dict)
    zones: frozenset[str] = frozenset()
    max_age: float | None = None
    age_field: str | None = None

    def ages(self, command: Command) -> bool:
        """Say whether *command* may become too old to leave while it waits."""
        return self.max_age is not None and isinstance(command, UpsertContact) and command.new

    def source_of(self, origin: Origin) -> str:
        """Return the name in `sources` of the source whose fields mean what a change says.

        A change can be older than the settings: where its source has another name now, it is the
        one that reads the topic; where the topic is read no longer, `[mapping]` by itself.
        """
        name = origin.source
        return name if name in self.sources else self.readers.get(origin.topic, MAPPING_ITSELF)
