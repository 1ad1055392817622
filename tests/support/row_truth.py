"""What a lead's rows come to: a model of merging that shares no line with the lanes.

Changes are taken one by one in their order, as if each had been settled before the next came.
Where several may have waited together, more than one end is right, and the model says so.
"""

from dataclasses import dataclass, field
from enum import IntEnum

from connector.domain.change import LeadChange, LeadDelete, LeadQuarantine, LeadUpsert

POISON = "poison"
"""A name that the platform refuses."""


class Presence(IntEnum):
    """Whether the lead has a contact. MAYBE: what would have inserted it may have been overtaken
    by a change that it waited with.
    """

    NO = 0
    MAYBE = 1
    YES = 2


@dataclass
class RowTruth:
    """One lead, change after change. `foreign` says that another loader put a contact there.

    `told` are the fields that the CRM named, the newest value of each. `doubtful`: which of two
    rows is right depends on what waited together. `left` says that the lead left the list by a
    rule with a row that the other list refused. `may_be_unknown` says that a partial change may
    have been rejected, for nobody knew the lead. `ruled`: no list but `south` is there, and nothing
    is refused; what a whole row says while the lead is on no list is on no contact.
    """

    removes: bool
    ruled: bool = False
    foreign: bool = False
    told: dict[str, str] = field(default_factory=dict)
    deleted: bool = False
    disqualified: bool = False
    doubtful: bool = False
    left: bool = False
    may_be_unknown: bool = False
    _passed_by: set[str] = field(default_factory=set)
    _poisoned: bool = False
    _joinable: bool = False

    def __post_init__(self) -> None:
        self.present = Presence.YES if self.foreign else Presence.NO

    @property
    def callable(self) -> bool:
        """Whether the lead may be called."""
        return not (self.disqualified or self.deleted or self.told.get("mobile") == "")

    @property
    def _belongs(self) -> bool:
        return not self.ruled or self.told.get("region") == "south"

    def take(self, change: LeadChange) -> None:
        """Take the next change; opt-outs say nothing here."""
        match change:
            case LeadDelete():
                self._delete(change)
            case LeadUpsert() | LeadQuarantine() if change.row.whole:
                self._whole(change)
            case LeadUpsert() | LeadQuarantine():
                self._partial(change)
            case _:
                pass

    def _delete(self, change: LeadDelete) -> None:
        if change.tombstone and self.deleted:
            return
        self.deleted, self._joinable, self._poisoned = True, False, False
        # A delete keeps the row as it is: what waited before it may never have been written.
        self.told = {}
        if self.removes and change.moved_to is None:
            self.present, self.foreign = Presence.NO, False
            return
        self._perhaps_never_inserted()

    def _perhaps_never_inserted(self) -> None:
        if not self.foreign:
            self.present = min(self.present, Presence.MAYBE)

    def _whole(self, change: LeadUpsert | LeadQuarantine) -> None:
        fields = dict(change.row.fields)
        if fields.get("name") == POISON and not self.ruled:
            self._poisoned = True
            self.left |= fields["region"] != "south"
            return
        if self.doubtful or self.present is not Presence.YES:
            self.told = {}
        self.told |= fields
        self.deleted = self._poisoned = self.doubtful = self.left = False
        self._joinable = True
        self.disqualified = isinstance(change, LeadQuarantine)
        self._passed_by = set() if self._belongs else {"name", "mobile"}
        if self.callable and self._belongs:
            self.present = Presence.YES
        else:
            self._perhaps_never_inserted()

    def _partial(self, change: LeadUpsert | LeadQuarantine) -> None:
        fields = change.row.fields
        self.may_be_unknown |= self.present is not Presence.YES
        if fields.get("name") == POISON and not self.ruled:
            return
        self.doubtful |= self._poisoned and "name" in fields
        if self.present is Presence.NO:
            if not self._joinable:
                return
            self.present = Presence.MAYBE
        self.told |= fields
        self._passed_by -= fields.keys()
        self.doubtful |= self._belongs and bool(self._passed_by)
        # What the refused row waited with may never have been written on the list that it left.
        self.doubtful |= self.left
        self.left = False
        if "status" in fields:
            self.disqualified = isinstance(change, LeadQuarantine)
        if not (self.callable and self._belongs):
            self._perhaps_never_inserted()
