"""A Salesforce org, a lead store beside it, and the one worker that reads both."""

import itertools
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.support.avro import framed
from tests.support.brokers import Broker
from tests.support.cells import Load
from tests.support.control import PlatformContact
from tests.support.feed import OutcomeSeen
from tests.support.histories import Doing
from tests.support.playing import await_outcomes, write_anywhere
from tests.support.records import as_json, envelope
from tests.support.running import Running, application, running
from tests.support.salesforce_events import NATIVE, Body, Edit, Event
from tests.support.scene import DNC_EAST, DNC_WEST, LEAD_COLUMN, ListScene, Scene
from tests.support.schema_registry import schema_registry
from tests.support.site import SourceText
from tests.support.topics import Read, Sent

Ended = tuple[str, str | None]


class Lead(NamedTuple):
    """A person, by record id and numbers in E.164."""

    id: str
    mobile: str
    home: str

    @property
    def numbers(self) -> tuple[str, str]:
        """Return both."""
        return self.mobile, self.home


MAPPED = {
    "FirstName": "FirstName",
    "LastName": "Name.LastName",
    "Mobile": "MobilePhone",
    "Home": "Phone",
    "TimeZone": "Time_Zone__c",
    "Status": "Status",
}
STORED = {
    "type": "record",
    "name": "Value",
    "fields": [
        {"name": "salesforce_id", "type": "string"},
        {"name": "first_name", "type": ["null", "string"]},
        {"name": "mobile", "type": ["null", "string"]},
        {"name": "State", "type": ["null", "string"]},
    ],
}
SOURCE = {
    "type": "record",
    "name": "Source",
    "fields": [
        {"name": "connector", "type": "string"},
        {"name": "ts_ms", "type": "long"},
        {"name": "ts_us", "type": "long"},
        {"name": "snapshot", "type": "string"},
        {"name": "lsn", "type": "long"},
    ],
}
ENVELOPE = json.dumps(
    {
        "type": "record",
        "name": "Envelope",
        "fields": [
            {"name": "before", "type": ["null", STORED]},
            {"name": "after", "type": ["null", "Value"]},
            {"name": "source", "type": SOURCE},
            {"name": "op", "type": "string"},
            {"name": "ts_ms", "type": "long"},
        ],
    }
)
STORE = """
[sources.store.mapping]
lead_id = "salesforce_id"
columns = { FirstName = "first_name", Mobile = "mobile" }
phones = { Mobile = "cell" }
"""


def _scene() -> Scene:
    """Make two lists by state; `Notes` is a column of another loader."""
    columns = (LEAD_COLUMN, *MAPPED, "Notes")
    lists = [
        ListScene(
            name, f"c0000000-0000-4000-8000-00000000000{at}", dnc, columns, MAPPED, when=when
        )
        for at, (name, dnc, when) in enumerate(
            [("west", DNC_WEST, {"State": ("CA",)}), ("east", DNC_EAST, {"State": ("NY",)})]
        )
    ]
    return Scene(
        topic=f"{application()}-leads",
        lists=tuple(lists),
        revision=None,
        phones={"Mobile": "MobilePhone", "Home": "Phone"},
        opt_out={"DoNotCall": (True,)},
        quarantine={"Status": ("Disqualified",)},
        mapped=MAPPED,
        lead_id=None,
    )


