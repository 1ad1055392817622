"""Say which topics the settings want and make the missing ones: `connector topics create`."""

from collections.abc import Callable
from dataclasses import dataclass

from confluent_kafka import KafkaError
from confluent_kafka.admin import AdminClient

from connector.settings.model import Settings
from connector.stream.composition import kafka
from connector.stream.topics import (
    TopicSizes,
    TopicSpec,
    create_topics,
    find_topics,
    largest_record,
    our_topics,
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One topic of ours, and whether it is there."""

    spec: TopicSpec
    exists: bool

    def document(self) -> dict[str, object]:
        """Return the topic as `topics create --dry-run --json` has it (contract.md section 7)."""
        return {
            "name": self.spec.name,
            "partitions": self.spec.partitions,
            "replication_factor": self.spec.replication_factor,
            "config": dict(self.spec.config),
            "exists": self.exists,
        }


def admin_client(settings: Settings, trouble: Callable[[KafkaError], None]) -> AdminClient:
    """Return a client for topics and groups. *trouble* is told, from its `poll`, what keeps
    brokers from answering.
    """
    return AdminClient(kafka(settings).client(), error_cb=trouble)


def specs(settings: Settings, largest: int) -> tuple[TopicSpec, ...]:
    """Return all topics of ours; *largest* is the largest record that a source topic takes."""
    sizes = TopicSizes(
        partitions=settings.kafka.partitions,
        replication_factor=settings.kafka.replication_factor,
        retention=settings.kafka.retention,
        outcome_retention=settings.outcomes.retention,
        dead_letter_retention=settings.outcomes.dead_letter_retention,
        largest_record=largest,
    )
    return our_topics(settings.topics, sizes)


def wanted(admin: AdminClient, settings: Settings) -> tuple[Wanted, ...]:
    """Return all topics of ours and which of them are there.

    Raises:
        TopicsUnavailableError: the broker did not answer.
    """
    found = find_topics(admin, (*settings.topics.all, *settings.source_topics))
    sources = [name for name in settings.source_topics if name in found]
    largest = largest_record(admin, sources)
    return tuple(Wanted(each, each.name in found) for each in specs(settings, largest))


def create(admin: AdminClient, topics: tuple[Wanted, ...]) -> tuple[TopicSpec, ...]:
    """Make those that are missing, alter none; return what was made.

    Raises:
        TopicsUnavailableError: the broker refused one.
    """
    missing = tuple(each.spec for each in topics if not each.exists)
    create_topics(admin, missing)
    return missing
