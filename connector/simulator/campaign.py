"""Hold one campaign: the document as clients see and replace it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

from connector.simulator.contact import Status
from connector.simulator.contact_list import ContactList
from connector.simulator.seed import CampaignSeed, CampaignStatus

STATUSES = frozenset(get_args(CampaignStatus))


@dataclass(slots=True)
class Campaign:
    """A campaign of the books; `document` is the `Campaign` of the API, unknown fields kept.

    `passed` are the call records that contacts had when it was recycled, at `recycled_at`: they
    count no more in its progress.
    """

    id: str
    document: dict[str, object]
    recycled_at: float | None = None
    passed: Mapping[str, Status] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """The `campaignStatus`."""
        return str(self.document["campaignStatus"])

    @property
    def version(self) -> int:
        """The version that an update must name."""
        version = self.document["version"]
        return version if isinstance(version, int) else 0

    @property
    def contact_list(self) -> str:
        """The id of the contact list that it dials."""
        return reference(self.document.get("contactList"))

    @property
    def dnc_lists(self) -> frozenset[str]:
        """The ids of the DNC lists that it heeds."""
        lists = self.document.get("dncLists")
        return frozenset(map(reference, lists)) if isinstance(lists, list) else frozenset()

    def change(self, document: dict[str, object], now: str) -> None:
        """Take a new document; every successful update raises the version."""
        self.document = {
            **document,
            "id": self.id,
            "version": self.version + 1,
            "dateCreated": self.document["dateCreated"],
            "dateModified": now,
            "selfUri": self.document["selfUri"],
        }


def reference(value: object) -> str:
    """Return the id in a reference `{"id": "…"}`; empty where there is none."""
    return str(value.get("id", "")) if isinstance(value, dict) else ""


def seeded(seed: CampaignSeed, contacts: ContactList, now: str) -> Campaign:
    """Return a campaign as an administrator would have set it up for an agentless list."""
    described = contacts.document()
    return Campaign(
        seed.id,
        {
            "id": seed.id,
            "name": seed.name,
            "version": 1,
            "contactList": {"id": seed.contact_list, "name": contacts.name},
            "dialingMode": "agentless",
            "campaignStatus": seed.status,
            "phoneColumns": described["phoneColumns"],
            "dncLists": [{"id": one} for one in seed.dnc_lists],
            "callerName": "Simulator",
            "callerAddress": "+15550001111",
            "abandonRate": 3.0,
            "outboundLineCount": 5,
            "ruleSets": [],
            "contactListFilters": [],
            "contactSorts": [],
            "alwaysRunning": seed.always_running,
            "priority": 5,
            "noAnswerTimeout": 30,
            "callAnalysisLanguage": "en-us",
            "skipPreviewDisabled": False,
            "previewTimeOutSeconds": 0,
            "previewAutoEnd": False,
            "skillColumns": [],
            "dynamicContactQueueingSettings": {"sort": False, "filter": False},
            "errors": [],
            "division": {"id": "00000000-0000-4000-8000-000000000000", "name": "Home"},
            "dateCreated": now,
            "dateModified": now,
            "selfUri": f"/api/v2/outbound/campaigns/{seed.id}",
        },
    )
