"""Recordings of real Debezium connectors, read by the tests' own eyes, and what they must leave.

`tests/data/cdc/manifest.jsonl` says what each line means; the rows themselves say what must be
on the contact list at the end.
"""

import base64
import io
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import fastavro

from tests.support.flat_reading import e164, matches
from tests.support.lead_truth import Ending
from tests.support.scene import DNC_WEST, LEAD_COLUMN, ListScene, Scene
from tests.support.topics import Sent

FOLDER = Path(__file__).parents[1] / "data" / "cdc"
MAPPED = {
    "FirstName": "first_name",
    "LastName": "last_name",
    "Mobile": "phone_mobile",
    "Home": "phone_home",
    "Status": "status",
    "Score": "score",
}
UNRELATED: Ending = ("unchanged", "not_a_lead_change")
HONOURED: Ending = ("unchanged", "opted_out")
_DROPPED: frozenset[Ending] = frozenset({("duplicate", None)})
"""A repeat of an opt-out that is not the newest is honoured once more: there is nothing to do."""
_MOVES: frozenset[Ending] = frozenset(
    {("applied", None), ("unchanged", "same_row"), ("stale", "superseded")}
)
_NOWHERE: frozenset[Ending] = frozenset({("unchanged", "no_contact"), ("unchanged", "no_phone")})


@dataclass(frozen=True, slots=True)
class Line:
    """One record of a recording; `kind` and `lead` are the manifest's."""

    topic: str
    sent: Sent
    offset: int
    kind: str
    lead: str | None


@dataclass(slots=True)
class LeadEnd:
    """What the records of one lead come to."""

    row: Mapping[str, object] | None = None
    numbers: set[str] = field(default_factory=set)
    opted_out: bool = False

    @property
    def cells(self) -> dict[str, str] | None:
        """The contact's row where it must be callable, else None."""
        if self.row is None or self.opted_out:
            return None
        cells = {column: _text(self.row.get(name)) for column, name in MAPPED.items()}
        for column in ("Mobile", "Home"):
            cells[column] = (cells[column] and e164(cells[column])) or ""
        return cells if cells["Mobile"] or cells["Home"] else None


def scene(topics: Sequence[str]) -> Scene:
    """Make the scene of a recording: one list for every lead."""
    columns = (LEAD_COLUMN, *MAPPED)
    return Scene(
        topic=topics[0],
        lists=(
            ListScene("leads", "c0000000-0000-4000-8000-000000000009", DNC_WEST, columns, MAPPED),
        ),
        revision=None,
        phones={"Mobile": "phone_mobile", "Home": "phone_home"},
        opt_out={"do_not_call": (True,), "status": ("DNC",)},
        quarantine={"status": ("CLOSED",)},
        mapped=MAPPED,
    )


def recordings(names: Sequence[str]) -> list[Line]:
    """Read recordings one behind the other."""
    return [line for name in names for line in recording(name)]


@cache
def schemas() -> Mapping[int, str]:
    """Read the Avro schemas of the recordings by their ids."""
    texts = json.loads((FOLDER / "schemas.json").read_text())
    return {int(number): schema for number, schema in texts.items()}


def recording(name: str) -> list[Line]:
    """Read a recording, in the order in which it was taken."""
    manifest = [json.loads(line) for line in (FOLDER / "manifest.jsonl").read_text().splitlines()]
    meanings = [each for each in manifest if each["file"] == name]
    lines = [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text().splitlines()]
    return [
        Line(
            line["topic"],
            Sent(
                _bytes(line["key_b64"]),
                _bytes(line["value_b64"]),
                tuple((header, _bytes(value)) for header, value in line["headers"]),
                line["partition"],
                line["timestamp"],
            ),
            line["offset"],
            meaning["kind"],
            meaning["lead_id"],
        )
        for line, meaning in zip(lines, meanings, strict=True)
    ]


def in_some_order(lines: Sequence[Line], seed: int) -> list[Line]:
    """Read the partitions of a recording as *seed* will have it; each keeps its own order."""
    chance = random.Random(seed)
    partitions: dict[tuple[str, int | None], list[Line]] = {}
    for line in lines:
        partitions.setdefault((line.topic, line.sent.partition), []).append(line)
    turns = [place for place, held in partitions.items() for _ in held]
    chance.shuffle(turns)
    left = {place: iter(held) for place, held in partitions.items()}
    return [next(left[place]) for place in turns]


def ends(lines: Sequence[Line]) -> tuple[dict[str, LeadEnd], list[frozenset[Ending]]]:
    """Compute what every lead comes to, and how each record may have ended."""
    leads: dict[str, LeadEnd] = {}
    endings = []
    for line in lines:
        row, lead = _after(line), line.lead
        if line.kind in ("ignore", "other") or lead is None:
            endings.append(frozenset({UNRELATED}))
            continue
        if line.kind == "duplicate":
            endings.append(
                _DROPPED if row is None or not _asks_out(row) else _DROPPED | {HONOURED}
            )
            continue
        end = leads.setdefault(lead, LeadEnd())
        endings.append(_endings(end, row, read_again=line.kind == "baseline"))
        end.row = row
        if row is not None:
            end.numbers |= {
                n for name in ("phone_mobile", "phone_home") if (n := _number(row, name))
            }
            end.opted_out |= _asks_out(row)
    later = {line.lead for line in lines if line.kind == "optout"}
    return leads, [
        each | {("suppressed", "opted_out")} if line.lead in later and each >= _MOVES else each
        for line, each in zip(lines, endings, strict=True)
    ]


def _endings(
    end: LeadEnd, row: Mapping[str, object] | None, *, read_again: bool
) -> frozenset[Ending]:
    if row is None:
        gone = _MOVES | {("unchanged", "no_contact")}
        return frozenset({HONOURED}) if end.opted_out else frozenset(gone)
    if _asks_out(row):
        return frozenset({HONOURED if end.opted_out else ("applied", None)})
    if end.opted_out:
        return frozenset({("suppressed", "opted_out" if read_again else "reconsent_needs_review")})
    reachable = any(_number(row, name) for name in ("phone_mobile", "phone_home"))
    return _MOVES if reachable else _NOWHERE | {("stale", "superseded")}


def _asks_out(row: Mapping[str, object]) -> bool:
    return matches({"do_not_call": (True,), "status": ("DNC",)}, row)


def _number(row: Mapping[str, object], name: str) -> str | None:
    text = _text(row.get(name))
    return e164(text) if text else None


def _after(line: Line) -> dict[str, object] | None:
    """Take the row after the change out of its record: Avro, or JSON with a schema or without."""
    data = line.sent.value
    if data is None:
        return None
    value = _avro(data) if data[:1] == b"\0" else json.loads(data)
    if isinstance(value, dict) and "payload" in value and "schema" in value:
        value = value["payload"]
    if isinstance(value, dict) and "__deleted" in value:
        return value if value["__deleted"] == "false" else None
    after = value.get("after") if isinstance(value, dict) else None
    return after if isinstance(after, dict) else None


def _avro(data: bytes) -> object:
    schema = _parsed(int.from_bytes(data[1:5], "big"))
    value: object = fastavro.schemaless_reader(io.BytesIO(data[5:]), schema)
    return value


@cache
def _parsed(schema_id: int) -> object:
    parsed: object = fastavro.parse_schema(json.loads(schemas()[schema_id]))
    return parsed


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)
