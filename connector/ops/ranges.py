"""Read which records a command is about, given the same way everywhere (contract.md section 7).

`select` reads the words, `spans` makes offsets of them; `partitions.resolve` asks the broker what
that takes.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pydantic_core import PydanticCustomError

from connector.domain.ids import LeadId
from connector.domain.record import TopicPartition
from connector.settings.values import parse_span

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLACE = re.compile(r"([A-Za-z0-9._-]{1,249})/(\d{1,9})/(\d{1,18})", re.ASCII)
_MOMENT = "must be RFC 3339 with a zone, such as 2026-01-31T12:00:00Z, or a span such as 2h"


class UnusableRangeError(Exception):
    """What was asked for selects nothing that there can be. Each problem says what to write."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


@dataclass(frozen=True, slots=True)
class RangeWords:
    """The options as they were written; empty or None where they were not."""

    topics: Sequence[str] = ()
    since: str | None = None
    until: str | None = None
    starts: Sequence[str] = ()
    ends: Sequence[str] = ()
    leads: Sequence[str] = ()

    @property
    def told(self) -> str:
        """Return them as they were written, `all that there are` where none were."""
        single = {"--since": self.since, "--until": self.until}
        many = {"--topic": self.topics, "--from": self.starts, "--to": self.ends}
        options = [f"{name} {text}" for name, text in single.items() if text is not None]
        options += [f"{name} {text}" for name, texts in many.items() for text in texts]
        options += [f"--lead {text}" for text in self.leads]
        return " ".join(options) or "all that there are"


@dataclass(frozen=True, slots=True)
class Selection:
    """What is selected. Empty `topics`: those that the command has anyway; empty `leads`: all.

    `since` and `until` are record timestamps in ms, the latter exclusive, as are the offsets of
    `ends`. Where `starts` or `ends` name partitions, no other is selected.
    """

    topics: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None
    starts: Mapping[TopicPartition, int] = field(default_factory=dict)
    ends: Mapping[TopicPartition, int] = field(default_factory=dict)
    leads: frozenset[LeadId] = frozenset()

    @property
    def named(self) -> frozenset[TopicPartition]:
        """Return the partitions that offsets name; none: all."""
        return frozenset({*self.starts, *self.ends})

    def has(self, place: TopicPartition, offset: int, timestamp: int, lead: LeadId | None) -> bool:
        """Say whether a record is selected, by where it is, its timestamp and its lead."""
        if self.leads and lead not in self.leads:
            return False
        if self.topics and place.topic not in self.topics:
            return False
        if self.since is not None and timestamp < self.since:
            return False
        if self.until is not None and timestamp >= self.until:
            return False
        if not (self.starts or self.ends):
            return True
        if place not in self.starts and place not in self.ends:
            return False
        end = self.ends.get(place)
        return offset >= self.starts.get(place, 0) and (end is None or offset < end)


EVERYTHING = Selection()


@dataclass(frozen=True, slots=True)
class Held:
    """What a partition has: its first offset, and the one behind its last."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Span:
    """The records of one partition from `start` to before `stop`."""

    place: TopicPartition
    start: int
    stop: int

    def document(self) -> dict[str, object]:
        """Return it as the `range` of `replay plan --json` has it (contract.md section 7)."""
        topic, partition = self.place
        return {"topic": topic, "partition": partition, "from": self.start, "to": self.stop}


def select(words: RangeWords, now_ms: int, read_lead: Callable[[str], LeadId | None]) -> Selection:
    """Return what *words* select; a span counts back from *now_ms*.

    Raises:
        UnusableRangeError: all that is wrong, at once.
    """
    problems: list[str] = []
    since = _moment("--since", words.since, now_ms, problems)
    until = _moment("--until", words.until, now_ms, problems)
    if since is not None and until is not None and since >= until:
        problems.append("--until: must be later than --since")
    starts = _places("--from", words.starts, problems)
    ends = _places("--to", words.ends, problems)
    for place, end in ends.items():
        if starts.get(place, 0) >= end:
            problems.append(f"--to: {_told(place)}/{end} must lie behind its --from")
    for place in dict.fromkeys((*starts, *ends)) if words.topics else ():
        if place.topic not in words.topics:
            problems.append(f"--from, --to: {_told(place)} is of no topic that --topic names")
    leads = [read_lead(text) for text in words.leads]
    if None in leads:
        problems.append("--lead: is none that a lead can have")
    if problems:
        raise UnusableRangeError(problems)
    named = frozenset(lead for lead in leads if lead is not None)
    return Selection(tuple(dict.fromkeys(words.topics)), since, until, starts, ends, named)


def spans(
    selection: Selection,
    held: Mapping[TopicPartition, Held],
    since: Mapping[TopicPartition, int],
    until: Mapping[TopicPartition, int],
) -> tuple[Span, ...]:
    """Return the offsets that *selection* has of the partitions in *held*, empty spans left out.

    *since* and *until* are, where moments are selected, the offset of each partition's first
    record at that time or later. What the topic no longer or not yet has is left out.

    Raises:
        UnusableRangeError: offsets name a partition that is not among these.
    """
    strange = [f"{_told(place)}: no such partition" for place in selection.named - held.keys()]
    if strange:
        raise UnusableRangeError(sorted(strange))
    found = []
    for place in sorted(selection.named or held):
        has = held[place]
        start = max(has.first, selection.starts.get(place, 0), since.get(place, 0))
        stop = min(has.end, selection.ends.get(place, has.end), until.get(place, has.end))
        if start < stop:
            found.append(Span(place, start, stop))
    return tuple(found)


def _moment(option: str, text: str | None, now_ms: int, problems: list[str]) -> int | None:
    if text is None:
        return None
    try:
        return now_ms - round(parse_span(text) * 1000)
    except PydanticCustomError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        problems.append(f"{option}: {_MOMENT}")
        return None
    if moment.tzinfo is None:
        problems.append(f"{option}: {_MOMENT}")
        return None
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _places(option: str, texts: Sequence[str], problems: list[str]) -> dict[TopicPartition, int]:
    found: dict[TopicPartition, int] = {}
    for text in texts:
        match = _PLACE.fullmatch(text)
        if match is None:
            problems.append(f"{option}: must be TOPIC/PARTITION/OFFSET, such as crm.leads/0/1500")
            continue
        place = TopicPartition(match[1], int(match[2]))
        if place in found:
            problems.append(f"{option}: {_told(place)} is named twice")
        found[place] = int(match[3])
    return found


def _told(place: TopicPartition) -> str:
    return f"{place.topic}/{place.partition}"
