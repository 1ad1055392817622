"""Load the outcomes of a connector into DuckDB and ask three questions of them.

    pip install 'confluent-kafka[schemaregistry]' fastavro duckdb
    python outcomes_to_duckdb.py 127.0.0.1:9092 lead-connector.outcomes http://127.0.0.1:8081

The registry is needed where outcomes are Avro; without it they are read as JSON. With a fourth
argument the table stays, in that file. docs/outcomes.md says what each field means.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from io import BytesIO

import duckdb
import fastavro
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient

QUESTIONS = {
    "opt-outs by hour": """
        SELECT date_trunc('hour', source.timestamp) AS hour, count(*) AS opt_outs,
               quantile_disc(latency_ms, 0.5) AS p50_ms, quantile_disc(latency_ms, 0.99) AS p99_ms
        FROM (SELECT *, latency.kafka_to_decided_ms + latency.decided_to_sent_ms
                        + latency.sent_to_accepted_ms AS latency_ms FROM outcomes)
        WHERE change = 'opt_out' AND replay_id IS NULL GROUP BY hour ORDER BY hour""",
    "rejects by reason": """
        SELECT reason, count(*) AS records FROM outcomes
        WHERE verdict = 'rejected' GROUP BY reason ORDER BY records DESC, reason""",
    "requests a change": """
        SELECT sum(requests)::BIGINT AS requests, count(change) AS changes,
               sum(requests) / count(change) AS requests_a_change FROM outcomes""",
}

LOAD = """
    CREATE OR REPLACE TABLE outcomes AS SELECT * EXCLUDE (written) FROM read_json(?, columns = {
        written: 'BIGINT', outcome_id: 'VARCHAR', lead_id: 'VARCHAR', change: 'VARCHAR',
        verdict: 'VARCHAR', reason: 'VARCHAR', revision: 'VARCHAR',
        effects: 'STRUCT(list VARCHAR, contact_id VARCHAR, action VARCHAR, http_status INTEGER,
                         correlation_id VARCHAR)[]',
        attempts: 'INTEGER', lane: 'VARCHAR', batch_id: 'VARCHAR',
        source: 'STRUCT(topic VARCHAR, partition INTEGER, "offset" BIGINT, timestamp TIMESTAMP)',
        replay_id: 'VARCHAR', opt_out: 'VARCHAR',
        latency: 'STRUCT(crm_to_kafka_ms BIGINT, kafka_to_decided_ms BIGINT,
                         decided_to_sent_ms BIGINT, sent_to_accepted_ms BIGINT,
                         accepted_to_verified_ms BIGINT, kafka_to_blocked_ms BIGINT)',
        decided_at: 'TIMESTAMP', connector_version: 'VARCHAR', requests: 'INTEGER'},
        format = 'newline_delimited')
    -- a repeat after a crash has the same id and timestamp, and the first one counts
    QUALIFY row_number() OVER (PARTITION BY outcome_id, source.timestamp ORDER BY written) = 1"""


def decoder(registry: str | None) -> Callable[[bytes], dict[str, object]]:
    """Return what decodes an outcome: JSON, or Avro by the schema whose id is in front of it."""
    if registry is None:
        return json.loads
    client, known = SchemaRegistryClient({"url": registry}), {}

    def decode(value: bytes) -> dict[str, object]:
        schema_id = int.from_bytes(value[1:5], "big")
        if schema_id not in known:
            schema = json.loads(client.get_schema(schema_id).schema_str)
            known[schema_id] = fastavro.parse_schema(schema)
        return fastavro.schemaless_reader(BytesIO(value[5:]), known[schema_id], None)

    return decode


def values(servers: str, topic: str) -> Iterator[tuple[int, bytes]]:
    """Read a topic from its beginning to its present end; give time of writing and value."""
    consumer = Consumer(
        {
            "bootstrap.servers": servers,
            "group.id": "outcomes-to-duckdb",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
    )
    unread = set(consumer.list_topics(topic).topics[topic].partitions)
    consumer.assign([TopicPartition(topic, each, OFFSET_BEGINNING) for each in unread])
    while unread:
        for message in consumer.consume(10_000, timeout=1):
            error = message.error()
            if error is None:
                yield message.timestamp()[1], message.value()
            elif error.code() == KafkaError._PARTITION_EOF:  # public, for all its underscore
                unread.discard(message.partition())
            else:
                raise KafkaException(error)
    consumer.close()


def load(
    servers: str, topic: str, registry: str | None = None, database: str = ":memory:"
) -> duckdb.DuckDBPyConnection:
    """Fill the table `outcomes`, one row for each outcome, and return the database."""
    decode, connection = decoder(registry), duckdb.connect(database)
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as lines:
        for written, value in values(servers, topic):
            row = decode(value) | {"written": written}
            lines.write(json.dumps(row, default=lambda moment: f"{moment:%FT%T.%fZ}") + "\n")
        lines.flush()
        connection.execute(LOAD, [lines.name])
    return connection


if __name__ == "__main__":
    outcomes = load(*sys.argv[1:])
    for title, question in QUESTIONS.items():
        print(title, outcomes.sql(question), sep="\n")
