"""Make a reader of an Avro schema: values as JSON would hold them, and the shape beside them.

fastavro reads the bytes. It gets a skeleton of the schema: without logical types, so that values
stay what was written and one table (connect.py) tells how each is read, and without defaults and
names, which only a reader's schema needs and which writers get wrong.
"""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias
from uuid import UUID

import fastavro

from connector.cdc.cells import TextOf
from connector.cdc.connect import decimal_text, logical_text, number_text
from connector.cdc.wire import Datum, UndecodableError

FRAME = 5
"""Bytes before the value: Confluent's magic byte and the schema's id."""

_UUID = 16
"""Bytes of one."""

Node: TypeAlias = object
"""A schema as JSON has it: a name, a union's list, or an object."""

_PRIMITIVES = frozenset(
    {"null", "boolean", "int", "long", "float", "double", "bytes", "string"},
)
_CONNECT_OF = {
    "date": "org.apache.kafka.connect.data.Date",
    "time-millis": "org.apache.kafka.connect.data.Time",
    "time-micros": "io.debezium.time.MicroTime",
    "local-timestamp-millis": "io.debezium.time.Timestamp",
    "local-timestamp-micros": "io.debezium.time.MicroTimestamp",
    "local-timestamp-nanos": "io.debezium.time.NanoTimestamp",
}
"""Avro's logical types that are written as one of Connect's."""
_INSTANTS = {
    "timestamp-millis": "io.debezium.time.Timestamp",
    "timestamp-micros": "io.debezium.time.MicroTimestamp",
    "timestamp-nanos": "io.debezium.time.NanoTimestamp",
}
"""The same, but in UTC where no Connect name says that the writer knew of no zone."""


class UnusableSchemaError(Exception):
    """The schema is no Avro schema that can be read; the text says why."""


@dataclass(frozen=True, slots=True)
class AvroShape:
    """The shape of a record, as its writer's schema has it."""

    names: tuple[str, ...]
    texts: Mapping[str, TextOf]
    members: Mapping[str, "AvroShape"] = field(repr=False)

    def member(self, name: str) -> "AvroShape | None":
        """Return the shape of a field that is a record itself, in a union too."""
        return self.members.get(name)


@dataclass(frozen=True, slots=True)
class AvroSchema:
    """A writer's schema, ready to read: parsed once, used for every record that names its id."""

    skeleton: Any = field(repr=False)
    shape: AvroShape | None

    def read(self, data: bytes) -> Datum:
        """Read a framed value.

        Raises:
            UndecodableError: the bytes are not a value of the schema, whole and alone.
        """
        stream = io.BytesIO(data)
        stream.seek(FRAME)
        try:
            value = fastavro.schemaless_reader(stream, self.skeleton, None)
        except Exception as error:  # noqa: BLE001 - whatever fastavro meets in broken bytes
            raise UndecodableError(
                f"not Avro of its schema: {type(error).__name__} at byte {stream.tell()}"
            ) from None
        left = len(data) - stream.tell()
        if left:
            raise UndecodableError(f"not Avro of its schema: {left} bytes are left over")
        return Datum(value, self.shape, wrapped=True)


def read_schema(text: str, references: Sequence[str] = ()) -> AvroSchema:
    """Make the reader of the schema *text*; *references* are those that it names types of, each
    behind those that it refers to itself.

    Raises:
        UnusableSchemaError: it is no Avro schema, or one that reads without end.
    """
    types = _Types()
    try:
        for each in references:
            types.read(json.loads(each), "")
        read = types.read(json.loads(text), "")
        skeleton = fastavro.parse_schema(_defined_once(read.skeleton, set()))
    except UnusableSchemaError:
        raise
    except RecursionError:
        raise UnusableSchemaError("it is nested too deep") from None
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a text from elsewhere
        raise UnusableSchemaError(f"it is no Avro schema: {type(error).__name__}") from None
    return AvroSchema(skeleton, read.shape)


@dataclass(frozen=True, slots=True)
class _Type:
    """What a part of a schema comes to. `empty`: a value of it can take no byte at all."""

    skeleton: Any
    text: TextOf | None = None
    shape: AvroShape | None = None
    empty: bool = False


