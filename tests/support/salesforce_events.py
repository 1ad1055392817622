"""Write Salesforce's change events as bridges do, by the vendor's field definitions alone.

Layout A is Avro in Salesforce's own schema, with bitmaps; B is CometD JSON; C is what Confluent's
connector writes, here as JSON (salesforce-cdc.md section 2).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.support.avro import framed
from tests.support.records import as_json
from tests.support.salesforce import HOME

Body = Mapping[str, object]
"""Field of the event → value; the parts of a compound in a mapping of their own."""

NATIVE = (HOME / "LeadChangeEvent.avsc").read_text()
LAYOUTS = ("A", "B", "C")
_BEGAN = 1_793_700_942_000
_NUMBERED = 1_793_700_942_716_501_507


@dataclass(frozen=True, slots=True)
class Edit:
    """What one update says: the fields with their values, and which they are.

    *names* are their paths beside `LastModifiedDate`, which every update names; *bits* are all
    fields by their places in `LeadChangeEvent.avsc` (`LastModifiedDate`: 0x0400), *nulled* those of
    them that were set to null.
    """

    body: Body
    names: Sequence[str]
    bits: Sequence[str]
    nulled: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """One change event; *at* numbers the transactions of an org, one each second.

    A whole row (CREATE, UNDELETE) has a *body*, an update an *edit*.
    """

    kind: str
    ids: Sequence[str]
    at: int
    edit: Edit | None = None
    body: Body = field(default_factory=dict)

    def value(self, layout: str, schema_id: int | None = None) -> bytes:
        """Return the record's value; layout A needs the id of the schema."""
        body = self.body if self.edit is None else self.edit.body
        changed = () if self.edit is None else ("LastModifiedDate", *self.edit.names)
        if layout == "A":
            assert schema_id is not None
            return framed(schema_id, NATIVE, {**body, "ChangeEventHeader": self._bitten()})
        header = self._header() | {"changedFields": list(changed)}
        if layout == "B":
            payload = {**body, "ChangeEventHeader": header}
            written = {"schema": "aB3dEfGh1jKlMnOpQrStUv", "payload": payload}
            return as_json(written | {"event": {"replayId": self.at}}) or b""
        return as_json(self._struct(body) | {"ChangeEventHeader": header}) or b""

    def _header(self) -> dict[str, object]:
        return {
            "entityName": "Lead",
            "recordIds": list(self.ids),
            "changeType": self.kind,
            "changeOrigin": "com/salesforce/api/rest/66.0;client=loader",
            "transactionKey": f"00011f2e-3d4c-5b6a-7988-{self.at:012}",
            "sequenceNumber": 1,
            "commitTimestamp": _BEGAN + self.at * 1_000,
            "commitNumber": _NUMBERED + self.at * 1_000_000_000,
            "commitUser": "0055f000001xyzAAAQ",
        }

    def _bitten(self) -> dict[str, object]:
        edit = self.edit or Edit({}, (), ())
        bitmaps = {"nulledFields": list(edit.nulled), "changedFields": list(edit.bits)}
        return self._header() | bitmaps | {"diffFields": []}

    def _struct(self, body: Body) -> dict[str, object]:
        """Return every field of the object: names flattened, addresses nested, the rest null."""
        fields = [each["name"] for each in json.loads(NATIVE)["fields"][1:]]
        flat = body.get("Name") or {}
        assert isinstance(flat, Mapping)
        parts = dict.fromkeys(("Salutation", "FirstName", "LastName"))
        first = {"Id": self.ids[0], "ReplayId": str(self.at), "_ObjectType": "LeadChangeEvent"}
        return dict.fromkeys(fields) | first | parts | {**body, "Name": None, **flat}
