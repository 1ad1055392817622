"""Sections `[source]` and `[sources.NAME]`: the topics that CRM changes come from."""

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field

from connector.settings.mapping import LeadMapping
from connector.settings.section import Section
from connector.settings.values import Encoding, Match, Text, TopicName, refusal

Envelope: TypeAlias = Literal["debezium", "debezium-flat", "salesforce", "flat"]
SALESFORCE = "salesforce"
Role: TypeAlias = Literal["leads", "opt_outs", "numbers"]


def _named_once(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names:
        raise refusal("must name at least one")
    if len(set(names)) != len(names):
        raise refusal("names one twice")
    return names


class Source(Section):
    """One source of changes. A connector with one has `[source]`; one with several has
    `[sources.NAME]` for each instead.
    """

    topics: Annotated[
        tuple[TopicName, ...],
        AfterValidator(_named_once),
        Field(examples=[["crm.public.crm_lead"]]),
    ]
    """Topics to read."""
    envelope: Annotated[Envelope, Field(examples=["debezium"])]
    """Format around a row: `debezium`, `debezium-flat` (its ExtractNewRecordState),
    `salesforce` (Change Data Capture) or `flat` (the record is the row)."""
    encoding: Encoding = "json"
    """`avro` (registry wire format) or `json`; absent: `avro` with a `[registry]`, else
    `json`."""
    role: Role = "leads"
    """What its records say. `leads`: everything about a lead. `opt_outs`: only opt-outs count,
    every other change is `unchanged/not_a_lead_change` (a second CRM beside the lead store).
    `numbers`: numbers without a lead (a company's own do-not-call table); each goes to every
    DNC list, and a delete takes nothing away."""
    phones: Annotated[tuple[Text, ...] | None, Field(examples=[["phone"]])] = None
    """With `role = "numbers"`: the source fields that hold numbers."""
    when: Annotated[Match | None, Field(examples=[{"active": [True]}])] = None
    """With `role = "numbers"`: source field = values; only such records count. Absent: all."""
    mapping: LeadMapping = LeadMapping()
    """Where this source's fields differ: the keys of `[mapping]`, each in place of the one
    there."""
