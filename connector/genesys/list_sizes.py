"""Ask how many contacts a list holds: the call, and what came of it."""

from connector.domain.command import Urgency
from connector.domain.ids import ListId
from connector.genesys.answer import Answer, Environment
from connector.genesys.exchange import Exchange
from connector.genesys.failed import Failed, failed
from connector.genesys.list_book import ListSize
from connector.genesys.requests import list_size_request
from connector.planning.gates import GateReason


class ListSizes:
    """The platform's sizes of lists. Every request takes a slot of the budget, behind opt-outs."""

    __slots__ = ("_exchange",)

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def of(self, list_id: ListId) -> int | Failed:
        """Return how many contacts a list holds (genesys-api.md section 5)."""
        told = await self._exchange.answer(list_size_request(list_id), Urgency.WRITE)
        if isinstance(told.reading, ListSize):
            return told.reading.contacts
        return failed(told, _advice(told.answer))


def _advice(answer: Answer) -> str:
    match answer:
        case Environment(reason=GateReason.CREDENTIALS):
            return "check genesys.client_id and genesys.client_secret"
        case Environment(reason=GateReason.PERMISSION):
            return (
                "give the OAuth client's role outbound:contactList:view, in the division of the "
                "list"
            )
        case Environment(reason=GateReason.LIST_MISSING):
            return "check contact_list in the settings"
        case _:
            return "wait; if it goes on, look at the status of the platform"
