"""Find the opt-outs that were accepted and may not be settled: `A.opt-outs` behind the commit."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from connector.domain.change import LeadOptOut, NumbersOptOut, kind_of
from connector.domain.ids import LeadId
from connector.domain.origin import Origin
from connector.domain.record import TopicPartition
from connector.ops.partitions import committed, held, partitions_of
from connector.ops.ranges import Selection
from connector.settings.model import Settings
from connector.stream.composition import kafka
from connector.stream.lead_changes import decode, placed
from connector.stream.moments import rfc3339
from connector.stream.reader import Reader
from connector.stream.reading import RawRecord


@dataclass(frozen=True, slots=True)
class WaitingOptOut:
    """An opt-out without an outcome, by where its record is; `lead_id` None: of numbers alone."""

    origin: Origin
    lead_id: LeadId | None
    change: str

    def document(self) -> dict[str, object]:
        """Return what is known of it, with the names that outcomes have."""
        origin = self.origin
        return {
            "outcome_id": origin.outcome_id,
            "lead_id": self.lead_id,
            "change": self.change,
            "verdict": None,
            "source": {
                "topic": origin.topic,
                "partition": origin.partition,
                "offset": origin.offset,
                "timestamp": rfc3339(origin.timestamp),
            },
        }


def waiting_opt_outs(settings: Settings, selection: Selection) -> dict[str, WaitingOptOut]:
    """Return, by the id of their outcome, the opt-outs that the group has not committed.

    Some are settled all the same: read the outcomes behind this, and take those out. Blocks.

    Raises:
        TopicsUnavailableError, ReadFailedError: the broker did not tell.
        UnknownFormError: a change that this version cannot read.
    """
    topic = settings.topics.opt_outs
    places = partitions_of(settings, [topic])
    marks, at = held(settings, places), committed(settings, places)
    found: dict[str, WaitingOptOut] = {}

    def take(partition: int, records: Sequence[RawRecord], _behind: int) -> None:
        for each in records:
            waiting = _read(topic, partition, each)
            if waiting is not None and _is_in(selection, waiting):
                found[waiting.origin.outcome_id] = waiting

    reader = Reader(kafka(settings), settings.kafka.application_id)
    for place in places:
        span = range(at[place] or 0, marks[place].end)
        reader.read_range(topic, place.partition, span, take, threading.Event())
    return found


def _read(topic: str, partition: int, raw: RawRecord) -> WaitingOptOut | None:
    change = decode(raw.value() or b"")
    change = placed(change, topic, partition, raw.offset() or 0, change.origin.timestamp)
    match change:
        case LeadOptOut():
            return WaitingOptOut(change.origin, change.lead, kind_of(change))
        case NumbersOptOut():
            return WaitingOptOut(change.origin, None, kind_of(change))
        case _:
            return None


def _is_in(selection: Selection, waiting: WaitingOptOut) -> bool:
    origin = waiting.origin
    place = TopicPartition(origin.topic, origin.partition)
    return selection.has(place, origin.offset, origin.timestamp, waiting.lead_id)
