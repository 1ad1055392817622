"""Hold a batch: commands of one kind for one place that leave in one request."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from connector.domain.command import (
    BlockNumber,
    Command,
    FetchContact,
    FindContacts,
    QuarantineContact,
    RemoveContact,
    UpsertContact,
)


class BatchKind(StrEnum):
    """What the commands of a batch ask for; commands of different kinds never share a request."""

    __hash__ = str.__hash__  # Enum's own is slow, and these are keys

    FIND = "find"
    FETCH = "fetch"
    UPSERT = "upsert"
    QUARANTINE = "quarantine"
    REMOVE = "remove"
    BLOCK = "block"


MOST: dict[BatchKind, int] = {
    BatchKind.FIND: 100,  # one page of a search answers 100 (genesys-api.md section 3.4)
    BatchKind.FETCH: 50,  # `too.many.contacts.requested` above (section 6.4)
    BatchKind.UPSERT: 1000,  # `too.many.contacts.added` above (section 6.2)
    BatchKind.QUARANTINE: 1000,  # the same call
    BatchKind.REMOVE: 250,  # ids of one DELETE (section 6.4)
    BatchKind.BLOCK: 250,  # documented for PATCH only, kept for POST too (section 3.4)
}
"""How many commands one request may carry."""


@dataclass(frozen=True, slots=True)
class Pool:
    """What a request has in common: kind, place (a contact list or a DNC list) and flags."""

    kind: BatchKind
    place: str
    priority: bool = False
    requeue: bool = False


def pool_of(command: Command) -> Pool:
    """Return the pool that *command* waits in."""
    match command:
        case FindContacts(list_id=place):
            return Pool(BatchKind.FIND, place)
        case FetchContact(list_id=place):
            return Pool(BatchKind.FETCH, place)
        case UpsertContact(list_id=place, priority=priority, new=new, requeue=requeue):
            return Pool(BatchKind.UPSERT, place, priority and new, requeue)
        case QuarantineContact(list_id=place):
            return Pool(BatchKind.QUARANTINE, place)
        case RemoveContact(list_id=place):
            return Pool(BatchKind.REMOVE, place)
        case BlockNumber(dnc_list=dnc):
            return Pool(BatchKind.BLOCK, dnc)
        case _:
            assert_never(command)


@dataclass(frozen=True, slots=True)
class Batch:
    """Commands of one pool that leave in one request, at most one for each contact or number."""

    id: str
    pool: Pool
    commands: tuple[Command, ...]

    def keep(self, wanted: Callable[[Command], bool]) -> "Batch":
        """Return the batch without the commands that are no longer *wanted*."""
        return self.of([command for command in self.commands if wanted(command)])

    def of(self, commands: Sequence[Command]) -> "Batch":
        """Return the batch with these *commands* only, under the same id."""
        return Batch(self.id, self.pool, tuple(commands))

    def halves(self) -> tuple["Batch", "Batch"]:
        """Return both halves, for a batch whose data were refused or that is too large."""
        middle = (len(self.commands) + 1) // 2
        return self.of(self.commands[:middle]), self.of(self.commands[middle:])

    @property
    def inserts(self) -> tuple[UpsertContact, ...]:
        """The commands that need room on the list: those for a new contact."""
        return tuple(
            each for each in self.commands if isinstance(each, UpsertContact) and each.new
        )

    def __len__(self) -> int:
        return len(self.commands)
