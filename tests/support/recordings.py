"""Records that real Debezium connectors wrote, with the meaning of each.

`tests/data/cdc/NAME.jsonl` holds one Kafka record a line; `manifest.jsonl` says what each line
means: its kind (baseline, upsert, optout, optin, noop, delete, rekey-out, rekey-in, other,
ignore) and the lead. People, numbers and addresses in them are invented.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from connector.cdc.avro_schema import AvroSchema, read_schema
from connector.domain.record import Record

_FOLDER = Path(__file__).parent.parent / "data" / "cdc"
RECORDINGS: Mapping[str, str] = {
    "pg-json-plain": "debezium",
    "pg-json-schemas": "debezium",
    "pg-special": "debezium",
    "mariadb-json-plain": "debezium",
    "pg-flattened-json": "debezium-flat",
}
"""Recording → its envelope."""

AVRO_RECORDINGS = ("pg-avro", "pg-avro-edge")
"""PostgreSQL behind a schema registry; `schemas.json` has what it knew."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One record and what it means; `line` counts from 1."""

    line: int
    record: Record
    kind: str
    lead_id: str | None
    expect: str


def recording(name: str) -> tuple[Recorded, ...]:
    """Load one recording, in the order in which it was read from Kafka."""
    meanings = _meanings(name)
    lines = (_FOLDER / f"{name}.jsonl").read_text().splitlines()
    return tuple(
        Recorded(
            number,
            _record(line),
            meanings[number]["kind"],
            meanings[number]["lead_id"],
            meanings[number]["expect"],
        )
        for number, line in enumerate(lines, 1)
    )


def recorded_schemas() -> Mapping[int, AvroSchema]:
    """Load the schemas of the Avro recordings by their ids."""
    texts = json.loads((_FOLDER / "schemas.json").read_text())
    return {int(number): read_schema(text) for number, text in texts.items()}


def _meanings(name: str) -> Mapping[int, Mapping[str, str]]:
    lines = (json.loads(line) for line in (_FOLDER / "manifest.jsonl").read_text().splitlines())
    return {each["line"]: each for each in lines if each["file"] == name}


def _record(line: str) -> Record:
    read = json.loads(line)
    return Record(
        read["topic"],
        read["partition"],
        read["offset"],
        read["timestamp"],
        _bytes(read["key_b64"]),
        _bytes(read["value_b64"]),
        tuple((name, _bytes(value)) for name, value in read["headers"]),
    )


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)
