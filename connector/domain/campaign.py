"""Hold a campaign: what of it decides whether it is turned on again."""

from dataclasses import dataclass
from enum import StrEnum

from connector.domain.ids import CampaignId, DncListId

COMPLETE = "complete"
"""The one status from which a campaign is turned on again (genesys-api.md section 8.3)."""

ON = "on"


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as the platform showed it. `status` is its `campaignStatus`, as it was written;
    `version` is what an update must name; `dnc_lists` are those that it heeds.
    """

    id: CampaignId
    status: str
    always_running: bool
    version: int
    name: str = ""
    dnc_lists: frozenset[DncListId] = frozenset()


class Restart(StrEnum):
    """What came of a campaign that was to be turned on again."""

    RESTARTED = "restarted"
    ALREADY_ON = "already_on"
    OVERTAKEN = "overtaken"
    REPORTED = "reported"
