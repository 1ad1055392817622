"""Choose the id of a contact that we create."""

import re
import uuid

from connector.domain.ids import ContactId, LeadId

_SAFE = re.compile(r"[A-Za-z0-9_-]{1,100}")
"""What genesys-api.md section 6.2 advises at most ("no special characters", exact set unknown)."""

_SPACE = uuid.UUID("7d0f3c50-9a36-5c0e-8d5b-2f2c7a1e4b61")
"""Our own namespace for ids of leads whose id is not safe as it is; fixed for ever."""


def chosen_id(lead: LeadId) -> ContactId:
    """Return the contact id for *lead*: itself where its characters are safe, else a UUIDv5.

    A repeat of an insert is then an upsert (docs/decisions/0002).
    """
    if _SAFE.fullmatch(lead):
        return ContactId(lead)
    return ContactId(str(uuid.uuid5(_SPACE, lead)))
