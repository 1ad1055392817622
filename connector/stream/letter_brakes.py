"""Name the brakes `dead_letters`: what pulls them, and what a person is told then."""

from collections.abc import Mapping
from typing import Protocol

from connector.domain.reason import Reason
from connector.domain.record import TopicPartition
from connector.planning.brakes import Brake
from connector.planning.letter_share import Excess
from connector.stream.brake_follower import BrakeFollower
from connector.stream.brakes import Pulled

_LOOK_AT: Mapping[Reason, str] = {
    Reason.UNDECODABLE: "its writer and the encoding and envelope of its source do not agree",
    Reason.SCHEMA_UNKNOWN: "registry.url is not the registry of its writer",
    Reason.LEAD_ID_MISSING: "mapping.lead_id does not name its lead id any more",
    Reason.PHONE_INVALID: "a field of mapping.phones holds other things than numbers",
    Reason.VALUE_TOO_LONG: "a field of mapping.columns holds more than its column takes",
    Reason.COLUMN_INVALID: "the contact list's columns and mapping.columns do not agree",
    Reason.REFUSED_BY_PLATFORM: "the contact list refuses these rows: run connector check",
    Reason.UNKNOWN_LEAD: "it names only what changed, of leads that nobody has seen whole",
    Reason.COLLISION: "somebody else writes the same contacts all the time",
    Reason.UNSUPPORTED_LAYOUT: "its layout is none that this version reads",
}
"""What is likely wrong with a partition, by the most frequent reason of its letters."""

_READ_CRM = "the CRM left changes out of it: compare with the CRM what it names"


class LetterBrakes(Protocol):
    """The brakes `dead_letters` as they stand for all workers.

    `share` is `brakes.dead_letter_share`.
    """

    share: float

    def stands(self, place: TopicPartition) -> bool:
        """Say whether the brake of a partition is pulled. Asked for every record."""
        ...

    def pull(self, place: TopicPartition, detail: str) -> None:
        """Pull the brake of a partition: it stands from now on, here and soon everywhere."""

    async def learn(self) -> None:
        """Learn what other workers have pulled; returns once it is known."""


class PulledLetterBrakes:
    """`LetterBrakes` as they stand in `A.control`. Build it before *follower* begins."""

    __slots__ = ("_follower", "_standing", "share")

    def __init__(self, share: float, follower: BrakeFollower) -> None:
        self.share = share
        self._follower = follower
        self._standing: set[str] = set()
        follower.hears(self._heard)

    def _heard(self, brake: Brake, scope: str, pulled: Pulled | None) -> None:
        if brake is Brake.DEAD_LETTERS and pulled is None:
            self._standing.discard(scope)
        elif brake is Brake.DEAD_LETTERS:
            self._standing.add(scope)

    def stands(self, place: TopicPartition) -> bool:
        """Say whether the brake of a partition is pulled."""
        return bool(self._standing) and _scope(place) in self._standing

    def pull(self, place: TopicPartition, detail: str) -> None:
        """Pull the brake of a partition."""
        self._follower.pull(Brake.DEAD_LETTERS, _scope(place), detail)

    async def learn(self) -> None:
        """Learn what other workers have pulled."""
        await self._follower.begin()


def _scope(place: TopicPartition) -> str:
    return f"{place.topic}/{place.partition}"


def advice(excess: Excess, example: str) -> str:
    """Say why a brake tripped and where to look first; *example* is the text of a letter."""
    return (
        f"{excess.letters} of the last {excess.records} records are dead letters, "
        f"{excess.of_reason} of them {excess.reason} ({example}): "
        f"{_LOOK_AT.get(excess.reason, _READ_CRM)}"
    )
