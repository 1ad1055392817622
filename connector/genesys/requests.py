"""Turn a batch into the one request that asks for it. Pure; no personal data in any address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias
from urllib.parse import quote

import orjson

from connector.domain.campaign import ON
from connector.domain.command import (
    BlockNumber,
    FetchContact,
    FindContacts,
    QuarantineContact,
    RemoveContact,
    UpsertContact,
    Write,
)
from connector.domain.ids import LEAD_ID_COLUMN, CampaignId, ContactId, DncListId, ListId
from connector.domain.salesforce_id import forms_of
from connector.genesys.call import Call
from connector.genesys.list_book import ListBook
from connector.planning.batch import Batch, BatchKind

PAGE_SIZE = 100
"""The most a search returns in one page (genesys-api.md section 3.4)."""

_LISTS = "/api/v2/outbound/contactlists"
_DNC_LISTS = "/api/v2/outbound/dnclists"
_CAMPAIGNS = "/api/v2/outbound/campaigns"

Query: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request to the platform. `place` is the contact list or DNC list that it is about,
    empty for tokens and campaigns; `commands` how many commands it carries, `inserts` how many of
    them ask for a new contact. The body may hold personal data and credentials: no repr.
    """

    call: Call
    method: str
    path: str
    place: str = ""
    query: Query = ()
    body: bytes | None = field(default=None, repr=False)
    commands: int = 0
    inserts: int = 0

    @property
    def target_bytes(self) -> int:
        """Return the length of path and query, as far as we fill them."""
        return len(self.path) + sum(len(name) + len(value) + 2 for name, value in self.query)


def request(batch: Batch, book: ListBook, page: int = 1) -> Request:
    """Return the request that asks for all of *batch*; *page* is that of a look-up.

    Raises:
        ValueError: the batch is empty; a bug, for an empty batch has nothing to ask.
    """
    if not batch.commands:
        raise ValueError("an empty batch has no request; drop it instead")
    inserts = len(batch.inserts)
    return replace(_request(batch, book, page), commands=len(batch), inserts=inserts)


def _request(batch: Batch, book: ListBook, page: int) -> Request:
    match batch.pool.kind:
        case BatchKind.FIND:
            return _search(batch, page)
        case BatchKind.FETCH:
            return _bulk_read(batch)
        case BatchKind.QUARANTINE if len(batch) == 1:
            return _put(batch, book)
        case BatchKind.UPSERT | BatchKind.QUARANTINE:
            return _post(batch, book)
        case BatchKind.REMOVE:
            return _delete(batch)
        case BatchKind.BLOCK:
            return _block(batch)


def list_request(list_id: ListId) -> Request:
    """Return the request for a contact list's own description."""
    return Request(Call.LIST, "GET", f"{_LISTS}/{quote(list_id, safe='')}", list_id)


def list_size_request(list_id: ListId) -> Request:
    """Return the request for a contact list that tells how many contacts it holds."""
    return replace(list_request(list_id), call=Call.LIST_SIZE, query=(("includeSize", "true"),))


def dnc_list_request(dnc_list: DncListId) -> Request:
    """Return the request for a DNC list's own description, with how many entries it holds."""
    path = f"{_DNC_LISTS}/{quote(dnc_list, safe='')}"
    return Request(Call.DNC_LIST, "GET", path, dnc_list, (("includeSize", "true"),))


def campaigns_request(list_id: ListId, page: int = 1) -> Request:
    """Return the request for one page of the voice campaigns of a contact list."""
    query = (
        ("contactListId", list_id),
        ("pageSize", str(PAGE_SIZE)),
        ("pageNumber", str(page)),
    )
    return Request(Call.CAMPAIGNS, "GET", _CAMPAIGNS, query=query)


def campaign_request(campaign: CampaignId) -> Request:
    """Return the request for one campaign, whole."""
    return Request(Call.CAMPAIGN, "GET", _campaign(campaign))


def turn_on_request(campaign: CampaignId, document: Mapping[str, object]) -> Request:
    """Return the request that turns a campaign on: *document* as it was read, its version and all
    that we do not know of included, but for the status (genesys-api.md section 8.3).
    """
    body = orjson.dumps({**document, "campaignStatus": ON})
    return Request(Call.PUT_CAMPAIGN, "PUT", _campaign(campaign), body=body)


