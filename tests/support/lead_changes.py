"""Make canonical changes of one lead with sensible defaults."""

from connector.domain.change import LeadDelete, LeadOptOut, LeadQuarantine, LeadUpsert, Row
from connector.domain.ids import LeadId, PhoneNumber
from connector.domain.origin import Origin
from connector.domain.revision import NO_REVISION, Revision

LEAD = LeadId("L1")


def an_origin(offset: int, *, source: str = "default", topic: str = "crm") -> Origin:
    """Return the origin of the record at *offset* of partition 0."""
    return Origin(source, topic, topic, 0, offset, 1_000_000 + offset)


def a_row(name: str = "Ann", mobile: str = "+1550", region: str = "north") -> Row:
    """Return a whole row."""
    return Row({"name": name, "mobile": mobile, "region": region})


def an_upsert(offset: int, row: Row | None = None, revision: Revision = NO_REVISION) -> LeadUpsert:
    """Return an upsert."""
    return LeadUpsert(LEAD, an_origin(offset), revision, row or a_row())


def a_quarantine(offset: int, row: Row | None = None) -> LeadQuarantine:
    """Return a disqualification."""
    return LeadQuarantine(LEAD, an_origin(offset), NO_REVISION, row or a_row())


def a_delete(offset: int, *, tombstone: bool = False, moved_to: str | None = None) -> LeadDelete:
    """Return a delete."""
    to = None if moved_to is None else LeadId(moved_to)
    return LeadDelete(LEAD, an_origin(offset), NO_REVISION, to, tombstone)


def an_opt_out(
    offset: int, *numbers: str, row: Row | None = None, revision: Revision = NO_REVISION
) -> LeadOptOut:
    """Return an opt-out of *numbers*."""
    known = frozenset(PhoneNumber(number) for number in numbers)
    return LeadOptOut(LEAD, an_origin(offset), revision, row or a_row(), known)
