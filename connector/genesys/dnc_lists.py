"""Read Do-Not-Call lists from the platform, as coverage rounds and `connector check` do."""

from connector.domain.command import Urgency
from connector.domain.dnc_list import DncList
from connector.domain.ids import DncListId
from connector.genesys.answer import Answer, Environment
from connector.genesys.exchange import Exchange
from connector.genesys.failed import Failed, failed
from connector.genesys.requests import dnc_list_request
from connector.planning.gates import GateReason


class DncLists:
    """The platform's DNC lists. Every request takes a slot of the budget, behind opt-outs."""

    __slots__ = ("_exchange",)

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def read(self, dnc_list: DncListId) -> DncList | Failed:
        """Return a list with its size (genesys-api.md section 7)."""
        told = await self._exchange.answer(dnc_list_request(dnc_list), Urgency.WRITE)
        if isinstance(told.reading, DncList):
            return told.reading
        return failed(told, _advice(told.answer))


def _advice(answer: Answer) -> str:
    match answer:
        case Environment(reason=GateReason.CREDENTIALS):
            return "the platform refuses the credentials"
        case Environment(reason=GateReason.PERMISSION):
            return (
                "not permitted to look at it; give the OAuth client's role outbound:dncList:view, "
                "in the list's division"
            )
        case Environment(reason=GateReason.LIST_MISSING):
            return "there is no such list; check dnc_list in the settings"
        case Environment():
            return "the platform refuses; see the code"
        case _:
            return "the platform cannot be reached; try again, else check network and proxy"
