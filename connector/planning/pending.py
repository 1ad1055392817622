"""Hold a waiting change of one lead, and what was done for it so far."""

from dataclasses import dataclass, field
from enum import Enum

from connector.domain.change import LeadChange
from connector.domain.command import WriteCommand
from connector.domain.ids import ContactId, ListId
from connector.domain.outcome import Action, Effect
from connector.domain.result import Receipt, Rejected
from connector.planning.targets import Wanted


class Door(Enum):
    """Which stage brought a change to the lane."""

    COMPLY = "comply"
    APPLY = "apply"


WRITTEN = frozenset({Action.INSERTED, Action.UPDATED, Action.REMOVED})
"""Effects that put a row on a list or took it away; a lead's opt-out adds none of these."""

_OF_A_ROW = WRITTEN | {Action.QUARANTINED}


@dataclass(slots=True, eq=False)
class Progress:
    """When each step of a waiting change happened, in seconds of the clock handed in.

    `accepted` is the platform's last acceptance of anything, `blocked` that of a number.
    """

    arrived: float
    decided: float | None = None
    sent: float | None = None
    accepted: float | None = None
    blocked: float | None = None
    verified: float | None = None


@dataclass(slots=True, eq=False)
class Collision:
    """A contact that the dialler held at every try: since when, and how often."""

    since: float
    times: int = 0

    @property
    def pause(self) -> float:
        """Return 500 ms after the first 409 (brief.md, capability 6), then doubling to 30 s."""
        return float(min(30.0, 0.5 * 2 ** min(self.times - 1, 10)))


@dataclass(slots=True, eq=False)
class Pending:
    """One waiting change. Its lane alone changes it; `entry` is the ledger's and opaque here.

    `rejected` holds what a place refused for good, `collided` what collides now, `unanswered`
    the writes whose answer was lost. `attempts` is the most sends of one of its commands,
    `requests` how many were made that count with it: one that several share counts with one.
    `wanted` is what the lists should hold by it, made once and kept here. `in_effect` says that a
    list holds what it asked for; protecting an opted-out lead is not that. `alone` says that it
    shares its writes with no other, for the platform refused a row that several had made. `only`
    are the lists that a deferred change is brought to now; None: it goes everywhere.
    """

    change: LeadChange
    door: Door
    entry: object
    progress: Progress
    effects: list[Effect] = field(default_factory=list)
    rejected: dict[str, Rejected] = field(default_factory=dict)
    collided: dict[tuple[ListId, ContactId], Collision] = field(default_factory=dict)
    unanswered: dict[tuple[ListId, ContactId], WriteCommand] = field(default_factory=dict)
    attempts: int = 0
    requests: int = 0
    batch_id: str | None = None
    wanted: Wanted | None = None
    in_effect: bool = False
    alone: bool = False
    only: frozenset[ListId] | None = None

    def is_copy_of(self, other: "Pending") -> bool:
        """Say whether both are the same part of one record, from the same door."""
        mine, its = self.change.origin, other.change.origin
        return mine.outcome_id == its.outcome_id and self.door is other.door

    def note(
        self,
        action: Action,
        place: str,
        contact: str | None,
        receipt: Receipt,
        now: float,
    ) -> None:
        """Note an effect; many numbers that one list took in one answer are one effect."""
        effect = Effect(place, action, contact, receipt)
        if effect not in self.effects:
            self.effects.append(effect)
        if action is Action.NUMBERS_BLOCKED:
            self.progress.blocked = now
        if action is not Action.VERIFIED:
            self.progress.accepted = now

    def wrote(self, list_id: ListId | None = None, contact: ContactId | None = None) -> bool:
        """Say whether the platform accepted a row of this change: anywhere, or just there."""
        for effect in self.effects:
            if (
                effect.action in _OF_A_ROW
                and (list_id is None or effect.place == list_id)
                and (contact is None or effect.contact_id == contact)
            ):
                return True
        return False
