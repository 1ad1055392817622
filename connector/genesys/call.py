"""Name the calls of the platform that we make."""

from enum import StrEnum


class Call(StrEnum):
    """One call of the platform (genesys-api.md sections 2, 5, 6, 7 and 8)."""

    TOKEN = "token"  # noqa: S105  # the name of a call
    LIST = "list"
    DNC_LIST = "dnc_list"
    SEARCH = "search"
    BULK_READ = "bulk_read"
    POST_CONTACTS = "post_contacts"
    PUT_CONTACT = "put_contact"
    DELETE_CONTACTS = "delete_contacts"
    POST_NUMBERS = "post_numbers"
    CAMPAIGNS = "campaigns"
    CAMPAIGN = "campaign"
    PUT_CAMPAIGN = "put_campaign"
    LIST_SIZE = "list_size"


CONTACT_WRITES = frozenset({Call.POST_CONTACTS, Call.PUT_CONTACT, Call.DELETE_CONTACTS})
"""Calls that write contacts: the dialler may hold one of them."""

COMMAND_CALLS = CONTACT_WRITES | {Call.SEARCH, Call.BULK_READ, Call.POST_NUMBERS}
"""Calls that carry commands: a 400 there may be the fault of one of them."""

SIDE_CALLS = frozenset(
    {Call.CAMPAIGNS, Call.CAMPAIGN, Call.PUT_CAMPAIGN, Call.LIST_SIZE, Call.DNC_LIST}
)
"""Calls that no lead waits for: a refusal of theirs parks nothing and says nothing of others."""
