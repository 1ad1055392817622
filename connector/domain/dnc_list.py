"""Hold a Do-Not-Call list: what of it decides whether it can do its work."""

from dataclasses import dataclass

from connector.domain.ids import DncListId

INTERNAL = "rds"
"""The one `dncSourceType` whose lists take numbers from us (genesys-api.md section 7)."""


@dataclass(frozen=True, slots=True)
class DncList:
    """A DNC list as the platform showed it.

    `source` is who fills it, its `dncSourceType`; `method` its `contactMethod`, `size` how many
    entries it holds: None where the platform does not say.
    """

    id: DncListId
    name: str
    source: str
    method: str | None = None
    size: int | None = None
