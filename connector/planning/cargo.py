"""Say of a command what its batch must know: its size, its contact and which gates stop it."""

from typing import assert_never

from connector.domain.command import (
    BlockNumber,
    Command,
    FetchContact,
    FindContacts,
    QuarantineContact,
    RemoveContact,
    UpsertContact,
    Write,
)
from connector.planning.gates import Stop

_CONTACT = 120
"""Bytes of a contact beside its cells: id, contactListId, callable and their names."""

_CELL = 6
"""Bytes of a cell beside name and text: quotes, colon, comma."""

_KEPT = 400
"""Bytes allowed for each kept part; the largest, `phoneNumberStatus`, has some 40 a number."""

_ID = 8
"""Bytes beside an id or a number in a list of them."""

_ONLY_ALL = (Stop.ALL,)
_INSERTS = (Stop.INSERTS, Stop.WRITES, Stop.ALL)
_UPDATES = (Stop.UPDATES, Stop.WRITES, Stop.ALL)
_DELETES = (Stop.DELETES, Stop.WRITES, Stop.ALL)


def size_of(command: Command) -> int:
    """Estimate the bytes that *command* adds to a request's body."""
    match command:
        case UpsertContact(write=write) | QuarantineContact(write=write):
            return _CONTACT + _write_size(write)
        case FindContacts(lead=text) | BlockNumber(number=text):
            return _ID + _bytes(text)
        case FetchContact(contact=contact) | RemoveContact(contact=contact):
            return _ID + _bytes(contact)
        case _:
            assert_never(command)


def contact_of(command: Command) -> str:
    """Return what *command* is about within its pool: contact, lead or number. A request names
    it once.
    """
    match command:
        case FindContacts(lead=lead):
            return lead
        case BlockNumber(number=number):
            return number
        case FetchContact() | UpsertContact() | QuarantineContact() | RemoveContact():
            return command.contact
        case _:
            assert_never(command)


def stop_of(command: Command) -> tuple[Stop, ...]:
    """Return the kinds of gates that hold *command* back.

    A brake never stops opt-outs or disqualifications (contract.md section 3), so a quarantine
    stops for `all` only, unless a deletion alone asks for it; so does what a disqualification
    waits for, and so do reads, which change nothing.
    """
    match command:
        case UpsertContact(new=True):
            return _INSERTS
        case UpsertContact(hastens=False):
            return _UPDATES
        case RemoveContact(hastens=False) | QuarantineContact(deletes=True):
            return _DELETES
        case FindContacts() | FetchContact() | BlockNumber():
            return _ONLY_ALL
        case UpsertContact() | QuarantineContact() | RemoveContact():
            return _ONLY_ALL
        case _:
            assert_never(command)


def _write_size(write: Write) -> int:
    names, texts = "".join(write.data), "".join(write.data.values())
    cells = _CELL * len(write.data) + _bytes(names) + _bytes(texts)
    return cells + _KEPT * len(write.kept)


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())
