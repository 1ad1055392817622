"""Say what kind of access to a place a call needs: what one call proves for another."""

from enum import StrEnum
from typing import assert_never

from connector.genesys.call import Call
from connector.planning.gates import GateReason


class Access(StrEnum):
    """What a call does at its place. Each takes a permission of its own (genesys-api.md section
    2.3), so that a good answer to one says nothing of another.
    """

    LOGIN = "login"
    READ = "read"
    WRITE = "write"
    REMOVE = "remove"
    BLOCK = "block"
    CAMPAIGN = "campaign"


def access_of(call: Call) -> Access:
    """Return the access that *call* needs."""
    match call:
        case Call.TOKEN:
            return Access.LOGIN
        case Call.LIST | Call.LIST_SIZE | Call.DNC_LIST | Call.SEARCH | Call.BULK_READ:
            return Access.READ
        case Call.POST_CONTACTS | Call.PUT_CONTACT:
            return Access.WRITE
        case Call.DELETE_CONTACTS:
            return Access.REMOVE
        case Call.POST_NUMBERS:
            return Access.BLOCK
        case Call.CAMPAIGNS | Call.CAMPAIGN | Call.PUT_CAMPAIGN:
            return Access.CAMPAIGN
        case _:
            assert_never(call)


def proves(answered: Call, refused: Call, reason: GateReason) -> bool:
    """Say whether a good answer to *answered* ends what shut a gate for *reason* at *refused*.

    Only the same access does. A write besides tells that a list is there which a read missed.
    """
    good = access_of(answered)
    if good is access_of(refused):
        return True
    return reason is GateReason.LIST_MISSING and good in (Access.WRITE, Access.BLOCK)
