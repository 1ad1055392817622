"""Turn the body of an answer into results, matched by id and never by position. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import orjson

from connector.domain.command import (
    BlockNumber,
    Command,
    FetchContact,
    FindContacts,
    QuarantineContact,
    RemoveContact,
    UpsertContact,
)
from connector.domain.contact import Contact
from connector.domain.dnc_list import DncList
from connector.domain.ids import LEAD_ID_COLUMN, ContactId, DncListId, LeadId, ListId
from connector.domain.result import Accepted, Found, Receipt, Result, Seen, Unknown
from connector.domain.salesforce_id import forms_of
from connector.genesys.call import Call
from connector.genesys.campaign_body import (
    Campaigns,
    WholeCampaign,
    read_campaigns,
    read_whole_campaign,
)
from connector.genesys.contact_body import UnreadableError, read_contact
from connector.genesys.list_book import ContactList, ListSize
from connector.genesys.requests import PAGE_SIZE, Request


@dataclass(frozen=True, slots=True)
class Contacts:
    """Contacts that were read. `total` is how many a look-up matches over all its pages."""

    contacts: tuple[Contact, ...] = field(repr=False)
    total: int | None = None

    def more_after(self, found: Collection[Contact]) -> bool:
        """Say whether a further page may hold more than this one and those *found* before it.

        A page that brings nothing new is the last, whatever its total says.
        """
        known = {contact.id for contact in found}
        new = {contact.id for contact in self.contacts} - known
        full = len(self.contacts) >= PAGE_SIZE
        return full and bool(new) and (self.total is None or len(known | new) < self.total)


@dataclass(frozen=True, slots=True)
class Written:
    """The ids of the contacts that a write answered with."""

    ids: frozenset[ContactId]


@dataclass(frozen=True, slots=True)
class Taken:
    """Accepted as a whole; the call answers nothing more."""


@dataclass(frozen=True, slots=True)
class Grant:
    """An access token and its life in seconds."""

    token: str = field(repr=False)
    expires_in: float


Reading: TypeAlias = (
    Contacts
    | Written
    | Taken
    | Grant
    | ContactList
    | ListSize
    | DncList
    | Campaigns
    | WholeCampaign
)


class Garbled:
    """What stands for the document of a body that is no JSON."""


GARBLED = Garbled()


def parse(body: bytes) -> object:
    """Return the JSON document of a body: None of an empty one, `GARBLED` of what is no JSON."""
    if not body.strip():
        return None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return GARBLED


def read(request: Request, document: object) -> Reading | None:
    """Return what the *document* of a 2xx says, None where it is not what the call answers."""
    try:
        return _read(request, document)
    except UnreadableError:
        return None


def error_code(document: object) -> str | None:
    """Return the `code` of an error body, or `error` of the login's; None if it has none.

    Only what looks like a code: a body may hold anything, and this goes to logs and letters.
    """
    if not isinstance(document, dict):
        return None
    code = document.get("code") or document.get("error")
    return code if isinstance(code, str) and _CODE.fullmatch(code) else None


_TOKEN = re.compile(r"[\x21-\x7e]+")
"""What may stand in an `Authorization` header (RFC 6750 section 2.1, and what is like it)."""

_CODE = re.compile(r"[a-z][a-z._-]{1,99}")
"""Every code of genesys-api.md is lower-case words; digits would let a number through."""


def results(
    commands: Iterable[Command], reading: Reading | None, receipt: Receipt, after: float = 0.0
) -> Mapping[Command, Result]:
    """Return the result of each command that a 2xx answered with *reading*.

    A contact that was sent and does not come back is Unknown, to be repeated *after* seconds:
    nobody says that it was written.
    """
    unknown = Unknown(after, receipt)
    match reading:
        case Written(ids=ids):
            return {each: _written(each, ids, Accepted(receipt), unknown) for each in commands}
        case Contacts(contacts=contacts):
            return _read_results(commands, contacts, receipt, unknown)
        case Taken():
            return dict.fromkeys(commands, Accepted(receipt))
        case (
            Grant() | ContactList() | ListSize() | DncList() | Campaigns() | WholeCampaign() | None
        ):
            return dict.fromkeys(commands, unknown)


def _written(
    command: Command, ids: frozenset[ContactId], accepted: Accepted, unknown: Unknown
) -> Result:
    match command:
        case UpsertContact(contact=contact) | QuarantineContact(contact=contact) if contact in ids:
            return accepted
        case _:
            return unknown


def _read_results(
    commands: Iterable[Command],
    contacts: tuple[Contact, ...],
    receipt: Receipt,
    unknown: Unknown,
) -> Mapping[Command, Result]:
    """Tell the contacts by the lead that they name, letter by letter: the platform's search may
    be blind to case, and ids that differ in nothing else are two people's.
    """
    by_id = {contact.id: contact for contact in contacts}
    by_lead: dict[LeadId, list[Contact]] = {}
    for contact in by_id.values():
        by_lead.setdefault(LeadId(contact.data.get(LEAD_ID_COLUMN, "")), []).append(contact)
    told: dict[Command, Result] = {}
    for command in commands:
        match command:
            case FindContacts(lead=lead):
                found = (each for form in forms_of(lead) for each in by_lead.get(form, ()))
                told[command] = Found(tuple(found), receipt)
            case FetchContact(contact=contact_id):
                told[command] = Seen(by_id.get(contact_id), receipt)
            case UpsertContact() | QuarantineContact() | RemoveContact() | BlockNumber():
                told[command] = unknown
    return told


def _read(request: Request, found: object) -> Reading:
    match request.call:
        case Call.SEARCH:
            return _page(found, ListId(request.place))
        case Call.BULK_READ:
            return Contacts(_contacts(found, ListId(request.place)))
        case Call.POST_CONTACTS:
            return Written(frozenset(_ids(found)))
        case Call.PUT_CONTACT:
            return Written(frozenset(_ids([found])))
        case Call.TOKEN:
            return _grant(found)
        case Call.DELETE_CONTACTS | Call.POST_NUMBERS:
            return _taken(found)
        case (
            Call.LIST
            | Call.LIST_SIZE
            | Call.DNC_LIST
            | Call.CAMPAIGNS
            | Call.CAMPAIGN
            | Call.PUT_CAMPAIGN
        ):
            return _description(request.call, found)


def _description(call: Call, found: object) -> Reading:
    """Return what the platform says about a list or a campaign."""
    match call:
        case Call.LIST:
            return _list(found)
        case Call.LIST_SIZE:
            return _list_size(found)
        case Call.DNC_LIST:
            return _dnc_list(found)
        case Call.CAMPAIGNS:
            return read_campaigns(found)
        case _:
            return read_whole_campaign(found)


def _taken(found: object) -> Taken:
    """Take any answer of a call that documents none, but not a page that something between us and
    the platform made up.
    """
    if isinstance(found, Garbled):
        raise UnreadableError
    return Taken()


def _page(found: object, list_id: ListId) -> Contacts:
    if not isinstance(found, dict):
        raise UnreadableError
    total = found.get("total")
    contacts = _contacts(found.get("entities"), list_id)
    return Contacts(contacts, total if isinstance(total, int) else None)


def _contacts(found: object, list_id: ListId) -> tuple[Contact, ...]:
    if not isinstance(found, list):
        raise UnreadableError
    return tuple(read_contact(each, list_id) for each in found)


def _ids(found: object) -> Iterable[ContactId]:
    if not isinstance(found, list):
        raise UnreadableError
    for each in found:
        if not isinstance(each, dict):
            raise UnreadableError
        if isinstance(each.get("id"), str):
            yield ContactId(each["id"])


def _list(found: object) -> ContactList:
    match found:
        case {"id": str(list_id), "columnNames": list(columns), **rest}:
            name, phones = rest.get("name"), rest.get("phoneColumns")
            automatic = rest.get("automaticTimeZoneMapping") is True
        case _:
            raise UnreadableError
    listed = phones if isinstance(phones, list) else []
    return ContactList(
        id=ListId(list_id),
        name=name if isinstance(name, str) else "",
        columns=tuple(str(column) for column in columns),
        phones=dict(_phone(each) for each in listed),
        time_zones={} if automatic else dict(_time_zones(listed)),
    )


def _list_size(found: object) -> ListSize:
    match found:
        case {"size": int() as contacts} if not isinstance(contacts, bool) and contacts >= 0:
            return ListSize(contacts)
        case _:
            raise UnreadableError


def _dnc_list(found: object) -> DncList:
    match found:
        case {"id": str(dnc_list), "dncSourceType": str(source), **rest}:
            name, method, size = (rest.get(key) for key in ("name", "contactMethod", "size"))
        case _:
            raise UnreadableError
    return DncList(
        DncListId(dnc_list),
        name if isinstance(name, str) else "",
        source,
        method if isinstance(method, str) else None,
        size if isinstance(size, int) and not isinstance(size, bool) else None,
    )


def _phone(found: object) -> tuple[str, str]:
    match found:
        case {"columnName": str(column), "type": str(kind)}:
            return column, kind
        case _:
            raise UnreadableError


def _time_zones(phones: Iterable[object]) -> Iterable[tuple[str, str]]:
    """Yield each phone column whose calls go by the time zone in another column, and that."""
    for each in phones:
        match each:
            case {"columnName": str(column), "callableTimeColumn": str(zone)} if zone:
                yield column, zone


def _grant(found: object) -> Grant:
    match found:
        case {"access_token": str(token), "expires_in": int() | float() as seconds} if (
            _TOKEN.fullmatch(token) and not isinstance(seconds, bool) and seconds > 0
        ):
            return Grant(token, float(seconds))
        case _:
            raise UnreadableError
