"""The simulator's control API, as contract.md section 6 names it, for tests."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter

from tests.support.cells import Load, Refuse, Touch
from tests.support.histories import Doing


class PlatformContact(BaseModel):
    """A contact as the books have it; other fields are left out."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    data: dict[str, str]
    callable: bool


class DncEntry(BaseModel):
    """A number on a DNC list."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    number: str


class Violation(BaseModel):
    """What the simulator holds against its client."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    n: int
    kind: str
    detail: JsonValue = None


class JournalLine(BaseModel):
    """One request as the simulator saw it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    n: int
    at: float = 0.0
    method: str
    path: str
    query: dict[str, str] = {}
    token: str | None = None
    body: JsonValue = None
    status: int | None = None
    applied: bool = False


def _mentions(line: JournalLine, detail: str) -> str:
    """Show the entries of a request that name the lead of a violation."""
    lead = detail.removeprefix("lead ").split(":")[0]
    entries = line.body if isinstance(line.body, list) else [line.body]
    return " ".join(str(each) for each in entries if lead in str(each))


_CONTACTS = TypeAdapter(list[PlatformContact])
_NUMBERS = TypeAdapter(list[DncEntry])
_VIOLATIONS = TypeAdapter(list[Violation])
_JOURNAL = TypeAdapter(list[JournalLine])
_OBJECT = TypeAdapter(dict[str, JsonValue])
_OBJECTS = TypeAdapter(list[dict[str, JsonValue]])


@dataclass(slots=True)
class Control:
    """Look into the simulator's books, and act as others do."""

    address: str
    _http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self._http = httpx.Client(base_url=f"{self.address}/_control", timeout=60)

    def close(self) -> None:
        """Let the connection go."""
        self._http.close()

    def contacts(self, list_id: str) -> list[PlatformContact]:
        """Every contact of a list."""
        return _CONTACTS.validate_json(self._get(f"/contacts/{list_id}"))

    def numbers(self, dnc_id: str) -> frozenset[str]:
        """Every number of a DNC list."""
        return frozenset(e.number for e in _NUMBERS.validate_json(self._get(f"/dnc/{dnc_id}")))

    def campaign(self, campaign_id: str) -> dict[str, JsonValue]:
        """A campaign, whole."""
        return _OBJECT.validate_json(self._get(f"/campaigns/{campaign_id}"))

    def set_campaign_status(self, campaign_id: str, status: str) -> None:
        """Change the status of a campaign as the dialler does."""
        changed = self._http.patch(f"/campaigns/{campaign_id}", json={"campaignStatus": status})
        changed.raise_for_status()

    def attach(self, campaign_id: str, dnc_lists: Iterable[str]) -> None:
        """Give a campaign these DNC lists and no others, as an administrator would."""
        lists = {"dncLists": [{"id": each} for each in dnc_lists]}
        self._http.patch(f"/campaigns/{campaign_id}", json=lists).raise_for_status()

    def violations(self) -> list[Violation]:
        """Everything that is held against the connector."""
        return _VIOLATIONS.validate_json(self._get("/violations"))

    def complaints(self) -> list[str]:
        """Tell each violation with the requests around it."""
        told = []
        for violation in self.violations()[:5]:
            lines = self.journal(max(0, violation.n - 12))[:14]
            around = "\n".join(
                f"  {line.n} {line.at:.3f} {line.method} {line.path} {line.status}"
                f" {_mentions(line, str(violation.detail))}"
                for line in lines
            )
            told.append(f"{violation.kind}, request {violation.n}: {violation.detail}\n{around}")
        return told

    def journal(self, since: int = 0) -> list[JournalLine]:
        """Every request, in order."""
        return _JOURNAL.validate_json(self._get(f"/journal?since={since}"))

    def watch(self, lead_ids: Iterable[str]) -> None:
        """Say which leads opt out: nobody may make them callable afterwards."""
        self._post("/opted_out", {"lead_ids": list(lead_ids)})

    def fault(
        self,
        match: Mapping[str, JsonValue],
        action: Mapping[str, JsonValue],
        count: int | None = None,
    ) -> None:
        """Arm a fault, for good or for so many requests."""
        self._post("/faults", {"match": dict(match), "action": dict(action), "count": count})

    def calm(self) -> None:
        """Disarm every fault."""
        self._http.delete("/faults").raise_for_status()

    def armed(self) -> list[dict[str, JsonValue]]:
        """Every fault that is armed, with how many requests it `met` and `fired` at."""
        return _OBJECTS.validate_json(self._get("/faults"))

    def load(self, list_id: str, *contacts: Mapping[str, JsonValue]) -> None:
        """Put contacts there as another loader would."""
        self._post(f"/contacts/{list_id}", [dict(each) for each in contacts])

    def change(self, list_id: str, contact_id: str, change: Mapping[str, JsonValue]) -> None:
        """Change `callable` or `callRecords` as an agent or the dialler would."""
        path = f"/contacts/{list_id}/{contact_id}"
        self._http.patch(path, json=dict(change)).raise_for_status()

    def play(self, doings: Sequence[Doing]) -> list[tuple[Doing, str | None]]:
        """Do what others do; give each doing with the id of the contact that it loaded."""
        done: list[tuple[Doing, str | None]] = []
        for doing in doings:
            contact_id = None
            match doing.act:
                case Load(callable=callable_):
                    contact_id = self._load(doing, {"callable": callable_})
                case Touch(off=off, called=called):
                    self._touch(doing, off=off, called=called)
                case Refuse():
                    self._refuse(doing)
            done.append((doing, contact_id))
        return done

    def _load(self, doing: Doing, state: dict[str, JsonValue]) -> str:
        """Put one contact there; its id is the one that was not there before."""
        before = {each.id for each in self._of(doing)}
        contact: dict[str, JsonValue] = {"data": dict(doing.data), **state}
        self.load(doing.list_id, contact)
        (new,) = (each.id for each in self._of(doing) if each.id not in before)
        return new

    def _touch(self, doing: Doing, *, off: bool, called: bool) -> None:
        change: dict[str, JsonValue] = {}
        if off:
            change["callable"] = False
        if called:
            now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            record = {"lastAttempt": now, "lastResult": "ININ-OUTBOUND-NO-ANSWER"}
            change["callRecords"] = {"Mobile": dict(record)}
        for contact in self._of(doing):
            self.change(doing.list_id, contact.id, change)

    def _refuse(self, doing: Doing) -> None:
        body: dict[str, JsonValue] = {
            "message": "The value is too long.",
            "code": "contact.datum.length.limit.exceeded",
            "status": 400,
        }
        for contact in self._of(doing):
            self.fault(
                {"method": "PUT", "path": f"*/contacts/{contact.id}"},
                {"kind": "status", "status": 400, "body": body},
            )

    def _of(self, doing: Doing) -> list[PlatformContact]:
        found = self.contacts(doing.list_id)
        return [each for each in found if each.data["CRM_Lead_ID"] == doing.lead]

    def _get(self, path: str) -> bytes:
        answer = self._http.get(path)
        answer.raise_for_status()
        return answer.content

    def _post(self, path: str, body: JsonValue) -> httpx.Response:
        answer = self._http.post(path, json=body)
        answer.raise_for_status()
        return answer
