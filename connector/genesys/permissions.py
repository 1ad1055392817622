"""Say which permission each call needs, and find out by a read whether we have one."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from connector.domain.command import Urgency
from connector.domain.ids import ContactId, ListId
from connector.genesys.answer import (
    Environment,
    Throttled,
    TokenSpent,
    Unavailable,
    Unclear,
)
from connector.genesys.asking import Told
from connector.genesys.call import Call
from connector.genesys.exchange import Exchange
from connector.genesys.requests import bulk_read_request
from connector.planning.gates import GateReason

PERMISSIONS: Mapping[Call, str] = {
    Call.LIST: "outbound:contactList:view",
    Call.LIST_SIZE: "outbound:contactList:view",
    Call.DNC_LIST: "outbound:dncList:view",
    Call.SEARCH: "outbound:contact:view",
    Call.BULK_READ: "outbound:contact:view",
    Call.POST_CONTACTS: "outbound:contact:add",
    Call.PUT_CONTACT: "outbound:contact:edit",
    Call.DELETE_CONTACTS: "outbound:contact:delete",
    Call.POST_NUMBERS: "outbound:dnc:add",
    Call.CAMPAIGNS: "outbound:campaign:view",
    Call.CAMPAIGN: "outbound:campaign:view",
    Call.PUT_CAMPAIGN: "outbound:campaign:edit",
}
"""The permission that each call needs (genesys-api.md section 2.3); a token takes none."""


class Standing(Enum):
    """Whether a call is permitted, as far as the platform says."""

    NOT_REFUSED = "not refused"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Permitted:
    """What the platform said to a read of nobody; `code` is its code or status."""

    standing: Standing
    code: str


async def ask_to_read(exchange: Exchange, list_id: ListId, nobody: ContactId) -> Permitted:
    """Find out whether we may read contacts of a list; *nobody* is an id that no contact has."""
    return permitted(await exchange.answer(bulk_read_request(list_id, [nobody]), Urgency.WRITE))


def permitted(told: Told) -> Permitted:
    """Return what an answer says of the permission: only a 403 says that it lacks."""
    answer, receipt = told.answer, told.receipt
    code = answer.code if isinstance(answer, Environment) else None
    status = f"HTTP {receipt.http_status}" if receipt.http_status else "no answer"
    match answer:
        case Environment(reason=GateReason.PERMISSION):
            standing = Standing.REFUSED
        case (
            Environment(reason=GateReason.CREDENTIALS | GateReason.OUTAGE)
            | TokenSpent()
            | Throttled()
            | Unavailable()
            | Unclear()
        ):
            standing = Standing.UNKNOWN
        case _:
            standing = Standing.NOT_REFUSED
    return Permitted(standing, code or told.broken or status)
