"""What intake makes of the tombstone that a flattened source writes behind a delete."""

from dataclasses import dataclass, field

import pytest

from connector.cdc.decoding import Decoder
from connector.domain.change import LeadDelete
from connector.domain.outcome import Outcome
from connector.domain.reason import Reason, Verdict
from connector.domain.record import Record, TopicPartition
from connector.planning.ledger import Ledger
from connector.stream.intake import Intake
from tests.support.fake_sends import FakeSends
from tests.support.records import TOPIC, a_record
from tests.support.sources import DEBEZIUM_FLAT
from tests.support.taking import take

KEY = {"lead_id": "L-1"}
ROW = {"lead_id": "L-1", "first_name": "Ana"}
GONE = ROW | {"__deleted": "true"}
ECHO = [("L-1", Verdict.UNCHANGED, Reason.NOT_A_LEAD_CHANGE)]


@dataclass
class _Taken:
    """An intake of its own, and what it sent."""

    sends: FakeSends = field(default_factory=FakeSends)

    def __post_init__(self) -> None:
        decoder = Decoder(DEBEZIUM_FLAT)
        self._intake = Intake({TOPIC: decoder}, {TOPIC: "id"}, self.sends, lambda: 1_000.0)
        self._ledger = Ledger(100)
        for partition in (0, 1):
            self._ledger.start(TopicPartition(TOPIC, partition), None, contiguous=False)

    def take(self, record: Record) -> None:
        """Take a record in, and let the broker have what it leads to."""
        place = TopicPartition(record.topic, record.partition)
        take(self._intake, record, self._ledger.open(place, record.offset))
        for topic in self.sends.topics:
            while topic.waiting:
                topic.deliver()

    @property
    def deletes(self) -> int:
        """Return how many deletes went on."""
        return sum(isinstance(each, LeadDelete) for each in self.sends.changes.log)

    @property
    def passed(self) -> list[tuple[str | None, Verdict, Reason | None]]:
        """Return what ended in intake."""
        told = [each for each in self.sends.outcomes.log if isinstance(each, Outcome)]
        return [(each.lead_id, each.verdict, each.reason) for each in told]


def test_the_tombstone_behind_a_delete_says_nothing_more() -> None:
    """Even where the lead came back through another partition meanwhile."""
    taken = _Taken()
    taken.take(a_record(GONE, KEY, offset=4))
    taken.take(a_record(ROW, KEY, offset=9, partition=1))
    taken.take(a_record(None, KEY, offset=5))
    assert taken.deletes == 1
    assert taken.passed == ECHO


@pytest.mark.parametrize(
    "before",
    [
        a_record(GONE, KEY, offset=3),
        a_record(GONE, KEY, offset=4, partition=1),
        a_record(GONE | {"lead_id": "L-2"}, {"lead_id": "L-2"}, offset=4),
        a_record(ROW, KEY, offset=4),
        a_record(None, KEY, offset=4),
    ],
)
def test_a_tombstone_by_itself_is_a_delete(before: Record) -> None:
    """The record before it in its partition is no delete of its key, or was not seen."""
    taken = _Taken()
    taken.take(before)
    deletes = taken.deletes
    taken.take(a_record(None, KEY, offset=5))
    assert taken.deletes == deletes + 1
    assert taken.passed == []
