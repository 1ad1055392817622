"""What `connector check` says of the schema of a source topic."""

import json
from typing import Any

import pytest

from connector.ops.finding import Level
from connector.ops.writers import written
from connector.registry.writer_schemas import SchemaText
from connector.settings.mapping import LeadMapping
from connector.settings.source import Source


def a_source(envelope: str = "flat", **more: Any) -> Source:
    """Make an Avro source."""
    mapping = LeadMapping(
        lead_id="lead_id", columns={"Mobile": "phone"}, opt_out={"do_not_call": (True,)}
    )
    return Source.model_validate(
        {"topics": ("crm",), "envelope": envelope, "encoding": "avro", "mapping": mapping, **more}
    )


def a_record(*names: str) -> dict[str, object]:
    """Write the schema of a record with fields of these names."""
    fields = [{"name": name, "type": "string"} for name in names]
    return {"type": "record", "name": "Row", "fields": fields}


NAME = a_record("FirstName", "LastName")
EVENT = {
    "type": "record",
    "name": "Event",
    "fields": [
        {"name": "Name", "type": ["null", NAME]},
        {"name": "MobilePhone", "type": "string"},
        {"name": "DoNotCall", "type": "boolean"},
    ],
}
COLUMNS = {"First": "Name.FirstName", "Last": "LastName", "Mobile": "MobilePhone"}
LEAD = LeadMapping(columns=COLUMNS, opt_out={"DoNotCall": (True,)})
HIDDEN = LeadMapping(columns=COLUMNS, opt_out={"HasOptedOutOfEmail": (True,)})
ROW = a_record("lead_id", "phone", "do_not_call")
AROUND = {"type": "record", "name": "E", "fields": [{"name": "after", "type": ["null", ROW]}]}


@pytest.mark.parametrize(
    ("source", "schema", "level", "told"),
    [
        (a_source(), ROW, Level.OK, "has the fields"),
        (a_source("debezium"), AROUND, Level.OK, "has the fields"),
        (a_source("debezium-flat"), ROW, Level.OK, "has the fields"),
        (a_source("debezium"), ROW, Level.WARN, "has no field do_not_call, lead_id, phone"),
        (a_source(), a_record("lead_id", "phone"), Level.WARN, "has no field do_not_call"),
        (a_source(role="opt_outs"), a_record("lead_id", "do_not_call"), Level.OK, "has the fields"),
        (a_source(role="numbers", phones=("phone",)), a_record("do_not_call", "phone"), Level.OK, "has the fields"),
        (a_source("salesforce", mapping=LEAD), EVENT, Level.OK, "has the fields"),
        (a_source("salesforce", mapping=HIDDEN), EVENT, Level.WARN, "HasOptedOutOfEmail: correct"),
        (a_source("salesforce", mapping=HIDDEN), EVENT, Level.WARN, "field-level security"),
        (a_source(), "string", Level.WARN, "has no field"),
        (a_source(), "nothing", Level.WARN, "cannot be read"),
    ],
)  # fmt: skip
def test_the_newest_schema_is_compared_with_the_settings(
    source: Source, schema: object, level: Level, told: str
) -> None:
    """A field that decides over a lead and is not there is found before the worker runs."""
    finding = written("crm", source, SchemaText(json.dumps(schema)))
    assert (finding.name, finding.level) == ("schema crm-value", level)
    assert told in finding.detail


def test_a_topic_without_a_schema_may_be_empty() -> None:
    """It is no reason not to run."""
    assert written("crm", a_source(), None).level is Level.WARN
    assert "JSON" in written("crm", a_source(), SchemaText("{}", "JSON")).detail
