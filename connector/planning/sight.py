"""Hold what a lane saw of the platform and does not keep: reads, look-ups, blocked numbers.

Personal data live here, so nothing of it is ever stored; it ends with the lane.
"""

from dataclasses import dataclass, field

from connector.domain.command import Command
from connector.domain.contact import Contact
from connector.domain.ids import ContactId, DncListId, ListId, PhoneNumber
from connector.domain.swift import swift

FRESH_SECONDS = 30.0
"""How long a read serves (design.md section 6); what waits longer is read again first."""

Place = tuple[ListId, ContactId]


@swift
@dataclass(frozen=True, slots=True)
class Sighting:
    """A read of one contact: None where the list has none of that id."""

    contact: Contact | None
    at: float


@dataclass(slots=True, eq=False)
class Sight:
    """What one lane knows for the moment; its lane alone changes it.

    `looked` are the lists searched in this lane's life. `ahead` are quarantines whose row is being
    written ahead, `ahead_done` those whose row is durable. `quarantined` are quarantines accepted
    here and when. `doubted` are writes whose answer does not say whether they were done.
    `refused` are commands that the platform refused for good.
    """

    seen: dict[Place, Sighting] = field(default_factory=dict)
    looked: set[ListId] = field(default_factory=set)
    blocked: set[tuple[DncListId, PhoneNumber]] = field(default_factory=set)
    refused: set[Command] = field(default_factory=set)
    ahead: set[Place] = field(default_factory=set)
    ahead_done: set[Place] = field(default_factory=set)
    quarantined: dict[Place, float] = field(default_factory=dict)
    doubted: set[Place] = field(default_factory=set)

    def fresh(self, place: Place, now: float) -> Sighting | None:
        """Return the read of *place* if it still serves."""
        sighting = self.seen.get(place)
        return sighting if sighting and now - sighting.at <= FRESH_SECONDS else None
