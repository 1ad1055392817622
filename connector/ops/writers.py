"""Judge what the registry knows of a source topic's records."""

from collections.abc import Iterator

from connector.cdc.avro_schema import AvroShape, UnusableSchemaError, read_schema
from connector.cdc.salesforce_names import own_name
from connector.ops.finding import Finding, doubtful, well
from connector.registry.writer_schemas import AVRO, SchemaText
from connector.settings.source import SALESFORCE, Source

_HIDDEN = "; where it is right, let the bridge's user read it in Salesforce (field-level security)"

_ROW = {"debezium": "after"}
"""Field that holds the row; in other envelopes the record is the row."""


def written(topic: str, source: Source, latest: SchemaText | None) -> Finding:
    """Say whether the newest schema of an Avro *topic* can be read, and has what the settings
    name. Only doubts: a topic without records has no schema yet, and records name their own.
    """
    what = f"schema {topic}-value"
    if latest is None:
        return doubtful(
            what,
            "is not registered: right if the topic is empty; else see whether registry.url is the "
            "one that its writer uses, and whether it writes Avro",
        )
    if latest.kind != AVRO:
        return doubtful(what, f"is of the type {latest.kind}; the source's encoding is avro")
    try:
        shape = read_schema(latest.text, latest.references).shape
    except UnusableSchemaError as unusable:
        return doubtful(what, f"cannot be read: {unusable}")
    lacking = _lacking(source, shape)
    if lacking:
        hidden = _HIDDEN if source.envelope == SALESFORCE else ""
        named = ", ".join(lacking)
        return doubtful(what, f"has no field {named}: correct the source's mapping{hidden}")
    return well(what, "is registered and has the fields that the settings name")


def _lacking(source: Source, shape: AvroShape | None) -> list[str]:
    """Name the fields that decide over a lead and are not in its rows."""
    row_field = _ROW.get(source.envelope)
    row = shape if shape is None or row_field is None else shape.member(row_field)
    mapping = source.mapping
    needed = [*(source.phones or ()), *(source.when or ()), *(mapping.opt_out or ())]
    if source.role != "numbers" and mapping.lead_id is not None:
        needed.append(mapping.lead_id)
    if source.role == "leads":
        needed.extend(mapping.columns.values())
    names = frozenset(() if row is None else row.names)
    if source.envelope == SALESFORCE:
        names = frozenset(() if row is None else _own_names(row))
        return sorted({name for name in needed if own_name(name) not in names})
    return sorted({name for name in needed if name not in names})


def _own_names(row: AvroShape) -> Iterator[str]:
    """Yield the fields and components of a change event as the object names them."""
    for name in row.names:
        yield name
        member = row.member(name)
        for part in () if member is None else member.names:
            yield own_name(f"{name}.{part}")
