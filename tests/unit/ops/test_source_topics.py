"""What `connector check` says of the topics of the sources."""

import pytest

from connector.ops.finding import Level
from connector.ops.kafka_checks import source_topic
from connector.settings.source import Source
from connector.stream.topics import FoundTopic


@pytest.mark.parametrize(
    ("envelope", "partitions", "level"),
    [
        ("salesforce", 1, Level.OK),
        ("salesforce", 2, Level.WARN),
        ("debezium", 8, Level.OK),
        ("flat", 1, Level.OK),
        ("salesforce", None, Level.FAIL),
        ("flat", None, Level.FAIL),
    ],
)
def test_partial_updates_want_one_partition(
    envelope: str, partitions: int | None, level: Level
) -> None:
    """Dropping a late one loses the fields that only it names; rows that are whole lose nothing."""
    source = Source.model_validate({"topics": ("crm",), "envelope": envelope})
    found = None if partitions is None else FoundTopic("crm", partitions, {})
    finding = source_topic("crm", source, found)
    assert (finding.name, finding.level) == ("topic crm", level)
    assert ("one partition" in finding.detail) is (level is Level.WARN)
