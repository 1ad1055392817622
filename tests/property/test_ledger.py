"""Laws of the ledger: never past an unsettled offset, and to the end once all are settled."""

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
)

from connector.domain.record import TopicPartition
from connector.planning.ledger import Entry, Ledger

PLACES = [TopicPartition("a", 0), TopicPartition("a", 1), TopicPartition("source", 0)]
LIMIT = 6


class Bookkeeping(RuleBasedStateMachine):
    """Read, settle and commit in any order; the model is the plain set of what is open."""

    open_entries: Bundle[Entry] = Bundle("open_entries")

    @initialize(starts=st.tuples(*(st.none() | st.integers(0, 99) for _ in PLACES)))
    def begin(self, starts: tuple[int | None, ...]) -> None:
        """Take up three partitions, committed somewhere or never."""
        self.ledger = Ledger(LIMIT)
        self.next = dict.fromkeys(PLACES, 0)
        self.read: dict[TopicPartition, list[int]] = {place: [] for place in PLACES}
        self.settled: dict[TopicPartition, set[int]] = {place: set() for place in PLACES}
        self.started = dict(zip(PLACES, starts, strict=True))
        self.committed = dict(self.started)
        for place, committed in self.started.items():
            self.ledger.start(place, committed, contiguous=place.topic == "a")
            self.next[place] = 7 if committed is None else committed

    @rule(target=open_entries, place=st.sampled_from(PLACES), hole=st.integers(0, 3))
    def record_is_read(self, place: TopicPartition, hole: int) -> Entry:
        """Read the next record; in a source some offsets may be missing."""
        offset = self.next[place] + (hole if place.topic == "source" else 0)
        entry = self.ledger.open(place, offset)
        self.read[place].append(offset)
        self.next[place] = offset + 1
        return entry

    @rule(entry=consumes(open_entries))
    def record_is_settled(self, entry: Entry) -> None:
        """Settle any open record."""
        entry.settle()
        self.settled[entry.place].add(entry.offset)

    @rule()
    def offsets_are_committed(self) -> None:
        """Commit what may be committed: nothing is left to commit."""
        moved = dict(self.ledger.next_offsets())
        self.ledger.committed(moved)
        self.committed |= moved
        assert not self.ledger.next_offsets()

    @rule()
    def a_commit_fails(self) -> None:
        """Ask for the offsets and lose the answer: they are offered again."""
        assert self.ledger.next_offsets() == self.ledger.next_offsets()

    @invariant()
    def nothing_unsettled_would_be_committed(self) -> None:
        """Commit up to the first open record, and all once all are settled."""
        if not hasattr(self, "ledger"):
            return
        moved = self.ledger.next_offsets()
        positions = self.ledger.positions()
        for place in PLACES:
            waiting = [each for each in self.read[place] if each not in self.settled[place]]
            done = [each for each in self.read[place] if not waiting or each < waiting[0]]
            expected = done[-1] + 1 if done else self.started[place]
            assert positions.get(place) == expected
            assert moved.get(place, self.committed[place]) == expected
            assert self.ledger.low(place) == (waiting[0] if waiting else None)
            assert self.ledger.full(place) == (len(waiting) >= LIMIT)
            assert self.ledger.drained(place) == (len(waiting) < LIMIT / 2)
        assert self.ledger.open_count == sum(
            len(self.read[place]) - len(self.settled[place]) for place in PLACES
        )


TestLedgerLaws = Bookkeeping.TestCase
