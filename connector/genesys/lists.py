"""Read the contact lists from the platform, as a worker and `connector check` do at start."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tenacity import AsyncRetrying, RetryCallState, retry_if_result, stop_after_attempt

from connector.domain.command import Urgency
from connector.domain.ids import ListId
from connector.domain.result import NO_RECEIPT, Receipt
from connector.genesys.answer import (
    Busy,
    Environment,
    Unavailable,
    Unclear,
    wish,
)
from connector.genesys.asking import Told
from connector.genesys.exchange import Exchange
from connector.genesys.list_book import ContactList, ListBook
from connector.genesys.requests import list_request
from connector.planning.gates import GateReason
from connector.planning.patience import Bounds, Wait, WaitKind, pause

QUICK = Bounds(first=0.3, longest=2.0, attempts=3)
"""A few seconds for a list; whoever wants to wait longer reads again."""


@dataclass(frozen=True, slots=True)
class UnreadList:
    """A contact list that could not be read.

    `refused` is the reason where the platform says no (credentials, permission, no such list): a
    person must act. None where it could not be reached: wait and read again, not before `after`
    seconds where it asked for silence. `code` and `broken` are the platform's code and the kind
    of a broken connection.
    """

    list_id: ListId
    refused: GateReason | None
    code: str | None = None
    broken: str | None = None
    after: float = 0.0
    receipt: Receipt = NO_RECEIPT

    def __str__(self) -> str:
        """Say what is wrong and what to do next."""
        why = (
            self.code
            or self.broken
            or (f"HTTP {self.receipt.http_status}" if self.receipt.http_status else "no answer")
        )
        return f"contact list {self.list_id}: {_ADVICE[self.refused]} ({why})"


_ADVICE: dict[GateReason | None, str] = {
    GateReason.CREDENTIALS: "the platform refuses the credentials; check genesys.client_id, "
    "genesys.client_secret and the region",
    GateReason.PERMISSION: "not permitted; give the OAuth client's role "
    "outbound:contactList:view, in the list's division",
    GateReason.LIST_MISSING: "there is no such list; check contact_list in the settings",
    GateReason.LIMIT: "a limit of the organisation is reached; ask its administrator",
    GateReason.BARRED: "the platform bars the organisation from it; ask its support",
    GateReason.OUTAGE: "what answers is not the platform's API; check genesys.region or api_url",
    None: "the platform cannot be reached; waiting helps, else check network and proxy",
}


async def read_lists(
    exchange: Exchange, list_ids: Iterable[ListId], jitter: Callable[[], float]
) -> tuple[ListBook, tuple[UnreadList, ...]]:
    """Read every list; return those that were read, and why the others were not.

    Each list is tried a few times within seconds where the platform is out of reach.
    """
    lists: dict[ListId, ContactList] = {}
    unread: list[UnreadList] = []
    for list_id in dict.fromkeys(list_ids):
        told = await _read_list(exchange, list_id, jitter)
        if isinstance(told.reading, ContactList):
            lists[list_id] = told.reading
        else:
            unread.append(_unread(list_id, told))
    return ListBook(lists), tuple(unread)


async def _read_list(exchange: Exchange, list_id: ListId, jitter: Callable[[], float]) -> Told:
    asked = list_request(list_id)

    def wait(state: RetryCallState) -> float:
        asked = 0.0 if state.outcome is None else wish(state.outcome.result().answer)
        kind = Wait(WaitKind.REFUSED, asked)
        return pause(kind, state.attempt_number, jitter(), QUICK) or 0.0

    retrying = AsyncRetrying(
        retry=retry_if_result(_passing),
        wait=wait,
        stop=stop_after_attempt(QUICK.attempts or 1),
        retry_error_callback=_last,
    )
    return await retrying(exchange.answer, asked, Urgency.COMPLIANCE)


def _passing(told: Told) -> bool:
    """Say whether a moment later may be better; a longer wish of the platform is its caller's."""
    passing = isinstance(told.answer, Unclear | Unavailable | Busy)
    return passing and wish(told.answer) <= QUICK.longest


def _last(state: RetryCallState) -> Told:
    if state.outcome is None:
        raise RuntimeError("tenacity gave up before the first attempt; report this as a bug")
    told: Told = state.outcome.result()
    return told


def _unread(list_id: ListId, told: Told) -> UnreadList:
    match told.answer:
        case Environment(reason=reason, code=code):
            return UnreadList(list_id, reason, code, told.broken, receipt=told.receipt)
        case answer:
            return UnreadList(
                list_id, None, broken=told.broken, after=wish(answer), receipt=told.receipt
            )
