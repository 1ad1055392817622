"""Read the outcome topic from its beginning to its end of this moment, for reports."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from connector.ops.own_outcomes import SchemaUnknownError, schemas
from connector.ops.partitions import by_topic, held, partitions_of
from connector.ops.told_outcome import ToldOutcome, read_outcome
from connector.registry.access import RegistryAwayError, RegistryRefusedError
from connector.settings.model import Settings
from connector.stream.composition import kafka
from connector.stream.outcomes import decode
from connector.stream.reader import Reader
from connector.stream.reading import RawRecord


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Records of the topic that are no outcomes: how many, and where the first is."""

    records: int = 0
    first: str | None = None


def read_outcomes(
    settings: Settings, take: Callable[[ToldOutcome], None], tell: Callable[[int, int], None]
) -> Unreadable:
    """Give every outcome to *take*, each lead's in order; *tell* hears how far it is, of how many.

    Blocks.

    Raises:
        TopicsUnavailableError, ReadFailedError: the broker did not tell.
        RegistryAwayError, RegistryRefusedError, SchemaUnknownError: no schema, no outcome.
    """
    topic = settings.topics.outcomes
    marks = held(settings, partitions_of(settings, [topic]))
    whole, done = sum(each.end - each.first for each in marks.values()), 0
    schema_of, unreadable = schemas(settings), Unreadable()

    def taken(partition: int, records: Sequence[RawRecord], _behind: int) -> None:
        nonlocal done, unreadable
        for each in records:
            try:
                outcome = read_outcome(decode(each.value() or b"", schema_of))
            except (RegistryAwayError, RegistryRefusedError, SchemaUnknownError):
                raise
            except Exception:  # noqa: BLE001 - whatever is wrong with bytes that others wrote
                at = f"{topic}/{partition}/{each.offset()}"
                unreadable = Unreadable(unreadable.records + 1, unreadable.first or at)
            else:
                take(outcome)
        done += len(records)
        tell(min(done, whole), whole)

    reader = Reader(kafka(settings), settings.kafka.application_id)
    starts = dict.fromkeys(by_topic(marks).get(topic, ()))
    reader.read_to_end(topic, starts, taken, threading.Event())
    return unreadable
