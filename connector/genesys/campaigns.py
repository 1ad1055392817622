"""Find, read and turn on campaigns: the calls, and what came of each."""

from dataclasses import dataclass
from typing import TypeAlias

from connector.domain.campaign import Campaign
from connector.domain.command import Urgency
from connector.domain.ids import CampaignId, ListId
from connector.genesys.answer import (
    Answer,
    Applied,
    Environment,
    Missing,
    Outdated,
    Unfit,
)
from connector.genesys.asking import Told
from connector.genesys.campaign_body import Campaigns, WholeCampaign
from connector.genesys.exchange import Exchange
from connector.genesys.failed import Failed, failed
from connector.genesys.requests import (
    Request,
    campaign_request,
    campaigns_request,
    turn_on_request,
)
from connector.planning.gates import GateReason

MOST_PAGES = 20
"""2,000 campaigns of one list: a listing that goes on for ever is no listing."""


@dataclass(frozen=True, slots=True)
class TurnedOn:
    """The campaign is on; `already`: somebody else was faster."""

    already: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """Nothing was done: the campaign is another by now. Read it again, decide again."""


@dataclass(frozen=True, slots=True)
class Gone:
    """There is no such campaign any more."""


Turned: TypeAlias = TurnedOn | Changed | Gone | Failed


class CampaignCalls:
    """The platform's campaigns. Every request takes a slot of the budget, behind opt-outs."""

    __slots__ = ("_exchange",)

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def of_list(
        self, list_id: ListId, most_pages: int = MOST_PAGES
    ) -> tuple[Campaign, ...] | Failed:
        """Return all voice campaigns of a contact list; one request for each 100, so many of them
        at most.
        """
        found: dict[CampaignId, Campaign] = {}
        page, pages = 1, 1
        while page <= min(pages, most_pages):
            told = await self._ask(campaigns_request(list_id, page))
            if not isinstance(told.reading, Campaigns):
                return failed(told, _advice(told.answer, "outbound:campaign:view"))
            found |= {each.id: each for each in told.reading.campaigns}
            page, pages = page + 1, told.reading.pages
        return tuple(found.values())

    async def read(self, campaign: CampaignId) -> WholeCampaign | Gone | Failed:
        """Return one campaign with its whole document."""
        told = await self._ask(campaign_request(campaign))
        if isinstance(told.reading, WholeCampaign):
            return told.reading
        if isinstance(told.answer, Missing):
            return Gone()
        return failed(told, _advice(told.answer, "outbound:campaign:view"))

    async def turn_on(self, whole: WholeCampaign) -> Turned:
        """Turn a campaign on as it was read: nothing else of it changes, and only this version."""
        told = await self._ask(turn_on_request(whole.campaign.id, whole.document))
        match told.answer:
            case Applied():
                return TurnedOn(already=told.reading is None)
            case Outdated():
                return Changed()
            case Missing():
                return Gone()
            case _:
                return failed(told, _advice(told.answer, "outbound:campaign:edit"))

    async def _ask(self, asked: Request) -> Told:
        return await self._exchange.answer(asked, Urgency.WRITE)


def _advice(answer: Answer, permission: str) -> str:
    match answer:
        case Environment(reason=GateReason.CREDENTIALS):
            return "check genesys.client_id and genesys.client_secret"
        case Environment(reason=GateReason.PERMISSION):
            return (
                f"give the OAuth client's role {permission}, in the division of the campaign, "
                'or set campaigns = "off" for the list'
            )
        case Environment(reason=GateReason.LIST_MISSING):
            return "check contact_list in the settings"
        case Environment(reason=GateReason.LIMIT):
            return "turn another campaign off, or ask the organisation's administrator for room"
        case Unfit():
            return "edit the campaign, or turn it on by hand: the platform says what it lacks"
        case _:
            return "wait; if it goes on, look at the status of the platform"
