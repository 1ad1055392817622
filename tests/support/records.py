"""Builders of Kafka records: flat rows and Debezium envelopes, with sensible defaults."""

import json
from collections.abc import Mapping

from connector.domain.record import Headers, Record

TOPIC = "crm.public.crm_lead"
COMMITTED = 1_795_488_339_606
"""ms: when the database committed, unless a test says otherwise."""


def as_json(value: object) -> bytes | None:
    """Write *value* as JSON; bytes and None stay what they are."""
    if value is None or isinstance(value, bytes):
        return value
    return json.dumps(value, ensure_ascii=False).encode()


def a_record(
    value: object = None,
    key: object = None,
    headers: Headers = (),
    *,
    topic: str = TOPIC,
    partition: int = 0,
    offset: int = 0,
    timestamp: int = COMMITTED + 50,
) -> Record:
    """Make a record; key and value are bytes, None, or what is to be written as JSON."""
    return Record(topic, partition, offset, timestamp, as_json(key), as_json(value), headers)


def flat(lead: object = "L-1", /, **fields: object) -> Record:
    """Make a flat record of a lead: its id and the fields given; the key is the id by itself."""
    return a_record({"lead_id": lead, **fields}, str(lead).encode())


def source_block(**fields: object) -> dict[str, object]:
    """Make PostgreSQL's `source` block of a streamed change."""
    block: dict[str, object] = {
        "version": "3.6.3.Final",
        "connector": "postgresql",
        "name": "crm",
        "ts_ms": COMMITTED,
        "snapshot": "false",
        "db": "crm",
        "sequence": '["26458288","26458288"]',
        "ts_us": COMMITTED * 1_000 + 378,
        "ts_ns": COMMITTED * 1_000_000 + 378_000,
        "schema": "public",
        "table": "crm_lead",
        "txId": 750,
        "lsn": 26_458_288,
        "xmin": None,
        "origin": None,
        "origin_lsn": None,
    }
    return block | fields


def envelope(
    op: str,
    after: Mapping[str, object] | None = None,
    before: Mapping[str, object] | None = None,
    **source: object,
) -> dict[str, object]:
    """Make a Debezium envelope; further names are fields of its `source` block."""
    block = source_block(**source)
    rest = {"transaction": None, "ts_ms": COMMITTED + 40}
    return {"before": before, "after": after, "source": block, "op": op, **rest}


def debezium(
    op: str = "c",
    after: Mapping[str, object] | None = None,
    before: Mapping[str, object] | None = None,
    headers: Headers = (),
    offset: int = 0,
    **source: object,
) -> Record:
    """Make a Debezium record; its key is the lead id of the row that it tells of."""
    row = after or before or {}
    key = {"lead_id": row["lead_id"]} if "lead_id" in row else None
    return a_record(envelope(op, after, before, **source), key, headers, offset=offset)


def with_schema(payload: object, schema: object) -> dict[str, object]:
    """Wrap a key or value as Connect's JSON converter does where schemas are enabled."""
    return {"schema": schema, "payload": payload}


def struct_schema(fields: Mapping[str, Mapping[str, object]]) -> dict[str, object]:
    """Make the schema of a struct: field → its schema."""
    listed = [{**each, "field": name} for name, each in fields.items()]
    return {"type": "struct", "optional": True, "fields": listed}
