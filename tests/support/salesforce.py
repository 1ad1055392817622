"""The Salesforce corpus (`tests/data/salesforce`): events in each layout, and what each means.

A line has `says` (the rule that it shows), `value`, perhaps `key` and `headers`, and `means`: one
entry for each outcome, in their order.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from connector.cdc.avro_schema import read_schema
from connector.cdc.decoding import Decoder
from connector.cdc.source import SourceSpec
from connector.domain.record import Record
from connector.planning.conditions import condition
from tests.support.avro import framed
from tests.support.records import a_record

HOME = Path(__file__).parents[1] / "data" / "salesforce"
NATIVE, CONNECT, MOVED, FOREIGN = 1, 2, 3, 4
"""Ids of schemas."""

LAYOUTS = ("a", "a-json", "b", "c", "d")

SALESFORCE = SourceSpec(
    name="crm",
    topics=("leads",),
    envelope="salesforce",
    encoding="json",
    lead_id="",
    default_region="US",
    columns={
        "First": "FirstName",
        "Last": "Name.LastName",
        "Mobile": "MobilePhone",
        "Home": "Phone",
        "Status": "Status",
        "Region": "Address.State",
        "Notes": "Description",
        "Score": "Score__c",
    },
    phones={"Mobile": "cell", "Home": "home"},
    named=frozenset({"Company"}),
    opt_out=condition({"DoNotCall": [True]}),
    quarantine=condition({"Status": ["Disqualified"]}),
)
"""A source that names fields in both spellings."""


@dataclass(frozen=True, slots=True)
class Line:
    """One event of the corpus. `means` is what it must come to, an entry for each outcome."""

    layout: str
    says: str
    value: object
    means: list[dict[str, object]]
    key: object = None
    headers: Mapping[str, str] | None = None

    def record(self, schema_id: int | None = None) -> Record:
        """Return the Kafka record: JSON, or Avro of the schema of that id."""
        headers = tuple((name, text.encode()) for name, text in (self.headers or {}).items())
        key = self.key.encode() if isinstance(self.key, str) else self.key
        value = self.value
        if schema_id is not None:
            value = framed(schema_id, schemas()[schema_id], value)
        return a_record(value, key, headers, offset=7)


def corpus(*layouts: str) -> list[Line]:
    """Return the lines of *layouts*."""
    return [
        Line(layout, **json.loads(line))
        for layout in layouts
        for line in (HOME / f"{layout}.jsonl").read_text().splitlines()
    ]


@cache
def schemas() -> Mapping[int, str]:
    """Return the schemas of layout `a` and `c`, and two that are like that of `a`: one in which an
    administrator's new field moves the others, one to which a bridge has added the id in front.
    """
    native = json.loads((HOME / "LeadChangeEvent.avsc").read_text())
    added = {"name": "New__c", "type": ["null", "string"], "default": None}
    fields = native["fields"]
    made = {
        NATIVE: native,
        CONNECT: json.loads((HOME / "ConfluentLeadChangeEvent.avsc").read_text()),
        MOVED: {**native, "fields": [fields[0], added, *fields[1:]]},
        FOREIGN: {**native, "fields": [added, *fields]},
    }
    return {schema_id: json.dumps(schema) for schema_id, schema in made.items()}


@cache
def decoder(encoding: str) -> Decoder:
    """Return a decoder of the corpus' source, which knows its schemas."""
    known = {schema_id: read_schema(text) for schema_id, text in schemas().items()}
    return Decoder(replace(SALESFORCE, encoding=encoding), schemas=known.get)
