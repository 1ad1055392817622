"""Keep the ledger: which offsets are settled, and up to where each partition may be committed."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from connector.domain.record import TopicPartition


class OffsetGap(Exception):  # noqa: N818 - it names what was found, and the worker stops for it
    """A record was skipped or came twice. The engine stops the worker: nothing behind the gap may
    be committed, and the records are read again from the committed offset.
    """

    def __init__(self, place: TopicPartition, expected: int, offset: int) -> None:
        super().__init__(
            f"{place.topic}/{place.partition}: expected offset {expected}, got {offset}; "
            "restart the worker, it reads on from the committed offset"
        )
        self.place, self.expected, self.offset = place, expected, offset


class SettledTwice(RuntimeError):  # noqa: N818 - it names the bug
    """An entry was settled twice: a bug in whoever owns the entry."""


class Entry:
    """One record that was read and is not settled yet."""

    __slots__ = ("_account", "offset", "settled")

    def __init__(self, account: "_Account", offset: int) -> None:
        self._account = account
        self.offset = offset
        self.settled = False

    @property
    def place(self) -> TopicPartition:
        """The partition that the record came from."""
        return self._account.place

    def settle(self) -> None:
        """Say that the record's outcome and row are durable.

        Raises:
            SettledTwice: it was said before.
        """
        if self.settled:
            raise SettledTwice(f"{self!r} is settled already")
        self.settled = True
        self._account.settled()

    def __repr__(self) -> str:
        place = self._account.place
        return f"Entry({place.topic}/{place.partition}/{self.offset})"


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of a topic: how many records, and how many holes lay between them."""

    records: int
    holes: int


class _Account:
    """One partition of the ledger."""

    __slots__ = (
        "committed",
        "contiguous",
        "entries",
        "expected",
        "holes",
        "open",
        "place",
        "read",
        "to",
        "told",
    )

    def __init__(self, place: TopicPartition, committed: int | None, *, contiguous: bool) -> None:
        self.place = place
        self.contiguous = contiguous
        self.committed = committed
        self.to = committed
        self.expected = committed
        self.entries: deque[Entry] = deque()
        self.open = 0
        self.read = 0
        self.holes = 0
        self.told = Read(0, 0)

    def enter(self, offset: int) -> Entry:
        expected = self.expected
        if expected is not None and offset != expected:
            if self.contiguous or offset < expected:
                raise OffsetGap(self.place, expected, offset)
            self.holes += 1
        self.expected = offset + 1
        entry = Entry(self, offset)
        self.entries.append(entry)
        self.open += 1
        self.read += 1
        return entry

    def take_back(self, offset: int) -> None:
        while self.entries and self.entries[-1].offset >= offset:
            entry = self.entries.pop()
            if entry.settled:
                raise SettledTwice(f"{entry!r} is settled, and would be read again")
            self.open -= 1
        self.expected = offset

    def settled(self) -> None:
        self.open -= 1
        while self.entries and self.entries[0].settled:
            self.to = self.entries.popleft().offset + 1


class Ledger:
    """The settled offsets of one tenure. Synchronous, no clock.

    `limit` is how many records of one partition may be open before it is not read further.
    """

    __slots__ = ("_accounts", "_limit")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._accounts: dict[TopicPartition, _Account] = {}

    def start(
        self, place: TopicPartition, committed: int | None, *, contiguous: bool = True
    ) -> None:
        """Take up a partition that the group has committed up to *committed* (None: never).

        The first record is compared with it. *contiguous* is for our own topics, where a missing
        offset is a missing record; in source topics compaction and transactions leave holes.
        """
        self._accounts[place] = _Account(place, committed, contiguous=contiguous)

    def open(self, place: TopicPartition, offset: int) -> Entry:
        """Enter a record that was read.

        Raises:
            OffsetGap: it does not follow the one before: on our own topics any hole, everywhere
                an offset that was passed already.
            KeyError: the partition was not started.
        """
        return self._accounts[place].enter(offset)

    def take_back(self, place: TopicPartition, offset: int) -> None:
        """Strike out the records of a partition from *offset* on: it is read from there again.

        Nobody may settle their entries any more.

        Raises:
            SettledTwice: one was settled already.
        """
        self._accounts[place].take_back(offset)

    def stop(self, place: TopicPartition) -> None:
        """Forget a partition."""
        del self._accounts[place]

    def next_offsets(self) -> Mapping[TopicPartition, int]:
        """Return what may be committed and is not: the offset behind the settled records that
        stand without a gap.
        """
        return {
            place: each.to
            for place, each in self._accounts.items()
            if each.to is not None and each.to != each.committed
        }

    def positions(self) -> Mapping[TopicPartition, int]:
        """Return the same for every partition, moved or not: the commit that proves membership."""
        return {place: each.to for place, each in self._accounts.items() if each.to is not None}

    def committed(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Note that the group confirmed these *offsets*."""
        for place, offset in offsets.items():
            self._accounts[place].committed = offset

    def full(self, place: TopicPartition) -> bool:
        """Say whether the partition must be held: as many records are open as may be."""
        return self._accounts[place].open >= self._limit

    def drained(self, place: TopicPartition) -> bool:
        """Say whether a held partition may be read again: less than half of the limit is open."""
        return self._accounts[place].open * 2 < self._limit

    def low(self, place: TopicPartition) -> int | None:
        """Return the lowest offset that is open, None if none is."""
        entries = self._accounts[place].entries
        return entries[0].offset if entries else None

    def floor(self, place: TopicPartition) -> int:
        """Return the lowest offset that is not settled, of records read or to come."""
        low = self.low(place)
        return self.next(place) if low is None else low

    def next(self, place: TopicPartition) -> int:
        """Return the offset behind the last record that was read."""
        return self._accounts[place].expected or 0

    def newly_read(self) -> Mapping[str, Read]:
        """Return what was read of each topic since this was asked last, those without news left
        out.
        """
        news: dict[str, Read] = {}
        for place, each in self._accounts.items():
            before, each.told = each.told, Read(each.read, each.holes)
            if each.told != before:
                known = news.get(place.topic, Read(0, 0))
                records = known.records + each.read - before.records
                news[place.topic] = Read(records, known.holes + each.holes - before.holes)
        return news

    @property
    def open_count(self) -> int:
        """How many records are open, over all partitions."""
        return sum(each.open for each in self._accounts.values())

    def __contains__(self, place: TopicPartition) -> bool:
        return place in self._accounts

    def __repr__(self) -> str:
        return f"Ledger({len(self._accounts)} partitions: {self.open_count} open)"
