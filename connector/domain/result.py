"""Hold the results: what one command came to. Every command that was sent ends in exactly one."""

from dataclasses import dataclass, field
from typing import TypeAlias

from connector.domain.contact import Contact
from connector.domain.reason import Reason


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the platform's support asks for: the status and the correlation id of the answer."""

    http_status: int | None = None
    correlation_id: str | None = None


NO_RECEIPT = Receipt()


@dataclass(frozen=True, slots=True)
class Found:
    """A look-up was answered: every contact of the lead on the list, none if there is none."""

    contacts: tuple[Contact, ...] = field(repr=False)
    receipt: Receipt = NO_RECEIPT


@dataclass(frozen=True, slots=True)
class Seen:
    """A read was answered: the contact, or None if the list has none of that id."""

    contact: Contact | None = field(repr=False)
    receipt: Receipt = NO_RECEIPT


@dataclass(frozen=True, slots=True)
class Accepted:
    """The platform did what was asked."""

    receipt: Receipt = NO_RECEIPT


@dataclass(frozen=True, slots=True)
class Gone:
    """The contact that a write named does not exist."""

    receipt: Receipt = NO_RECEIPT


@dataclass(frozen=True, slots=True)
class Rejected:
    """The data were refused: the same command fails again. `text` names no cell's content."""

    reason: Reason
    text: str
    receipt: Receipt = NO_RECEIPT


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been done or not: no answer, or one that does not say. Repeat no sooner than
    after `after` seconds.
    """

    after: float = 0.0
    receipt: Receipt = NO_RECEIPT


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was done, and that is known. Repeat no sooner than after `after` seconds.

    `collision` marks a 409 on the contact: the dialler holds it (design.md section 6).
    """

    after: float = 0.0
    collision: bool = False
    receipt: Receipt = NO_RECEIPT


Result: TypeAlias = Found | Seen | Accepted | Gone | Rejected | Unknown | Refused
