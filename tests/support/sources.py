"""Builders of source specifications for tests of the decoder."""

from collections.abc import Mapping
from dataclasses import replace

from connector.cdc.source import Role, SourceSpec
from connector.planning.conditions import condition

COLUMNS: Mapping[str, str] = {
    "FirstName": "first_name",
    "Mobile": "phone_mobile",
    "Home": "phone_home",
    "Status": "status",
}
PHONES: Mapping[str, str] = {"Mobile": "cell", "Home": "home"}

FLAT = SourceSpec(
    name="default",
    topics=("leads",),
    envelope="flat",
    encoding="json",
    lead_id="lead_id",
    default_region="US",
    columns=COLUMNS,
    phones=PHONES,
    named=frozenset({"state", "score"}),
    revision="updated_at",
    opt_out=condition({"do_not_call": [True], "status": ["DNC_Requested"]}),
    quarantine=condition({"status": ["Disqualified"]}),
)
"""A source of flat records, much as contract.md section 3 shows it."""

DEBEZIUM = replace(FLAT, envelope="debezium", revision=None)
"""The same behind a Debezium connector."""

DEBEZIUM_FLAT = replace(DEBEZIUM, envelope="debezium-flat")
"""The same flattened."""

RECORDED = replace(
    DEBEZIUM,
    named=frozenset({"amount", "balance", "birth_date", "callback_at", "updated_at", "tags"}),
    opt_out=condition({"do_not_call": [True]}),
    quarantine={},
)
"""The source that wrote the recordings; the table has texts that no cell would hold."""

NUMBERS = SourceSpec(
    name="dnc",
    topics=("dnc",),
    envelope="flat",
    encoding="json",
    lead_id="",
    default_region="US",
    columns={},
    phones={},
    named=frozenset(),
    role=Role.NUMBERS,
    numbers=("phone", "fax"),
    when=condition({"active": [True]}),
)
"""A do-not-call table of numbers without a lead."""
