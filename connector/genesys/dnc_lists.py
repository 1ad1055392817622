"""Read Do-Not-Call lists from the platform, as `connector check` does."""

from collections.abc import Iterable
from dataclasses import dataclass

from connector.domain.command import Urgency
from connector.domain.ids import DncListId
from connector.genesys.answer import Environment
from connector.genesys.exchange import Exchange
from connector.genesys.list_book import DncList
from connector.genesys.requests import dnc_list_request
from connector.planning.gates import GateReason

_ADVICE = {
    GateReason.CREDENTIALS: "the platform refuses the credentials",
    GateReason.PERMISSION: "not permitted to look at it, which only this check does; to see it, "
    "give the OAuth client's role outbound:dncList:view, in the list's division",
    GateReason.LIST_MISSING: "there is no such list; check dnc_list in the settings",
}


@dataclass(frozen=True, slots=True)
class UnreadDncList:
    """A DNC list that could not be read. `refused` is None where the platform is out of reach."""

    id: DncListId
    refused: GateReason | None
    detail: str

    def __str__(self) -> str:
        """Say what is wrong and what to do next."""
        advice = "the platform cannot be reached; try again, else check network and proxy"
        if self.refused is not None:
            advice = _ADVICE.get(self.refused, "the platform refuses; see the code")
        return f"DNC list {self.id}: {advice} ({self.detail})"


async def read_dnc_lists(
    exchange: Exchange, ids: Iterable[DncListId]
) -> tuple[DncList | UnreadDncList, ...]:
    """Read each list once; tell of each that was read, or why it was not."""
    return tuple([await _read(exchange, each) for each in dict.fromkeys(ids)])


async def _read(exchange: Exchange, dnc_list: DncListId) -> DncList | UnreadDncList:
    told = await exchange.answer(dnc_list_request(dnc_list), Urgency.COMPLIANCE)
    if isinstance(told.reading, DncList):
        return told.reading
    refused = told.answer.reason if isinstance(told.answer, Environment) else None
    code = told.answer.code if isinstance(told.answer, Environment) else None
    status = f"HTTP {told.receipt.http_status}" if told.receipt.http_status else "no answer"
    return UnreadDncList(dnc_list, refused, code or told.broken or status)
