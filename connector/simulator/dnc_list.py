"""Hold one Do-Not-Call list."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class DncList:
    """A DNC list of the books.

    `entries` are numbers, or what else it holds, with the time until which each counts (None:
    for ever). `custom_column` is the column that a custom list excludes by.
    """

    id: str
    name: str
    source: str
    contact_method: str
    created: str
    custom_column: str | None = None
    version: int = 1
    entries: dict[str, str | None] = field(default_factory=dict)

    def document(self, *, size: bool = False, import_status: bool = False) -> dict[str, object]:
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
        if self.custom_column is not None:
            document["customExclusionColumn"] = self.custom_column
        if size:
            document["size"] = len(self.entries)
        if import_status:
            document["importStatus"] = self.import_status()
        return document

    def import_status(self) -> dict[str, object]:
        """Return the `ImportStatus` of a list into which nobody imports a file."""
        return {"totalRecords": 0, "completedRecords": 0, "percentComplete": 0}
