"""Follow the outcomes of a connector as analysts do: the first of each `outcome_id` counts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition
from pydantic import BaseModel, ConfigDict, TypeAdapter

from connector.stream.outcomes import decode
from tests.support.brokers import Broker
from tests.support.topics import partitions_of


class EffectSeen(BaseModel):
    """An effect of an outcome (contract.md section 4)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    list: str
    contact_id: str | None
    action: str
    http_status: int | None
    correlation_id: str | None


class SourceSeen(BaseModel):
    """Where the input record lies."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topic: str
    partition: int
    offset: int
    timestamp: str


class OutcomeSeen(BaseModel):
    """An outcome: every field that contract.md section 4 names, and `requests`; none beside."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    outcome_id: str
    lead_id: str | None
    change: str | None
    verdict: str
    reason: str | None
    revision: str | None
    effects: tuple[EffectSeen, ...]
    attempts: int
    lane: str
    batch_id: str | None
    source: SourceSeen
    replay_id: str | None
    opt_out: str | None
    latency: dict[str, int | None]
    decided_at: str
    connector_version: str
    requests: int


_OUTCOME = TypeAdapter(OutcomeSeen)


def no_schema(schema_id: int) -> object:
    """Know no schema: outcomes are to be JSON."""
    raise LookupError(f"an outcome is Avro, of schema {schema_id}")


@dataclass(slots=True)
class Feed:
    """The outcome topic, followed from its beginning.

    `first` holds the first outcome of each id, `again` what came later under the same ids,
    `keys` the first ones' keys, `raw` all bytes. `schema_of` tells the schemas of a registry.
    """

    broker: Broker
    topic: str
    schema_of: Callable[[int], object] = no_schema
    first: dict[str, OutcomeSeen] = field(default_factory=dict)
    again: list[OutcomeSeen] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    keys: dict[str, bytes | None] = field(default_factory=dict)
    _consumer: Consumer = field(init=False)

    def __post_init__(self) -> None:
        self._consumer = Consumer(
            {
                "bootstrap.servers": self.broker.bootstrap_servers,
                "group.id": "tests-following",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "isolation.level": "read_committed",
                "fetch.wait.max.ms": 50,
            }
        )
        found = partitions_of(self.broker, self.topic)
        self._consumer.assign([TopicPartition(self.topic, p, OFFSET_BEGINNING) for p in found])

    def poll(self) -> None:
        """Take over what has come since the last time."""
        while True:
            messages = self._consumer.consume(5_000, timeout=0.1)
            for message in messages:
                error = message.error()
                if error is not None:
                    if error.code() == KafkaError._PARTITION_EOF:
                        continue
                    raise KafkaException(error)
                self._take(message.key(), message.value())
            if not messages:
                return

    def has(self, outcome_ids: Iterable[str]) -> bool:
        """Tell whether each of these has an outcome by now."""
        self.poll()
        return all(each in self.first for each in outcome_ids)

    def missing(self, outcome_ids: Iterable[str]) -> list[str]:
        """Name those that have none."""
        return [each for each in outcome_ids if each not in self.first]

    def close(self) -> None:
        """Stop following."""
        self._consumer.close()

    def _take(self, key: bytes | None, value: bytes | None) -> None:
        assert value is not None
        outcome = _OUTCOME.validate_python(decode(value, self.schema_of))
        self.raw.append(value)
        if outcome.outcome_id in self.first:
            self.again.append(outcome)
            return
        self.first[outcome.outcome_id] = outcome
        self.keys[outcome.outcome_id] = key
