"""Make our topics, and tell what the broker has."""

from collections.abc import Collection, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NoAnswer
from dataclasses import dataclass, field
from typing import TypeVar

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # public, but not in __all__
    AdminClient,
    ClusterMetadata,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
    TopicDescription,
)

from connector.settings.topics import TopicNames
from connector.stream.kafka_client import KafkaConfig

T = TypeVar("T")

_MARGIN = 64 * 1024
"""What a dead letter adds to its record: the `connector.*` headers (contract.md section 4)."""

_KAFKA_MAX_BYTES = 1_048_588
"""Kafka's default `max.message.bytes`."""

_PATIENCE = 30.0
_MARGIN_SECONDS = 3.0
"""The client gives up by itself after its patience; then comes its answer that it did."""

_NO_ID = "AAAAAAAAAAAAAAAAAAAAAA"
"""The id of all zeros, from brokers that have none."""

_TELLS_NOTHING = frozenset(
    {
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.UNSUPPORTED_VERSION,
        KafkaError._UNSUPPORTED_FEATURE,  # noqa: SLF001 - public, for all its underscore
    }
)


class TopicsUnavailableError(Exception):
    """The broker refused to tell about or to make topics. The text says what and why."""


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic as we want it."""

    name: str
    partitions: int
    replication_factor: int
    config: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FoundTopic:
    """A topic as the broker has it; `config` is empty where the broker does not tell."""

    name: str
    partitions: int
    config: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TopicSizes:
    """What the settings say about our topics. Retentions are in seconds.

    `largest_record` is the largest `max.message.bytes` of the source topics.
    """

    partitions: int
    replication_factor: int
    retention: float
    outcome_retention: float
    dead_letter_retention: float
    largest_record: int = _KAFKA_MAX_BYTES


def our_topics(names: TopicNames, sizes: TopicSizes) -> tuple[TopicSpec, ...]:
    """Return every topic of ours (contract.md section 4)."""
    # A named field of the source can be as long as its record, and a change must never be too
    # long for its topic: that would stop the worker at one bad record.
    largest = {"max.message.bytes": str(sizes.largest_record + _MARGIN)}
    wanted = {
        names.lead_changes: _kept(sizes.retention) | largest,
        names.opt_outs: _kept(sizes.retention) | largest,
        names.outcomes: _kept(sizes.outcome_retention),
        names.dead_letters: _kept(sizes.dead_letter_retention) | largest,
        names.changelog: {"cleanup.policy": "compact"},
        names.control: {"cleanup.policy": "compact"},
    }
    # acks=all is as good as the number of replicas that must be in sync.
    safety = {"min.insync.replicas": "2"} if sizes.replication_factor > 2 else {}  # noqa: PLR2004
    return tuple(
        TopicSpec(
            name,
            1 if name == names.control else sizes.partitions,
            sizes.replication_factor,
            config | safety,
        )
        for name, config in wanted.items()
    )


def _kept(seconds: float) -> dict[str, str]:
    return {"cleanup.policy": "delete", "retention.ms": str(round(seconds * 1000))}


def admin(config: KafkaConfig) -> AdminClient:
    """Return a client that asks about topics and makes them."""
    return AdminClient(config.client())


def find_topics(
    admin: AdminClient, names: Collection[str], timeout: float = _PATIENCE
) -> dict[str, FoundTopic]:
    """Return those of *names* that exist.

    Raises:
        TopicsUnavailableError: the broker did not answer.
    """
    topics = _metadata(admin, timeout).topics
    return {
        name: FoundTopic(name, len(topics[name].partitions))
        for name in names
        if name in topics and topics[name].partitions
    }


def find_config(admin: AdminClient, names: Collection[str]) -> dict[str, Mapping[str, str]]:
    """Return the settings of each topic; one of which the broker will not tell is absent.

    Raises:
        TopicsUnavailableError: the broker did not answer.
    """
    found: dict[str, Mapping[str, str]] = {}
    if not names or _embedded(_metadata(admin, _PATIENCE)):
        return found
    resources = [ConfigResource(ResourceType.TOPIC, name) for name in names]
    answers = admin.describe_configs(resources, request_timeout=_PATIENCE)
    for resource, answer in answers.items():
        entries: Mapping[str, ConfigEntry] | None = _answer(resource.name, answer)
        if entries is not None:
            found[resource.name] = {
                name: entry.value for name, entry in entries.items() if entry.value is not None
            }
    return found


def largest_record(admin: AdminClient, topics: Collection[str]) -> int:
    """Return the largest `max.message.bytes` of *topics*, Kafka's default where none is told."""
    told = find_config(admin, topics).values()
    return max((int(each["max.message.bytes"]) for each in told), default=_KAFKA_MAX_BYTES)