class _Types:
    """The named types of a schema, met one by one."""

    __slots__ = ("_known", "_open")

    def __init__(self) -> None:
        self._known: dict[str, _Type] = {}
        self._open: set[str] = set()

    def read(self, node: Node, namespace: str) -> _Type:
        """Read a schema, or a part of it, that stands in *namespace*."""
        if isinstance(node, list):
            return self._union([self.read(each, namespace) for each in node])
        if isinstance(node, str):
            return _primitive(node) if node in _PRIMITIVES else self._named(node, namespace)
        if not isinstance(node, dict):
            raise UnusableSchemaError("a type that is no name, list or object")
        kind = node.get("type")
        if kind in ("record", "error"):
            return self._record(node, namespace)
        if kind in ("enum", "fixed"):
            return self._leaf(node, kind, namespace)
        if kind == "array":
            return self._array(node, namespace)
        if kind == "map":
            values = self.read(node.get("values"), namespace)
            return _Type({"type": "map", "values": values.skeleton})
        read = self.read(kind, namespace)
        return replace(read, text=_text_of(node, kind) or read.text)

    def _named(self, name: str, namespace: str) -> _Type:
        full = name if "." in name or not namespace else f"{namespace}.{name}"
        if full in self._open:
            # fastavro recurses in C: a long chain would end the process.
            raise UnusableSchemaError("a record that holds itself")
        known = self._known.get(full) or self._known.get(name)
        if known is None:
            raise UnusableSchemaError("a type that is defined nowhere: is a reference missing?")
        return known

    def _record(self, node: Mapping[str, Any], namespace: str) -> _Type:
        full = _full_name(node, namespace)
        self._open.add(full)
        inner = full.rpartition(".")[0]
        fields = {each["name"]: self.read(each["type"], inner) for each in node["fields"]}
        self._open.discard(full)
        skeleton = {
            "type": "record",
            "name": f"t{len(self._known)}",
            "fields": [{"name": name, "type": each.skeleton} for name, each in fields.items()],
        }
        shape = AvroShape(
            tuple(fields),
            {name: each.text for name, each in fields.items() if each.text is not None},
            {name: each.shape for name, each in fields.items() if each.shape is not None},
        )
        empty = all(each.empty for each in fields.values())
        known = self._known[full] = _Type(skeleton, _text_of(node, "record"), shape, empty)
        return known

    def _leaf(self, node: Mapping[str, Any], kind: str, namespace: str) -> _Type:
        skeleton: dict[str, Any] = {"type": kind, "name": f"t{len(self._known)}"}
        size = node["size"] if kind == "fixed" else 1
        if kind == "enum":
            skeleton["symbols"] = node["symbols"]
        else:
            skeleton["size"] = size
        known = _Type(skeleton, _text_of(node, kind), empty=not size)
        self._known[_full_name(node, namespace)] = known
        return known

    def _array(self, node: Mapping[str, Any], namespace: str) -> _Type:
        items = self.read(node.get("items"), namespace)
        if items.empty:
            raise UnusableSchemaError("an array of items without bytes, which has no end")
        return _Type({"type": "array", "items": items.skeleton})

    def _union(self, branches: Sequence[_Type]) -> _Type:
        texts = [each.text for each in branches if each.text is not None]
        shapes = (each.shape for each in branches if each.shape is not None)
        return _Type(
            [each.skeleton for each in branches],
            texts[0] if len(texts) == 1 else _first_of(texts),
            next(shapes, None),
        )


def _primitive(name: str) -> _Type:
    text = number_text if name in ("float", "double") else None
    return _Type(name, text, empty=name == "null")


def _full_name(node: Mapping[str, Any], namespace: str) -> str:
    name, own = node["name"], node.get("namespace")
    if "." in name:
        return str(name)
    inner = namespace if own is None else own
    return f"{inner}.{name}" if inner else str(name)


def _text_of(node: Mapping[str, Any], kind: object) -> TextOf | None:
    """Return how values of *node* are written: the writer's own name for the type says more than
    Avro's logical type, which knows of fewer.
    """
    name, logical = node.get("connect.name"), node.get("logicalType")
    parameters = node.get("connect.parameters")
    scale = parameters.get("scale") if isinstance(parameters, dict) else None
    text = logical_text(name, node.get("scale", scale)) if isinstance(name, str) else None
    if text is not None or not isinstance(logical, str):
        return text
    if logical == "decimal":
        return decimal_text(node.get("scale", 0))
    if logical == "uuid" and kind == "fixed":
        return _uuid
    if logical in _INSTANTS:
        return _in_utc(logical_text(_INSTANTS[logical]))
    return logical_text(_CONNECT_OF.get(logical, ""))


def _uuid(value: object) -> str | None:
    return str(UUID(bytes=value)) if isinstance(value, bytes) and len(value) == _UUID else None


def _in_utc(local: TextOf | None) -> TextOf:
    def text(value: object) -> str | None:
        written = None if local is None else local(value)
        return None if written is None else written + "Z"

    return text


def _first_of(texts: Sequence[TextOf]) -> TextOf | None:
    """Return the writer of a union: that of the branch that knows the value."""
    if not texts:
        return None

    def text(value: object) -> str | None:
        return next((found for each in texts if (found := each(value)) is not None), None)

    return text


def _defined_once(node: Any, defined: set[str]) -> Any:
    """Return a skeleton in which every named type stands where it is used first."""
    if isinstance(node, list):
        return [_defined_once(each, defined) for each in node]
    if not isinstance(node, dict):
        return node
    name = node.get("name")
    if name in defined:
        return name
    if isinstance(name, str):
        defined.add(name)
    parts = {key: _defined_once(node[key], defined) for key in ("items", "values") if key in node}
    if "fields" in node:
        parts["fields"] = [
            {"name": each["name"], "type": _defined_once(each["type"], defined)}
            for each in node["fields"]
        ]
    return {**node, **parts}