def bulk_read_request(place: str, contacts: Iterable[ContactId]) -> Request:
    """Return the request that reads these contacts of a list; those not there are left out."""
    body = orjson.dumps(list(contacts))
    return Request(Call.BULK_READ, "POST", f"{_contacts(place)}/bulk", place, body=body)


def _campaign(campaign: CampaignId) -> str:
    return f"{_CAMPAIGNS}/{quote(campaign, safe='')}"


def _contacts(place: str) -> str:
    return f"{_LISTS}/{quote(place, safe='')}/contacts"


def _search(batch: Batch, page: int) -> Request:
    """Look up by one EQUALS or one IN predicate (genesys-api.md section 6.5), under every form
    of the lead ids.
    """
    leads = dict.fromkeys(
        form
        for command in batch.commands
        if isinstance(command, FindContacts)
        for form in forms_of(command.lead)
    )
    predicate: dict[str, object] = {
        "column": LEAD_ID_COLUMN,
        "columnType": "alphabetic",
        "inverted": False,
    }
    if len(leads) == 1:
        predicate |= {"operator": "EQUALS", "value": next(iter(leads))}
    else:
        predicate |= {"operator": "IN", "range": {"inSet": list(leads)}}
    clause = {"filterType": "AND", "predicates": [predicate]}
    body = {
        "pageNumber": page,
        "pageSize": PAGE_SIZE,
        "criteria": {"filterType": "AND", "clauses": [clause]},
    }
    path = f"{_contacts(batch.pool.place)}/search"
    return Request(Call.SEARCH, "POST", path, batch.pool.place, body=orjson.dumps(body))


def _bulk_read(batch: Batch) -> Request:
    ids = dict.fromkeys(
        command.contact for command in batch.commands if isinstance(command, FetchContact)
    )
    return bulk_read_request(batch.pool.place, ids)


def _put(batch: Batch, book: ListBook) -> Request:
    (command,) = batch.commands
    if not isinstance(command, QuarantineContact):
        raise TypeError(f"a quarantine batch holds a {type(command).__name__}")
    path = f"{_contacts(batch.pool.place)}/{quote(command.contact, safe='')}"
    body = orjson.dumps(_contact(command, book))
    return Request(Call.PUT_CONTACT, "PUT", path, batch.pool.place, body=body)


def _post(batch: Batch, book: ListBook) -> Request:
    """Write many. `doNotQueue` keeps updated contacts in their place, so that no mere update
    dials again; new ones are queued as usual, and those that `requeue` names leave in a request
    of their own without it (genesys-api.md section 6.2).
    """
    contacts = [
        _contact(command, book)
        for command in batch.commands
        if isinstance(command, UpsertContact | QuarantineContact)
    ]
    pool = batch.pool
    stays = ("doNotQueue", "false" if pool.requeue else "true")
    query = (stays, *((("priority", "true"),) if pool.priority else ()))
    path = _contacts(pool.place)
    place = pool.place
    return Request(Call.POST_CONTACTS, "POST", path, place, query, orjson.dumps(contacts))


def _delete(batch: Batch) -> Request:
    ids = (command.contact for command in batch.commands if isinstance(command, RemoveContact))
    query = tuple(("contactIds", contact) for contact in dict.fromkeys(ids))
    path = _contacts(batch.pool.place)
    return Request(Call.DELETE_CONTACTS, "DELETE", path, batch.pool.place, query)


def _block(batch: Batch) -> Request:
    """Add numbers; there is no request of ours that takes one away."""
    numbers = dict.fromkeys(
        command.number for command in batch.commands if isinstance(command, BlockNumber)
    )
    body = orjson.dumps(list(numbers))
    path = f"{_DNC_LISTS}/{quote(batch.pool.place, safe='')}/phonenumbers"
    return Request(Call.POST_NUMBERS, "POST", path, batch.pool.place, body=body)


def _contact(command: UpsertContact | QuarantineContact, book: ListBook) -> dict[str, object]:
    may_be_called = isinstance(command, UpsertContact) and command.callable
    return {
        **command.write.kept,
        "id": ContactId(command.contact),
        "contactListId": command.list_id,
        "data": _cells(command.write, book.columns(command.list_id)),
        "callable": may_be_called,
    }


def _cells(write: Write, columns: tuple[str, ...]) -> Mapping[str, str]:
    """Return every column of the list, always: `contact.missing.columns` else."""
    if not columns:
        return write.data
    return {**dict.fromkeys(columns, ""), **write.data}