class Org:
    """A Salesforce org, a lead store beside it, and the worker that reads both.

    Topics: `-avro` has layout A, `-json` has B and C, `-consent` is a channel whose opt-outs alone
    count, `-store` is what Debezium writes of the store.
    """

    def __init__(self, run: Running, schemas: dict[str, int]) -> None:
        self.run, self._schemas = run, schemas
        self._numbers = itertools.count(1)
        self._commits = itertools.count(1)

    def new(self) -> Lead:
        """Return a lead that nobody had before."""
        at = next(self._numbers)
        return Lead(f"00Q5f00000{at:05}EAA", f"+121255501{at:02}", f"+164655501{at:02}")

    def tell(
        self,
        layout: str,
        kind: str,
        ids: Sequence[str],
        edit: Edit | None = None,
        body: Body | None = None,
        *,
        channel: str = "",
        following: int = 0,
    ) -> list[OutcomeSeen]:
        """Write an event; return the outcomes of the leads that it names, and of so many that
        follow a changed key.
        """
        event = Event(kind, ids, next(self._commits), edit, body or {})
        name = channel or ("avro" if layout == "A" else "json")
        value = event.value(layout, self._schemas.get(self._topic(name)))
        return self._told(name, Sent(None, value), len(ids) + following)

    def create(self, layout: str, lead: Lead) -> Ended:
        """Tell of a new lead with all that it has."""
        (outcome,) = self.tell(layout, "CREATE", [lead.id], body=whole(lead))
        return ended(outcome)

    def update(self, layout: str, lead: str, edit: Edit) -> Ended:
        """Tell of an update of one lead."""
        (outcome,) = self.tell(layout, "UPDATE", [lead], edit)
        return ended(outcome)

    def store(self, op: str, lead: Lead, name: str, moved_to: Lead | None = None) -> OutcomeSeen:
        """Edit the lead store, as its Debezium connector tells it; *moved_to* is a delete's."""
        at = next(self._commits)
        row = {"salesforce_id": lead.id, "first_name": name, "mobile": lead.mobile, "State": "CA"}
        before, after = (row, None) if op == "d" else (None, row)
        value = envelope(op, after, before, lsn=at, ts_us=at) | {"ts_ms": at}
        written = framed(self._schemas[self._topic("store")], ENVELOPE, value)
        key = as_json({"salesforce_id": lead.id})
        headers = (
            []
            if moved_to is None
            else [("__debezium.newkey", as_json({"salesforce_id": moved_to.id}))]
        )
        (outcome,) = self._told("store", Sent(key, written, headers), 1)
        return outcome

    def load(self, lead: str, lead_id: str, **cells: str) -> None:
        """Put a contact on the western list as another loader does."""
        west = self.run.site.scene.lists[0]
        data = dict.fromkeys(west.columns, "") | {LEAD_COLUMN: lead_id} | cells
        self.run.control.play([Doing(lead, west.id, Load("west"), data)])

    def contacts(self, lead: str, *, at: int = 0) -> list[PlatformContact]:
        """Return the contacts of a lead on the western list, or the eastern."""
        found = self.run.control.contacts(self.run.site.scene.lists[at].id)
        return [each for each in found if each.data[LEAD_COLUMN] == lead]

    def blocked(self, *numbers: str) -> set[str]:
        """Return those of *numbers* that are on both DNC lists."""
        west, east = (self.run.control.numbers(each) for each in (DNC_WEST, DNC_EAST))
        return set(numbers) & west & east

    def letters(self, ids: Sequence[str]) -> list[tuple[str, bytes | None]]:
        """Return reason and value of each dead letter of these source records."""
        told = [(_header(each, "source"), each) for each in self.run.letters()]
        return [(_header(each, "reason"), each.value) for source, each in told if source in ids]

    def _topic(self, name: str) -> str:
        return f"{self.run.site.scene.topic}-{name}"

    def _told(self, name: str, sent: Sent, count: int) -> list[OutcomeSeen]:
        (given,) = write_anywhere(self.run.broker, [(self._topic(name), sent)])
        ids = [given, *(f"{given}/{part}" for part in range(2, count + 1))]
        await_outcomes(self.run.stage, ids)
        return [self.run.feed.first[each] for each in ids]


@contextmanager
def house(broker: Broker, directory: Path) -> Iterator[Org]:
    """Run one worker for all; nothing may be held against it at the end."""
    scene = _scene()
    sources = [
        SourceText([f"{scene.topic}-avro"], "salesforce", "avro", 1, "avro"),
        SourceText([f"{scene.topic}-json"], "salesforce", "json", 1),
        SourceText([f"{scene.topic}-consent"], "salesforce", "consent", 1),
        SourceText([f"{scene.topic}-store"], "debezium", "store", encoding="avro"),
    ]
    extra = {
        "sources.store": STORE,
        "sources.consent": 'role = "opt_outs"',
        "behaviour": 'search_case = "ignored"',
    }
    schemas = {f"{scene.topic}-avro": NATIVE, f"{scene.topic}-store": ENVELOPE}
    with schema_registry() as registry:
        books = registry.books
        given = {topic: books.register(f"{topic}-value", text) for topic, text in schemas.items()}
        with running(broker, directory, scene, sources, extra=extra, registry=registry) as run:
            worker = run.workers.start()
            yield Org(run, given)
            complaints = run.control.complaints()
            assert not complaints, "\n".join(complaints)
            metrics = run.workers.metrics()
            assert worker.terminate() == 0
            assert run.leaks(metrics) == []
            assert not run.feed.again


def ended(outcome: OutcomeSeen) -> Ended:
    """Return the verdict and its reason."""
    return outcome.verdict, outcome.reason


def _header(letter: Read, name: str) -> str:
    return (dict(letter.headers)[f"connector.{name}"] or b"").decode()


def whole(lead: Lead) -> Body:
    """Return the row of a lead as Salesforce has it: numbers in any dress."""
    mobile, home = lead.mobile, lead.home
    return {
        "Name": {"FirstName": "Adaeze", "LastName": "Abelsen"},
        "MobilePhone": f"({mobile[2:5]}) {mobile[5:8]}-{mobile[8:]}",
        "Phone": f"1 {home[2:5]}.{home[5:8]}.{home[8:]}",
        "Address": {"State": "CA", "City": "Fresno"},
        "Time_Zone__c": "America/Los_Angeles",
        "Status": "New",
        "DoNotCall": False,
    }


def cells_of(lead: Lead, **others: str) -> dict[str, str]:
    """Return the contact of that row."""
    return {
        LEAD_COLUMN: lead.id,
        "FirstName": "Adaeze",
        "LastName": "Abelsen",
        "Mobile": lead.mobile,
        "Home": lead.home,
        "TimeZone": "America/Los_Angeles",
        "Status": "New",
        "Notes": "",
        **others,
    }
