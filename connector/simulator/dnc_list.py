"""Hold one Do-Not-Call list."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class DncList:
    """A DNC list of the books: numbers with the time until which they count (None: for ever)."""

    id: str
    name: str
    source: str
    contact_method: str
    created: str
    version: int = 1
    entries: dict[str, str | None] = field(default_factory=dict)

    def document(self, *, size: bool = False) -> dict[str, object]:
        """Return the `DncList` of the API."""
        document: dict[str, object] = {
            "id": self.id,
            "name": self.name,
            "version": self.version,
            "dateCreated": self.created,
            "dateModified": self.created,
            "dncSourceType": self.source,
            "contactMethod": self.contact_method,
            "dncCodes": [],
            "division": {"id": "00000000-0000-4000-8000-000000000000", "name": "Home"},
            "selfUri": f"/api/v2/outbound/dnclists/{self.id}",
        }
        if size:
            document["size"] = len(self.entries)
        return document
