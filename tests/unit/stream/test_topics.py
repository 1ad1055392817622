"""What our topics shall be, and how an existing one that differs is told."""

import pytest

from connector.settings.topics import TopicNames
from connector.stream.topics import (
    FoundTopic,
    TopicSizes,
    TopicSpec,
    differences,
    our_topics,
)

_DAY = 86_400.0
_SIZES = TopicSizes(
    partitions=8,
    replication_factor=3,
    retention=30 * _DAY,
    outcome_retention=31 * _DAY,
    dead_letter_retention=90 * _DAY,
    largest_record=5_000_000,
)


def _by_name(sizes: TopicSizes = _SIZES) -> dict[str, TopicSpec]:
    return {spec.name: spec for spec in our_topics(TopicNames("A"), sizes)}


def test_our_topics_are_those_of_the_contract() -> None:
    """Names, counts and settings are those of contract.md section 4."""
    specs = _by_name()
    assert {name: spec.partitions for name, spec in specs.items()} == {
        "A.lead-changes": 8,
        "A.opt-outs": 8,
        "A.outcomes": 8,
        "A.dead-letters": 8,
        "A-lead-state-changelog": 8,
        "A.control": 1,
    }
    assert {spec.replication_factor for spec in specs.values()} == {3}
    assert {name: spec.config.get("cleanup.policy") for name, spec in specs.items()} == {
        "A.lead-changes": "delete",
        "A.opt-outs": "delete",
        "A.outcomes": "delete",
        "A.dead-letters": "delete",
        "A-lead-state-changelog": "compact",
        "A.control": "compact",
    }
    assert {name: spec.config.get("retention.ms") for name, spec in specs.items()} == {
        "A.lead-changes": "2592000000",
        "A.opt-outs": "2592000000",
        "A.outcomes": "2678400000",
        "A.dead-letters": "7776000000",
        "A-lead-state-changelog": None,
        "A.control": None,
    }


def test_dead_letters_take_the_largest_source_record() -> None:
    """Its size and 64 KiB for our headers; changes and opt-outs can be as long."""
    specs = _by_name()
    assert specs["A.dead-letters"].config["max.message.bytes"] == str(5_000_000 + 65_536)
    assert specs["A.lead-changes"].config["max.message.bytes"] == str(5_000_000 + 65_536)


@pytest.mark.parametrize(("copies", "in_sync"), [(1, None), (2, None), (3, "2"), (5, "2")])
def test_an_acknowledgement_means_two_copies(copies: int, in_sync: str | None) -> None:
    """With three copies or more, two must have a record before it counts."""
    sizes = TopicSizes(8, copies, _DAY, _DAY, _DAY)
    for spec in our_topics(TopicNames("A"), sizes):
        assert spec.config.get("min.insync.replicas") == in_sync


def test_a_count_that_differs_is_told() -> None:
    """The count of partitions is fixed for the life of the application."""
    spec = TopicSpec("A.outcomes", 8, 3, {"retention.ms": "1"})
    (told,) = differences(spec, FoundTopic("A.outcomes", 4))
    assert "A.outcomes has 4 partitions, kafka.partitions makes it 8" in told


def test_settings_that_differ_are_told() -> None:
    """A setting that the broker tells and that is another."""
    spec = TopicSpec("A.outcomes", 8, 3, {"retention.ms": "1", "cleanup.policy": "delete"})
    found = FoundTopic("A.outcomes", 8, {"retention.ms": "2", "cleanup.policy": "delete"})
    assert differences(spec, found) == ("A.outcomes has retention.ms=2, the settings make it 1",)
    assert differences(spec, FoundTopic("A.outcomes", 8)) == ()
