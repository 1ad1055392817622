"""Write values of Kafka Connect as its Avro converter does: by their Connect schemas."""

import json
from base64 import b64decode
from collections.abc import Mapping

from tests.support.avro import framed
from tests.support.records import struct_schema

Schema = Mapping[str, object]
"""A schema as Connect's JSON converter writes it, or an enum of Avro."""

_PLAIN = {"int16": "int", "int32": "int", "int64": "long"}
_KINDS = {bool: "boolean", int: "int64", float: "double", str: "string"}


def schema_of(value: object) -> Schema:
    """Return a schema for a value that has none; lists are of texts."""
    if isinstance(value, dict):
        return struct_schema({name: schema_of(each) for name, each in value.items()})
    if isinstance(value, list):
        return {"type": "array", "items": {"type": "string"}}
    return {"type": _KINDS.get(type(value), "string"), "optional": value is None}


def avro(schema_id: int, schema: Schema, value: object) -> tuple[str, bytes]:
    """Return the Avro schema, and the value framed under its id."""
    kind = _type(schema, "Value", logical=True)
    raw = json.dumps(_type(schema, "Value", logical=False))
    return json.dumps(kind), framed(schema_id, raw, _raw(schema, value))


def _type(schema: Schema, name: str, *, logical: bool) -> object:
    """Return the type; without *logical* types fastavro writes bytes as they are."""
    kind = schema["type"]
    made: dict[str, object] = {"type": _PLAIN.get(str(kind), kind)}
    match schema:
        case {"type": "struct"}:
            made |= {
                "type": "record",
                "name": name,
                "fields": _fields(schema, name, logical=logical),
            }
        case {"type": "array", "items": Mapping() as items}:
            made["items"] = _type(items, name, logical=logical)
        case {"type": "enum", "symbols": symbols}:
            made |= {"name": name, "symbols": symbols}
        case {"type": "bytes"} if logical:
            made |= {"logicalType": "decimal", "precision": 38, "scale": 0}
    if "name" in schema:
        made["connect.name"] = schema["name"]
    return ["null", made] if schema.get("optional") else made


def _members(schema: Schema) -> list[Schema]:
    fields = schema["fields"]
    assert isinstance(fields, list)
    return fields


def _fields(schema: Schema, name: str, *, logical: bool) -> list[object]:
    return [
        {
            "name": each["field"],
            "type": _type(each, f"{name}_{each['field']}", logical=logical),
        }
        for each in _members(schema)
    ]


def _raw(schema: Schema, value: object) -> object:
    if value is None:
        return None
    if schema["type"] == "bytes":
        return b64decode(str(value))
    if isinstance(value, Mapping):
        return {
            str(each["field"]): _raw(each, value[str(each["field"])]) for each in _members(schema)
        }
    return value
