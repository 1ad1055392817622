"""Write records as Confluent's Avro serializer does."""

import io
import json
from collections.abc import Mapping

import fastavro

LEAD = json.dumps(
    {
        "type": "record",
        "name": "Lead",
        "fields": [
            {"name": "lead_id", "type": "string"},
            {"name": "first_name", "type": ["null", "string"], "default": None},
            {"name": "phone_mobile", "type": ["null", "string"], "default": None},
            {"name": "do_not_call", "type": "boolean", "default": False},
        ],
    }
)
"""The schema of a flat lead."""

KEY = json.dumps(
    {"type": "record", "name": "Key", "fields": [{"name": "lead_id", "type": "string"}]}
)


def framed(schema_id: int, schema: str, value: object) -> bytes:
    """Write a value behind the magic byte and its schema's id."""
    stream = io.BytesIO()
    fastavro.schemaless_writer(stream, fastavro.parse_schema(json.loads(schema)), value)
    return b"\0" + schema_id.to_bytes(4, "big") + stream.getvalue()


def a_lead(schema_id: int, lead: str, **fields: object) -> bytes:
    """Write a flat lead."""
    row: Mapping[str, object] = {"lead_id": lead, "do_not_call": False, **fields}
    return framed(schema_id, LEAD, row)
