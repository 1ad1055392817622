"""Cases of the ledger in which the worker must stop."""

import pytest

from connector.domain.record import TopicPartition
from connector.planning.ledger import Ledger, OffsetGap, Read, SettledTwice

OURS = TopicPartition("ours", 3)


@pytest.mark.parametrize(
    ("committed", "offsets", "contiguous", "found"),
    [
        (5, [6], True, (5, 6)),
        (5, [4], True, (5, 4)),
        (5, [5, 7], True, (6, 7)),
        (5, [5, 5], True, (6, 5)),
        (None, [9, 11], True, (10, 11)),
        (5, [4], False, (5, 4)),
        (5, [5, 9, 9], False, (10, 9)),
    ],
)
def test_a_gap_is_refused_and_named(
    committed: int | None, offsets: list[int], *, contiguous: bool, found: tuple[int, int]
) -> None:
    """A hole in our own topics and an offset that was passed anywhere stop the worker."""
    ledger = Ledger(10)
    ledger.start(OURS, committed, contiguous=contiguous)
    *before, last = offsets
    for offset in before:
        ledger.open(OURS, offset)
    with pytest.raises(OffsetGap, match=r"ours/3: .* restart the worker") as caught:
        ledger.open(OURS, last)
    assert (caught.value.expected, caught.value.offset) == found
    assert caught.value.place == OURS


def test_records_and_holes_of_a_source_are_counted() -> None:
    """Compaction and transactions leave holes in source topics: no reason to stop. Each is told
    once, by topic.
    """
    ledger = Ledger(10)
    beside = TopicPartition(OURS.topic, 4)
    for place in (OURS, beside, TopicPartition("silent", 0)):
        ledger.start(place, 0, contiguous=False)
    for offset in (2, 3, 7):
        ledger.open(OURS, offset).settle()
    ledger.open(beside, 0)
    assert ledger.newly_read() == {OURS.topic: Read(4, 2)}
    assert ledger.newly_read() == {}
    ledger.open(beside, 2)
    assert ledger.newly_read() == {OURS.topic: Read(1, 1)}
    assert ledger.next_offsets() == {OURS: 8}


def test_to_settle_twice_is_a_bug() -> None:
    """An entry that is settled again would hide that another never was."""
    ledger = Ledger(10)
    ledger.start(OURS, 0)
    entry = ledger.open(OURS, 0)
    entry.settle()
    with pytest.raises(SettledTwice, match="ours/3/0"):
        entry.settle()


def test_a_partition_that_was_not_started_is_refused() -> None:
    """A record of a partition that is not ours has no place here."""
    ledger = Ledger(10)
    assert OURS not in ledger
    with pytest.raises(KeyError):
        ledger.open(OURS, 0)


def test_what_is_printed_says_how_much_is_open() -> None:
    """The repr is for logs: how many partitions, how many records open."""
    ledger = Ledger(10)
    ledger.start(OURS, 0)
    ledger.open(OURS, 0)
    assert repr(ledger) == "Ledger(1 partitions: 1 open)"


def test_what_is_taken_back_is_read_again() -> None:
    """Nothing is committed past it, what stands before it settles on, and it is no gap."""
    ledger = Ledger(3)
    ledger.start(OURS, 5, contiguous=False)
    before, *_ = (ledger.open(OURS, offset) for offset in (5, 7, 8))
    assert ledger.full(OURS)
    ledger.take_back(OURS, 7)
    assert (ledger.open_count, ledger.full(OURS)) == (1, False)
    before.settle()
    assert ledger.next_offsets() == {OURS: 6}
    ledger.open(OURS, 7).settle()
    assert ledger.next_offsets() == {OURS: 8}


def test_what_is_settled_is_not_taken_back() -> None:
    """It would be done twice."""
    ledger = Ledger(3)
    ledger.start(OURS, 5)
    _, second = ledger.open(OURS, 5), ledger.open(OURS, 6)
    second.settle()
    with pytest.raises(SettledTwice, match=r"ours/3/6"):
        ledger.take_back(OURS, 5)


def test_a_partition_that_is_stopped_is_known_no_more() -> None:
    """A report that comes late for it changes nothing."""
    ledger = Ledger(3)
    ledger.start(OURS, 5)
    late = ledger.open(OURS, 5)
    ledger.stop(OURS)
    late.settle()
    assert OURS not in ledger
    assert ledger.positions() == {}
