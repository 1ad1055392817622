"""Load our own schemas, `schemas/NAME.avsc`: what leaves the connector for others."""

from functools import cache
from pathlib import Path

import fastavro
import orjson

OUTCOME = "outcome.v1"
"""`genesys.leads.Outcome`, the value of the outcome topic."""

_PACKAGE = Path(__file__).parents[1]


@cache
def schema_text(name: str) -> str:
    """Return a schema in one line: what the registry is asked about and keeps."""
    installed, cloned = _PACKAGE / "schemas", _PACKAGE.parent / "schemas"
    folder = installed if installed.is_dir() else cloned
    return orjson.dumps(orjson.loads((folder / f"{name}.avsc").read_bytes())).decode()


@cache
def parsed_schema(name: str) -> object:
    """Return a schema as fastavro takes it."""
    parsed: object = fastavro.parse_schema(orjson.loads(schema_text(name)))
    return parsed


def value_subject(topic: str) -> str:
    """Return the subject of a topic's values, as every Confluent client names it by default."""
    return f"{topic}-value"
