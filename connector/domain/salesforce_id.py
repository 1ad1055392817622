"""Know a Salesforce record id in its two forms.

An id is 15 characters, in which `a` and `A` are two. APIs and change events add three that say
which of the 15 are capitals; reports, and so the contact lists that were loaded from them, do not.
"""

from connector.domain.ids import LeadId

_SHORT, _LONG = 15, 18
_CHUNK = 5
_CHECKS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
"""Character *n* stands for five characters of which those at the bits of *n* are capitals."""


def forms_of(lead: LeadId) -> tuple[LeadId, ...]:
    """Return every way in which a contact may name *lead*, the lead's own way first.

    The checksum makes it exact: 18 characters that end in another one are an id by themselves.
    An id of 15 characters has one form, for nothing tells it from another CRM's.
    """
    if len(lead) != _LONG or not (lead.isascii() and lead.isalnum()):
        return (lead,)
    short = LeadId(lead[:_SHORT])
    return (lead, short) if lead[_SHORT:] == _checksum(short) else (lead,)


def long_form(lead: LeadId) -> LeadId:
    """Return the 18 characters of an id of 15, as change events have it; anything else as it is.

    Only for ids that are known to be Salesforce's: see `forms_of`.
    """
    is_short = len(lead) == _SHORT and lead.isascii() and lead.isalnum()
    return LeadId(lead + _checksum(lead)) if is_short else lead


def _checksum(short: str) -> str:
    chunks = (short[at : at + _CHUNK] for at in range(0, _SHORT, _CHUNK))
    return "".join(_CHECKS[_capitals(chunk)] for chunk in chunks)


def _capitals(chunk: str) -> int:
    return sum(1 << at for at, character in enumerate(chunk) if character.isupper())