def topic_ids(admin: AdminClient, names: Collection[str]) -> dict[str, str]:
    """Return Kafka's id of each topic: it changes when a topic is made anew, the name does not.

    A topic that is missing is absent. Where a broker knows no ids the name stands for it; a broker
    that only fails to answer is no such broker, for marks that change their topic are marks lost.

    Raises:
        TopicsUnavailableError: the broker did not answer.
    """
    if not names:
        return {}
    metadata = _metadata(admin, _PATIENCE)
    if _embedded(metadata):
        return {name: name for name in names if name in metadata.topics}
    ids = {}
    answers = admin.describe_topics(TopicCollection(list(names)), request_timeout=_PATIENCE)
    for name, answer in answers.items():
        described: TopicDescription | None = _answer(name, answer)
        if described is not None:
            told = str(described.topic_id)
            ids[name] = name if told == _NO_ID else told
    return ids


def create_topics(admin: AdminClient, specs: Collection[TopicSpec]) -> None:
    """Make topics. One that another worker has made meanwhile is as good.

    Raises:
        TopicsUnavailableError: the broker refused one; the others were made all the same.
    """
    wanted = [
        NewTopic(
            spec.name,
            num_partitions=spec.partitions,
            replication_factor=spec.replication_factor,
            config=dict(spec.config),
        )
        for spec in specs
    ]
    problems = []
    answers = admin.create_topics(wanted, operation_timeout=_PATIENCE) if wanted else {}
    for name, answer in answers.items():
        try:
            answer.result(timeout=_PATIENCE + _MARGIN_SECONDS)
        except KafkaException as refused:
            if refused.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                problems.append(_told(name, refused))
        except NoAnswer:
            problems.append(f"{name}: no answer within {_PATIENCE:g} s")
    if problems:
        raise TopicsUnavailableError("topics could not be created: " + "; ".join(problems))


def differences(spec: TopicSpec, found: FoundTopic) -> tuple[str, ...]:
    """Say where an existing topic is not as we want it; the count of partitions comes first."""
    told = []
    if found.partitions != spec.partitions:
        told.append(
            f"{spec.name} has {found.partitions} partitions, kafka.partitions makes it "
            f"{spec.partitions}: the count is fixed for the life of an application"
        )
    for name, wanted in spec.config.items():
        is_ = found.config.get(name)
        if is_ is not None and is_ != wanted:
            told.append(f"{spec.name} has {name}={is_}, the settings make it {wanted}")
    return tuple(told)


def _metadata(admin: AdminClient, timeout: float) -> ClusterMetadata:
    try:
        return admin.list_topics(timeout=timeout)  # without a name nothing is made by asking
    except KafkaException as refused:
        raise TopicsUnavailableError(_told("the topics cannot be listed", refused)) from refused


def _embedded(metadata: ClusterMetadata) -> bool:
    """Say whether this is librdkafka's mock cluster: it has no controller to ask about topics."""
    return str(metadata.cluster_id).startswith("mockCluster")


def _answer(name: str, answer: "Future[T]") -> T | None:
    """Return the broker's answer about a topic, None if it has or tells none."""
    try:
        return answer.result(timeout=_PATIENCE + _MARGIN_SECONDS)
    except NoAnswer:
        raise TopicsUnavailableError(f"{name}: no answer within {_PATIENCE:g} s") from None
    except KafkaException as refused:
        if refused.args[0].code() in _TELLS_NOTHING:
            return None
        raise TopicsUnavailableError(_told(name, refused)) from refused


def _told(what: str, refused: KafkaException) -> str:
    error: KafkaError = refused.args[0]
    return f"{what}: {error.str()} ({error.name()})"
