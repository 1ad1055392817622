"""The shapes in which a CRM's change capture writes, and the Debezium settings of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

SNAPSHOT_CHUNK = 64
"""Rows that an incremental snapshot reads at a time."""
_FLATTENED = {
    "transforms": "unwrap",
    "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState",
    "transforms.unwrap.delete.tombstone.handling.mode": "rewrite-with-tombstone",
    "transforms.unwrap.add.fields": "op,source.lsn,source.ts_us,source.snapshot",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """One way to write the same changes; the names of the settings, and Debezium's own."""

    name: str
    envelope: str
    encoding: str
    config: Mapping[str, str]

    @property
    def topic(self) -> str:
        """Where the changes of the table go."""
        return f"{self.name}.public.crm_lead"

    def connector(self, database_port: int, registry: str) -> dict[str, str]:
        """Give the settings of the Debezium connector; *registry* is the registry's address."""
        return {
            "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
            "tasks.max": "1",
            "plugin.name": "pgoutput",
            "database.hostname": "127.0.0.1",
            "database.port": str(database_port),
            "database.user": "postgres",
            "database.password": "",
            "database.dbname": "postgres",
            "topic.prefix": self.name,
            "slot.name": f"{self.name}_slot",
            "publication.name": f"{self.name}_publication",
            "publication.autocreate.mode": "filtered",
            "table.include.list": "public.crm_lead",
            "signal.data.collection": "public.debezium_signal",
            "poll.interval.ms": "50",
            "incremental.snapshot.chunk.size": str(SNAPSHOT_CHUNK),
            "topic.creation.enable": "true",
            "topic.creation.default.partitions": "1",
            "topic.creation.default.replication.factor": "1",
            **_converters(self.encoding, registry),
            **self.config,
        }


def _converters(encoding: str, registry: str) -> dict[str, str]:
    if encoding == "json":
        json = "org.apache.kafka.connect.json.JsonConverter"
        return {
            f"{side}.{name}": value
            for side in ("key", "value")
            for name, value in (("converter", json), ("converter.schemas.enable", "true"))
        }
    ours = {
        "url": f"{registry}/apis/registry/v2",
        "auto-register": "true",
        "find-latest": "true",
        "as-confluent": "true",  # five bytes in front, as every Confluent client expects
        "use-id": "contentId",  # the ids that the Confluent protocol resolves
        "headers.enabled": "false",
    }
    return {
        "schema.name.adjustment.mode": "avro",
    } | {
        f"{side}.{name}": value
        for side in ("key", "value")
        for name, value in (
            ("converter", "io.apicurio.registry.utils.converter.AvroConverter"),
            *((f"converter.apicurio.registry.{name}", value) for name, value in ours.items()),
        )
    }


SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        shape.name: shape
        for shape in (
            Shape("avro", "debezium", "avro", {}),
            Shape("json", "debezium", "json", {}),
            Shape("flat", "debezium-flat", "avro", _FLATTENED),
        )
    }
)
"""By name: the envelope in Avro, the envelope in JSON with schemas, the flattened row in Avro."""
