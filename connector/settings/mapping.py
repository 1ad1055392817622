"""Section `[mapping]`: which source field means what."""

from typing import Annotated

import phonenumbers
from pydantic import AfterValidator, Field

from connector.settings.section import USUAL, Section
from connector.settings.values import Match, Text, refusal

LEAD_ID_COLUMN = "CRM_Lead_ID"
"""The column of every contact list that carries the lead id (brief, capability 1)."""


def _region(text: str) -> str:
    """Refuse what `phonenumbers` has no plan for; upper case it is."""
    code = text.strip().upper()
    if phonenumbers.country_code_for_region(code) == 0:
        raise refusal("must be a country of two letters (ISO 3166), such as US")
    return code


class LeadMapping(Section):
    """From the fields of a source's rows to a lead. `[sources.NAME.mapping]` has the same keys;
    a key given there takes the place of the whole key here.
    """

    lead_id: Annotated[Text | None, Field(examples=["lead_id"], json_schema_extra=USUAL)] = None
    """Source field that is `CRM_Lead_ID`. Only a salesforce source can do without: there it is
    the record id."""
    revision: Annotated[Text | None, Field(examples=["updated_at"])] = None
    """Source field that grows with each edit of a row: a flat or salesforce source may name
    one. Debezium's sources go by the log position."""
    default_region: Annotated[Text, AfterValidator(_region)] = "US"
    """Country of the numbers that are written without a country code."""
    columns: dict[str, Text] = Field(
        default_factory=dict,
        examples=[
            {
                "FirstName": "first_name",
                "LastName": "last_name",
                "Mobile": "phone_mobile",
                "Home": "phone_home",
                "TimeZone": "time_zone",
                "Status": "status",
            }
        ],
    )
    """Contact-list column = source field. `CRM_Lead_ID` is not named here: it comes from
    `lead_id`. Salesforce: `FirstName` and `Name.FirstName` are the same."""
    phones: dict[str, Text] = Field(
        default_factory=dict, examples=[{"Mobile": "cell", "Home": "home"}]
    )
    """Which columns hold numbers, and their type."""
    opt_out: Match = Field(
        default_factory=dict,
        examples=[{"do_not_call": [True], "status": ["DNC_Requested"]}],
    )
    """Source field = values. Any match means: must not be called, anywhere. `true` matches
    true, 1, "true", "t", "1" and "yes"; texts compare trimmed, case aside."""
    quarantine: Match = Field(default_factory=dict, examples=[{"status": ["Disqualified"]}])
    """Source field = values. Any match means: not from this list, for now."""
    values: dict[str, dict[str, str]] = Field(
        default_factory=dict, examples=[{"TimeZone": {"Eastern": "America/New_York"}}]
    )
    """For any column, source text (trimmed) = column text:
    `[mapping.values.TimeZone]` with `"Eastern" = "America/New_York"`."""
