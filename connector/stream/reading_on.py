"""Take source records in, and read on past a brake: then their opt-outs are sent on, no more.

A partition with too many dead letters is not drained into the bin: from the record that trips the
brake nothing of it settles, so that its committed offset stays. Its opt-outs are honoured all the
same. On release it is read from there again, and then every record has its outcome.
"""

from collections.abc import Callable, Mapping

from connector.cdc.decoding import SchemaWanted, Unreadable
from connector.domain.record import Record, TopicPartition
from connector.planning.ledger import Entry, Ledger
from connector.planning.letter_share import LetterShare
from connector.stream.group import Group
from connector.stream.intake import Intake
from connector.stream.letter_brakes import LetterBrakes, advice


class ReadingOn:
    """The source partitions of one tenure. Synchronous, on the event loop.

    `ledger` is the one that is committed. What is read ahead of it is entered in `ahead`, which
    bounds what is open. `forget` is told of a partition that is read from an earlier record again,
    right before the first.
    """

    __slots__ = (
        "_brakes",
        "_group",
        "_ledger",
        "_shares",
        "_stops",
        "_turning",
        "ahead",
        "closed",
        "forget",
        "intake",
    )

    def __init__(
        self, intake: Intake, brakes: LetterBrakes, group: Group, ledger: Ledger, most: int
    ) -> None:
        self.intake = intake
        self._brakes = brakes
        self._group = group
        self._ledger = ledger
        self.ahead = Ledger(most)
        self.closed = False
        self.forget: Callable[[TopicPartition], None] = lambda _place: None
        self._shares: dict[TopicPartition, LetterShare] = {}
        self._stops: dict[TopicPartition, int] = {}
        """Where reading ahead began: the first record that is to be read again."""
        self._turning: dict[TopicPartition, int] = {}
        """From where reading begins anew, once what was fetched before has been dropped."""

    def begin(self, starts: Mapping[TopicPartition, int]) -> None:
        """Take partitions up at their committed offsets; where a brake stands, to read on."""
        for place, offset in starts.items():
            self._set_out(place, offset)

    def _set_out(self, place: TopicPartition, offset: int) -> None:
        self._shares[place] = LetterShare(self._brakes.share)
        if self._brakes.stands(place):
            self._stops[place] = offset
            self.ahead.start(place, offset, contiguous=False)

    def drops(self, place: TopicPartition) -> bool:
        """Say whether records of *place* are of no use: they will be read again in a moment."""
        return place in self._turning

    def take(self, record: Record, entry: Entry) -> int | None:
        """Send on what *record* says, or what of it may not wait.

        Nothing is done where the id of a schema is returned: it must be known first.
        """
        place = entry.place
        if place in self._turning:
            return None
        told = self.intake.decode(record)
        if isinstance(told, SchemaWanted):
            return told.schema_id
        if place in self._stops:
            self.intake.look_ahead(told, entry)
            return None
        excess = self._shares[place].take(told.reason if isinstance(told, Unreadable) else None)
        if excess is not None and isinstance(told, Unreadable):
            self._brakes.pull(place, advice(excess, told.text))
        if self._brakes.stands(place):
            self._ledger.take_back(place, record.offset)
            self._turn(place, record.offset)
        else:
            self.intake.take(record, told, entry)
        return None

    def follow(self) -> None:
        """Go back where a brake was released. Call it now and then."""
        for place in tuple(self._stops):
            if not self._brakes.stands(place):
                self.ahead.stop(place)
                self._turn(place, self._stops.pop(place))

    def _turn(self, place: TopicPartition, offset: int) -> None:
        self._turning[place] = offset

        def turned() -> None:
            if not self.closed:
                self.forget(place)
                self._set_out(place, self._turning.pop(place))

        self._group.go_back(place, offset, turned)
