"""Which records a command is about: words become a selection, a selection becomes offsets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.ids import LeadId
from connector.domain.record import TopicPartition
from connector.ops.ranges import (
    EVERYTHING,
    Held,
    RangeWords,
    Selection,
    Span,
    UnusableRangeError,
    select,
    spans,
)

NOW = 1_800_000_000_000
"""2027-01-15T08:00:00Z."""
A0, A1, B0 = TopicPartition("a", 0), TopicPartition("a", 1), TopicPartition("b", 0)
HELD = {A0: Held(10, 20), A1: Held(0, 5), B0: Held(7, 7)}


def selected(words: RangeWords) -> Selection:
    """Select, where every text but the empty one is a lead."""
    return select(words, NOW, lambda text: LeadId(text) if text else None)


@pytest.mark.parametrize(
    ("words", "selection"),
    [
        (RangeWords(), EVERYTHING),
        (RangeWords(topics=["a", "b", "a"]), Selection(topics=("a", "b"))),
        (RangeWords(since="2h"), Selection(since=NOW - 7_200_000)),
        (RangeWords(since="90"), Selection(since=NOW - 90_000)),
        (RangeWords(since="2027-01-15T08:00:00Z"), Selection(since=NOW)),
        (RangeWords(since="2027-01-15T09:00:00.5+01:00"), Selection(since=NOW + 500)),
        (RangeWords(since="2d", until="500ms"), Selection(since=NOW - 172_800_000, until=NOW - 500)),
        (RangeWords(starts=["a/0/5"], ends=["a/1/9"]), Selection(starts={A0: 5}, ends={A1: 9})),
        (RangeWords(leads=["7", "8"]), Selection(leads=frozenset({LeadId("7"), LeadId("8")}))),
        (RangeWords(topics=["a"], starts=["a/0/5"]), Selection(topics=("a",), starts={A0: 5})),
    ],
)  # fmt: skip
def test_words_that_select(words: RangeWords, selection: Selection) -> None:
    """Moments are RFC 3339 or a span back from now; offsets name their partition."""
    assert selected(words) == selection


_MOMENT = "must be RFC 3339 with a zone, such as 2026-01-31T12:00:00Z, or a span such as 2h"
_PLACE = "must be TOPIC/PARTITION/OFFSET, such as crm.leads/0/1500"


@pytest.mark.parametrize(
    ("words", "problems"),
    [
        (RangeWords(since="yesterday"), [f"--since: {_MOMENT}"]),
        (RangeWords(until="2027-01-15T08:00:00"), [f"--until: {_MOMENT}"]),
        (RangeWords(until="2027-01-15"), [f"--until: {_MOMENT}"]),
        (RangeWords(since="-2h"), [f"--since: {_MOMENT}"]),
        (RangeWords(since="1h", until="1h"), ["--until: must be later than --since"]),
        (RangeWords(starts=["a/0"]), [f"--from: {_PLACE}"]),
        (RangeWords(ends=["a/0/x", "/0/1"]), [f"--to: {_PLACE}", f"--to: {_PLACE}"]),
        (RangeWords(starts=["a/0/1", "a/0/2"]), ["--from: a/0 is named twice"]),
        (RangeWords(starts=["a/0/5"], ends=["a/0/5"]), ["--to: a/0/5 must lie behind its --from"]),
        (RangeWords(ends=["a/0/0"]), ["--to: a/0/0 must lie behind its --from"]),
        (RangeWords(topics=["b"], starts=["a/0/5"]), ["--from, --to: a/0 is of no topic that --topic names"]),
        (RangeWords(leads=["", "7"]), ["--lead: is none that a lead can have"]),
        (RangeWords(since="x", starts=["y"]), [f"--since: {_MOMENT}", f"--from: {_PLACE}"]),
    ],
)  # fmt: skip
def test_words_that_select_nothing_that_can_be(words: RangeWords, problems: list[str]) -> None:
    """All problems at once, each with what to write."""
    with pytest.raises(UnusableRangeError) as unusable:
        selected(words)
    assert list(unusable.value.problems) == problems


@pytest.mark.parametrize(
    ("selection", "found"),
    [
        (EVERYTHING, [Span(A0, 10, 20), Span(A1, 0, 5)]),
        (Selection(starts={A0: 12}), [Span(A0, 12, 20)]),
        (Selection(starts={A0: 3}, ends={A0: 12}), [Span(A0, 10, 12)]),
        (Selection(starts={A0: 12}, ends={A1: 2}), [Span(A0, 12, 20), Span(A1, 0, 2)]),
        (Selection(ends={A0: 10}), []),
        (Selection(starts={A0: 50}), []),
        (Selection(starts={B0: 0}), []),
    ],
)
def test_offsets_that_are_named(selection: Selection, found: list[Span]) -> None:
    """Partitions that are not named are left out, and so is what the topic does not have."""
    assert list(spans(selection, HELD, {}, {})) == found


def test_moments_and_offsets_both_hold() -> None:
    """The later start and the earlier end win."""
    selection = Selection(since=1, until=2, starts={A0: 14}, ends={A1: 4})
    since, until = {A0: 12, A1: 3, B0: 7}, {A0: 16, A1: 5, B0: 7}
    assert spans(selection, HELD, since, until) == (Span(A0, 14, 16), Span(A1, 3, 4))


def test_a_partition_that_is_not_there() -> None:
    """It is named; nothing is done in its place."""
    with pytest.raises(UnusableRangeError, match="b/3: no such partition"):
        spans(Selection(starts={TopicPartition("b", 3): 1}), HELD, {}, {})


def test_a_span_as_a_document() -> None:
    """As the contract names its fields."""
    told = {"topic": "a", "partition": 1, "from": 3, "to": 4}
    assert Span(A1, 3, 4).document() == told


_PLACES = st.sampled_from([A0, A1, B0])
_OFFSETS = st.dictionaries(_PLACES, st.integers(0, 25))
_selections = st.builds(
    Selection,
    topics=st.sampled_from([(), ("a",), ("a", "b")]),
    since=st.none() | st.integers(0, 25),
    until=st.none() | st.integers(0, 25),
    starts=_OFFSETS,
    ends=_OFFSETS,
)


@given(selection=_selections)
def test_what_is_read_is_what_is_selected(selection: Selection) -> None:
    """Of records whose timestamp is their offset, the spans hold those that `has` says."""
    held = {
        place: marks
        for place, marks in HELD.items()
        if not selection.topics or place.topic in selection.topics
    }
    if selection.named - held.keys():
        with pytest.raises(UnusableRangeError):
            spans(selection, held, {}, {})
        return

    def at(moment: int | None) -> dict[TopicPartition, int]:
        if moment is None:
            return {}
        return {each: min(marks.end, max(marks.first, moment)) for each, marks in held.items()}

    read = {
        (span.place, offset)
        for span in spans(selection, held, at(selection.since), at(selection.until))
        for offset in range(span.start, span.stop)
    }
    assert read == {
        (place, offset)
        for place, marks in held.items()
        for offset in range(marks.first, marks.end)
        if selection.has(place, offset, offset, None)
    }
