"""Make schemas that no sane writer registers, and values of them."""

import io
import json
import random
from collections.abc import Iterator
from typing import Any

import fastavro

from connector.cdc.avro_schema import AvroSchema, UnusableSchemaError, read_schema
from tests.support.mutation import MARKER

_NAMES = [
    "lead_id",
    "first_name",
    "phone_mobile",
    "status",
    "do_not_call",
    "updated_at",
    "score",
    "before",
    "after",
    "source",
    "op",
    "lsn",
    "__op",
    "__deleted",
    "amount",
    "phone_home",
    "ChangeEventHeader",
    "recordIds",
    "changeType",
    "entityName",
    "Name",
    "changedFields",
    "commitNumber",
    "DoNotCall",
    "MobilePhone",
    "FirstName",
    "Status",
    "Score__c",
]
_PRIMITIVES = ["null", "boolean", "int", "long", "float", "double", "bytes", "string", "string"]
_LOGICAL = [
    "date",
    "time-millis",
    "time-micros",
    "timestamp-millis",
    "timestamp-micros",
    "timestamp-nanos",
    "uuid",
    "decimal",
    "local-timestamp-millis",
    "duration",
    "nonsense",
]
_CONNECT = [
    "io.debezium.time.Date",
    "io.debezium.time.MicroTime",
    "io.debezium.time.Timestamp",
    "io.debezium.data.VariableScaleDecimal",
    "org.apache.kafka.connect.data.Decimal",
]
_SCALES: tuple[object, ...] = (0, 2, -3, 999, 10**9, "2", "x", None, True)
_TEXTS = [
    "L-1",
    "c",
    "u",
    "d",
    "r",
    "true",
    "UPDATE",
    "DELETE",
    "Lead",
    "00Q5f000001AbCdEAK",
    "+12125550143",
    "0x06",
    "1-0x3",
    "DNC_Requested",
]
_TEXTS += ["", "é\u2028😀", MARKER, "x" * 600]
_DEEPEST = 3


def odd_schemas(rng: random.Random, count: int) -> Iterator[AvroSchema]:
    """Yield *count* schemas that can be read."""
    made = 0
    while made < count:
        try:
            yield read_schema(json.dumps(_record(rng, 0)))
        except UnusableSchemaError:
            continue
        made += 1


def a_value(rng: random.Random, schema: AvroSchema) -> bytes:
    """Write some value of the schema, without its frame."""
    stream = io.BytesIO()
    fastavro.schemaless_writer(stream, schema.skeleton, _some(rng, schema.skeleton))
    return stream.getvalue()


def _record(rng: random.Random, depth: int) -> dict[str, object]:
    names = rng.sample(_NAMES, rng.randrange(1, 9))
    fields = [{"name": name, "type": _type(rng, depth + 1)} for name in names]
    return _dressed(rng, {"type": "record", "name": _name(rng), "fields": fields})


def _type(rng: random.Random, depth: int) -> object:
    chance = rng.random()
    if chance < 0.35 or depth > _DEEPEST:
        return rng.choice(_PRIMITIVES)
    if chance < 0.6:
        return _dressed(rng, {"type": rng.choice(_PRIMITIVES)})
    inner = _type(rng, depth + 1)
    match rng.randrange(6):
        case 0:
            return ["null", inner]
        case 1:
            return [inner, "string", "double", _record(rng, depth)]
        case 2:
            return {"type": "array", "items": inner}
        case 3:
            return {"type": "map", "values": inner}
        case 4:
            size = rng.choice((0, 1, 4, 12, 16))
            return _dressed(rng, {"type": "fixed", "name": _name(rng), "size": size})
        case _:
            return _record(rng, depth)


def _dressed(rng: random.Random, node: dict[str, object]) -> dict[str, object]:
    """Add a meaning, which need not be one of the type."""
    if rng.random() < 0.5:
        node |= {"logicalType": rng.choice(_LOGICAL), "scale": rng.choice(_SCALES)}
    if rng.random() < 0.4:
        scale = {"scale": rng.choice(_SCALES)}
        node |= {"connect.name": rng.choice(_CONNECT), "connect.parameters": scale}
    return node


def _name(rng: random.Random) -> str:
    return f"T{rng.randrange(10**9)}"


def _some(rng: random.Random, node: Any) -> object:
    if isinstance(node, list):
        return _some(rng, rng.choice(node))
    if isinstance(node, dict):
        return _of_type(rng, node)
    match node:
        case "null":
            return None
        case "boolean":
            return rng.random() < 0.5
        case "int" | "long":
            return rng.choice((0, 1, -1, 20_000, 2**31 - 1, -(2**31), rng.randrange(10**9)))
        case "float" | "double":
            return rng.choice((0.0, 1.5, -0.0, 3e38, float("nan"), float("-inf"), 2.0**53))
        case "bytes":
            return rng.randbytes(rng.randrange(20))
        case _:
            return rng.choice(_TEXTS)


def _of_type(rng: random.Random, node: Any) -> object:
    match node["type"]:
        case "record":
            return {each["name"]: _some(rng, each["type"]) for each in node["fields"]}
        case "array":
            return [_some(rng, node["items"]) for _ in range(rng.randrange(4))]
        case "map":
            return {rng.choice(_TEXTS): _some(rng, node["values"]) for _ in range(3)}
        case "fixed":
            return rng.randbytes(node["size"])
        case kind:
            return _some(rng, kind)
