"""Name the identifiers that travel through the connector."""

from typing import NewType

LeadId = NewType("LeadId", str)
"""The CRM's id of a person, the value of the contact column `CRM_Lead_ID`."""

ListId = NewType("ListId", str)
"""The platform's id of a contact list."""

DncListId = NewType("DncListId", str)
"""The platform's id of a Do-Not-Call list."""

CampaignId = NewType("CampaignId", str)
"""The platform's id of a campaign."""

ContactId = NewType("ContactId", str)
"""The id of one contact on one contact list: chosen by us or, where others loaded it, theirs."""

OutcomeId = NewType("OutcomeId", str)
"""`topic/partition/offset`, then `/2`, `/3`, … for further outcomes, `@REPLAY_ID` for replays."""

Digest = NewType("Digest", str)
"""A keyed digest, base64url without padding: equal inputs are seen, nothing can be read back."""

PhoneNumber = NewType("PhoneNumber", str)
"""A number in E.164 (`+15551234567`). Personal data: never logged, never stored in the state."""

LEAD_ID_COLUMN = "CRM_Lead_ID"
"""The contact column that holds the lead id (brief.md, capability 1)."""
