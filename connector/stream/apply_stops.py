"""Stop apply where too many of a partition's rows become dead letters; comply goes on."""

from collections.abc import Collection, Sequence

from connector.domain.reason import Verdict
from connector.domain.record import TopicPartition
from connector.planning.letter_share import LetterShare
from connector.planning.pending import Door
from connector.planning.plan import Done
from connector.stream.lanes import Lanes
from connector.stream.letter_brakes import LetterBrakes, advice


class ApplyStops:
    """The `lead-changes` partitions of one tenure. Synchronous, on the event loop.

    A record counts when it has ended: hundreds are read before the platform judges the first. A
    partition that stops is not read further, and no write of its leads leaves; on release it goes
    on where it stopped.
    """

    __slots__ = ("_brakes", "_lanes", "_places", "_shares")

    def __init__(
        self, lanes: Lanes, brakes: LetterBrakes, places: Collection[TopicPartition]
    ) -> None:
        self._lanes = lanes
        self._brakes = brakes
        self._places = {place.partition: place for place in places}
        self._shares = {number: LetterShare(brakes.share) for number in self._places}
        lanes.ended = self._ended
        self.follow()

    def stops(self, place: TopicPartition) -> bool:
        """Say whether *place* must not be read further."""
        return place.partition in self._lanes.stopped and self._places[place.partition] == place

    def _ended(self, partition: int, done: Sequence[Done]) -> None:
        for each in done:
            if each.pending.door is Door.APPLY:
                self._count(partition, each)

    def _count(self, partition: int, done: Done) -> None:
        refused = done.verdict is Verdict.REJECTED
        excess = self._shares[partition].take(done.reason if refused else None)
        if excess is not None and partition not in self._lanes.stopped:
            texts = [each.text for each in done.pending.rejected.values()]
            self._brakes.pull(self._places[partition], advice(excess, *texts[:1]))
            self._lanes.stop(partition)

    def follow(self) -> None:
        """Stop where a brake stands, and go on where it was released. Call it now and then."""
        for partition, place in self._places.items():
            stands, stopped = self._brakes.stands(place), partition in self._lanes.stopped
            if stands and not stopped:
                self._lanes.stop(partition)
            elif stopped and not stands:
                self._shares[partition] = LetterShare(self._brakes.share)
                self._lanes.go_on(partition)
