"""Since when the oldest record lies that nobody has read."""

from collections.abc import Mapping

import pytest

from connector.domain.record import Record, TopicPartition
from connector.stream.first_unread import FirstUnread

A, B = TopicPartition("crm", 0), TopicPartition("crm", 1)
NOW = 9_000


def a_record(place: TopicPartition, offset: int, timestamp: int) -> Record:
    """Return a record of a place."""
    return Record(place.topic, place.partition, offset, timestamp, None, None)


def looked(unread: FirstUnread, **ends: tuple[int, int, int]) -> None:
    """Look: the end of each place, then offset and time of its first unread record."""
    places = {"a": A, "b": B}
    unread.looked(
        {places[name]: end for name, (end, _, _) in ends.items()},
        {places[name]: a_record(places[name], at, time) for name, (_, at, time) in ends.items()},
        NOW,
    )


@pytest.mark.parametrize(
    ("ends", "behind"),
    [({A: 5, B: 7}, {}), ({A: 6, B: 7}, {A: 5}), ({A: 6, B: 9}, {A: 5, B: 7}), ({}, {})],
)
def test_what_is_read_to_its_end_is_not_asked_for(
    ends: Mapping[TopicPartition, int], behind: Mapping[TopicPartition, int]
) -> None:
    """The offset at which reading goes on, of the partitions that are behind."""
    assert FirstUnread({A: 5, B: 7}).behind(ends) == behind


def test_before_the_first_look_nothing_is_known() -> None:
    """And what is not watched never counts."""
    unread = FirstUnread({A: 5})
    unread.read(B, a_record(B, 3, 1))
    assert unread.oldest() is None


def test_the_oldest_partition_counts() -> None:
    """By the time of the first unread record, whatever stands behind it."""
    unread = FirstUnread({A: 5, B: 7})
    looked(unread, a=(9, 5, 2_000), b=(8, 7, 1_000))
    assert unread.oldest() == (B, 1_000)
    unread.read(B, a_record(B, 7, 1_000))
    assert unread.oldest() == (A, 2_000)


def test_between_two_looks_the_last_record_read_stands_for_the_next() -> None:
    """An age that is too old for 15 s at most, never too young; at the end of the look it is 0."""
    unread = FirstUnread({A: 5})
    looked(unread, a=(8, 5, 1_000))
    unread.read(A, a_record(A, 5, 1_000))
    assert unread.oldest() == (A, 1_000)
    unread.read(A, a_record(A, 6, 4_000))
    assert unread.oldest() == (A, 4_000)
    unread.read(A, a_record(A, 7, 5_000))
    assert unread.oldest() is None


def test_what_is_read_again_does_not_lie_unread() -> None:
    """After a brake's release a partition is read from its commit: its opt-outs went out before."""
    unread = FirstUnread({A: 5})
    for offset in (5, 6, 7):
        unread.read(A, a_record(A, offset, 1_000))
    unread.read(A, a_record(A, 5, 1_000))
    assert unread.behind({A: 8}) == {}


def test_a_look_that_finds_only_markers_ends_it() -> None:
    """The end of a transactional topic lies behind its last record for ever."""
    unread = FirstUnread({A: 5})
    looked(unread, a=(8, 5, 1_000))
    unread.read(A, a_record(A, 6, 1_000))
    assert unread.oldest() == (A, 1_000)
    assert unread.behind({A: 8}) == {A: 7}
    unread.looked({A: 8}, {}, NOW)
    assert unread.oldest() is None


def test_a_hole_before_the_first_unread_record_is_stepped_over() -> None:
    """Its own offset says whether it was read, not the one that was asked for."""
    unread = FirstUnread({A: 5})
    looked(unread, a=(9, 7, 1_000))
    assert unread.oldest() == (A, 1_000)
    unread.read(A, a_record(A, 8, 3_000))
    assert unread.oldest() is None


def test_a_record_without_a_time_is_counted_from_the_look_that_saw_it_first() -> None:
    """A later look that sees the same record does not begin anew."""
    unread = FirstUnread({A: 5})
    looked(unread, a=(9, 5, -1))
    unread.looked({A: 9}, {A: a_record(A, 5, -1)}, NOW + 15_000)
    assert unread.oldest() == (A, NOW)
