"""Hold the belief: what we think the platform has for a lead. It is the lead's state row.

Free of personal data, for it lives in a changelog: ids, times and keyed digests only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from connector.domain.ids import ContactId, Digest, DncListId, LeadId, ListId, OutcomeId
from connector.domain.revision import NO_REVISION, Revision


@dataclass(frozen=True, slots=True)
class Mark:
    """The last settled offset of one topic id and partition for a lead.

    `revision` is that of the newest streamed change among them: snapshot rows and tombstones
    raise the offset and leave it alone (design.md section 4, rule 3). `topic` and `source` say
    where it was, for people and for the question who may take an opt-out back.
    """

    topic_id: str
    partition: int
    offset: int
    revision: Revision = NO_REVISION
    source: str = "default"


class QuarantinedBy(StrEnum):
    """Who made a contact uncallable, as far as we can tell."""

    OURS = "ours"
    OTHER = "other"
    KEPT = "kept"
    """Ours, but somebody may have disabled it behind it: it stays."""


@dataclass(frozen=True, slots=True)
class ContactBelief:
    """One contact of the lead on one list.

    `digest` is that of the last mapped row known to be there, None when in doubt. `since` is when
    our own quarantine began, in ms since 1970.
    """

    id: ContactId
    digest: Digest | None = None
    callable: bool | None = None
    by: QuarantinedBy | None = None
    since: int | None = None


@dataclass(frozen=True, slots=True)
class ListBelief:
    """What we believe of a lead on one contact list."""

    contacts: tuple[ContactBelief, ...] = ()
    looked: bool = False
    routed: bool = False
    deferred: bool = False


@dataclass(frozen=True, slots=True)
class OptOutBelief:
    """The lead's opt-out, in a row of its own that is only ever set.

    `since` is the record timestamp in ms of the first opt-out, `by` its outcome. `blocked` are the
    numbers known to be on each DNC list.
    """

    since: int
    by: OutcomeId
    marks: tuple[Mark, ...] = ()
    blocked: frozenset[tuple[DncListId, Digest]] = frozenset()


@dataclass(frozen=True, slots=True)
class LiftBelief:
    """A person's lift, in a row of its own: it covers the opt-outs at or below its marks."""

    at: int
    covers: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Belief:
    """All that the state keeps of a lead."""

    marks: tuple[Mark, ...] = ()
    lists: Mapping[ListId, ListBelief] = field(default_factory=dict)
    deleted: bool = False
    disqualified: bool = False
    moved_to: LeadId | None = None
    reconsent: OutcomeId | None = None
    opt_out: OptOutBelief | None = None
    lift: LiftBelief | None = None

    def with_lists(self, lists: Mapping[ListId, ListBelief]) -> "Belief":
        """Return the same with other *lists*: `dataclasses.replace`, at a fifth of its price."""
        return Belief(
            self.marks,
            lists,
            self.deleted,
            self.disqualified,
            self.moved_to,
            self.reconsent,
            self.opt_out,
            self.lift,
        )


NOTHING_KNOWN = Belief()
