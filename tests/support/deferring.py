"""Give deferring what it takes, in memory."""

from collections.abc import Mapping
from itertools import count

from connector.domain.ids import ListId
from connector.stream.control import Control
from connector.stream.deferred import DeferredRecords
from connector.stream.deferring import DeferringTerms
from connector.stream.reading import LogReader
from tests.support.campaign_worker import ControlTopic


def deferring_terms(
    control: ControlTopic, log: LogReader, topic: str, patience: Mapping[ListId, float]
) -> DeferringTerms:
    """Return terms whose records stand in *control*; replay ids are numbers."""
    numbers = count(1)
    view = Control(control, "a.control", control.write)
    records = DeferredRecords(view, lambda: f"replay-{next(numbers)}")
    return DeferringTerms(records, log, topic, patience, {each: str(each) for each in patience})
