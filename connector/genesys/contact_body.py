"""Read one contact of the platform's JSON. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime

from connector.domain.contact import Contact
from connector.domain.ids import ContactId, ListId

KEPT_PARTS = (
    "phoneNumberStatus",
    "contactableStatus",
    "latestWhatsAppEvaluations",
    "retentionType",
    "retentionDays",
    "dateExpiration",
)
"""What a write may name beside id, data and callable (genesys-api.md section 6.1): sent back as
it was read, since nobody says that an omitted part is kept."""


class UnreadableError(Exception):
    """Raised by the readers of bodies: this is not what the call answers. Says no content."""


def read_contact(found: object, list_id: ListId) -> Contact:
    """Return the contact that a JSON object holds.

    Raises:
        UnreadableError: it has no id, no cells, or no word on whether it may be called.
    """
    if not isinstance(found, dict):
        raise UnreadableError
    contact_id, data, may_be_called = found.get("id"), found.get("data"), found.get("callable")
    if not isinstance(contact_id, str) or not isinstance(data, dict):
        raise UnreadableError
    if not isinstance(may_be_called, bool):
        raise UnreadableError
    return Contact(
        id=ContactId(contact_id),
        list_id=list_id,
        data={str(name): _text(cell) for name, cell in data.items()},
        callable=may_be_called,
        kept={part: found[part] for part in KEPT_PARTS if found.get(part) is not None},
        last_attempt=_last_attempt(found.get("callRecords")),
    )


def _text(cell: object) -> str:
    """Return a cell as text: another loader may have left what is not (older SDKs: object)."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(cell)


def _last_attempt(records: object) -> int | None:
    if not isinstance(records, Mapping):
        return None
    times = [_time(each) for each in records.values() if isinstance(each, Mapping)]
    return max((time for time in times if time is not None), default=None)


def _time(record: Mapping[str, object]) -> int | None:
    """Return `lastAttempt` (RFC 3339) in ms since 1970, None where there was none."""
    text = record.get("lastAttempt")
    if not isinstance(text, str):
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as problem:
        raise UnreadableError from problem
    return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
