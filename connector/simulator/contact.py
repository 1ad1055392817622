"""Hold one contact as the platform does."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# Media types of `contactableStatus`; the case of the SMS key is not documented.
MEDIA = ("Voice", "Sms", "Email", "WhatsApp")

Status = Mapping[str, object]


@dataclass(slots=True)
class Contact:
    """A row of a contact list with its system columns; `created` is a platform timestamp.

    `disabled_by_other` is when an agent, the dialler or another loader made it uncallable, by the
    count of `Flights`; None where nobody of those did, or one made it callable again.
    """

    id: str
    data: dict[str, str]
    created: str
    phone_status: Status
    contactable: Status
    callable: bool = True
    call_records: Status = field(default_factory=dict)
    priority: bool = False
    disabled_by_other: int | None = None

    def document(self, list_id: str) -> dict[str, object]:
        """Return the `DialerContact` of the API."""
        return {
            "id": self.id,
            "name": None,
            "contactListId": list_id,
            "data": self.data,
            "callRecords": self.call_records,
            "latestSmsEvaluations": {},
            "latestEmailEvaluations": {},
            "latestWhatsAppEvaluations": {},
            "callable": self.callable,
            "phoneNumberStatus": self.phone_status,
            "contactableStatus": self.contactable,
            "contactColumnTimeZones": {},
            "configurationOverrides": {"priority": self.priority},
            "dateCreated": self.created,
            "selfUri": f"/api/v2/outbound/contactlists/{list_id}/contacts/{self.id}",
        }


def fresh_phone_status(phone_columns: tuple[str, ...]) -> Status:
    """Return `phoneNumberStatus` of a contact that nobody has called."""
    return {column: {"callable": True} for column in phone_columns}


def fresh_contactable(phone_columns: tuple[str, ...]) -> Status:
    """Return `contactableStatus` of a contact that nobody has reached."""
    voice = {column: {"contactable": True} for column in phone_columns}
    return {
        medium: {"contactable": True, "columnStatus": voice if medium == "Voice" else {}}
        for medium in MEDIA
    }
