"""Make commands and batches for the simulator's list and DNC list of `simulators.a_seed`."""

from collections.abc import Mapping, Sequence

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
from connector.domain.ids import ContactId, Digest, DncListId, LeadId, ListId, PhoneNumber
from connector.genesys.list_book import ContactList, ListBook
from connector.planning.batch import Batch, pool_of
from tests.support.simulators import COLUMNS, DNC, LIST

LIST_ID = ListId(LIST)
DNC_ID = DncListId(DNC)
BOOK = ListBook(
    {LIST_ID: ContactList(LIST_ID, "Leads", COLUMNS, {"Mobile": "cell", "Home": "home"})}
)


def contact_of(lead: str) -> ContactId:
    """Return the contact id that these commands use for *lead*."""
    return ContactId(f"c-{lead}")


def data_of(lead: str, **cells: str) -> dict[str, str]:
    """Return every column of the list, filled for *lead*."""
    return {**dict.fromkeys(COLUMNS, ""), "CRM_Lead_ID": lead, **cells}


def an_upsert(
    lead: str,
    *,
    callable: bool = True,  # noqa: A002  # the platform's word
    kept: Mapping[str, object] | None = None,
    priority: bool = False,
    requeue: bool = False,
    **cells: str,
) -> UpsertContact:
    """Return an insert of *lead*."""
    write = Write(data_of(lead, **cells), callable=callable, kept=kept or {})
    return UpsertContact(
        LeadId(lead),
        LIST_ID,
        contact_of(lead),
        Digest(f"digest of {lead}"),
        callable=callable,
        write=write,
        new=not requeue,
        priority=priority,
        requeue=requeue,
    )


def a_quarantine(
    lead: str, *, kept: Mapping[str, object] | None = None, **cells: str
) -> QuarantineContact:
    """Return a quarantine of the contact of *lead*."""
    write = Write(data_of(lead, **cells), callable=False, kept=kept or {})
    return QuarantineContact(LeadId(lead), LIST_ID, contact_of(lead), None, write)


def a_find(lead: str) -> FindContacts:
    """Return a look-up of *lead*."""
    return FindContacts(LeadId(lead), LIST_ID)


def a_fetch(lead: str) -> FetchContact:
    """Return a read of the contact of *lead*."""
    return FetchContact(LeadId(lead), LIST_ID, contact_of(lead))


def a_removal(lead: str) -> RemoveContact:
    """Return a removal of the contact of *lead*."""
    return RemoveContact(LeadId(lead), LIST_ID, contact_of(lead))


def a_block(lead: str, number: str) -> BlockNumber:
    """Return a block of *number*."""
    return BlockNumber(LeadId(lead), DNC_ID, PhoneNumber(number))


def a_batch(commands: Sequence[Command]) -> Batch:
    """Return the batch of *commands*, which share a pool."""
    (pool,) = {pool_of(command) for command in commands}
    return Batch("b1", pool, tuple(commands))
