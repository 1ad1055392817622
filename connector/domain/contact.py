"""Hold a contact as the platform showed it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connector.domain.ids import ContactId, ListId


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact as read from the platform. Personal data: no repr, never stored.

    `kept` are the writable parts that we neither name nor change and send back as they were
    (`phoneNumberStatus`, `contactableStatus`, …), as the JSON objects that were read.
    `last_attempt` is the time of the newest call attempt of any column, in ms since 1970.
    """

    id: ContactId
    list_id: ListId
    data: Mapping[str, str] = field(repr=False)
    callable: bool
    kept: Mapping[str, object] = field(default_factory=dict, repr=False)
    last_attempt: int | None = None
