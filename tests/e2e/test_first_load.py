"""A first load in "opt-outs only": inserts are pulled before any worker has run, and let go later."""

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

import pytest
from pydantic import JsonValue

from tests.support.brokers import Broker
from tests.support.feed import OutcomeSeen
from tests.support.playing import write_anywhere
from tests.support.records import COMMITTED, as_json, envelope
from tests.support.running import Running, application, running
from tests.support.scene import DNC_EAST, DNC_WEST, LEAD_COLUMN, flat_scene
from tests.support.site import SourceText
from tests.support.topics import Sent
from tests.support.waiting import wait_until
from tests.support.worker import command

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

ROWS = int(os.environ.get("FIRST_LOAD_ROWS", "2000"))
"""Rows of the snapshot; 20,000 for the whole of it."""

MAX_PENDING = int(os.environ.get("FIRST_LOAD_PENDING", ROWS // 10))
"""Changes that the worker holds; half of it may stand behind the brake, the rest is deferred."""

PATIENCE = 120 + ROWS / 50
MAX_AGE = 72 * 3_600.0
AGES_IN = 20 + ROWS / 100
"""Seconds after which a lead that is not too old for the snapshot is too old to be inserted."""


class Kind(Enum):
    """What a row of the snapshot is of."""

    KNOWN = "a contact of another loader"
    OPTED_OUT_KNOWN = "the same, opted out"
    DISQUALIFIED = "the same, disqualified"
    OPTED_OUT_NEW = "opted out, and on no list"
    NEW = "on no list yet"
    OLD = "the same, and too old"
    AGEING = "the same, and too old before inserts are let go"


THEIRS = (Kind.KNOWN, Kind.OPTED_OUT_KNOWN, Kind.DISQUALIFIED)
OPTED_OUT = (Kind.OPTED_OUT_KNOWN, Kind.OPTED_OUT_NEW)
EXPIRES = (Kind.OLD, Kind.AGEING)

DEFERRED, EXPIRED = ("unchanged", "list_deferred"), ("suppressed", "expired")

OF_20_000 = {
    Kind.OPTED_OUT_KNOWN: 250,
    Kind.DISQUALIFIED: 300,
    Kind.KNOWN: 4_450,
    Kind.OPTED_OUT_NEW: 250,
    Kind.OLD: 500,
    Kind.AGEING: 500,
    Kind.NEW: 13_750,
}
"""5,000 contacts of another loader, 500 opt-outs, 300 disqualified."""


@dataclass(frozen=True, slots=True)
class _Lead:
    number: int
    kind: Kind

    @property
    def id(self) -> str:
        return f"S-{self.number}"

    @property
    def phone(self) -> str:
        return f"+1303{self.number:07d}"

    def snapshot(self, now: float) -> Sent:
        """Make the row that Debezium's snapshot has of it."""
        age = {Kind.OLD: MAX_AGE + 60, Kind.AGEING: MAX_AGE - AGES_IN}.get(self.kind, 3_600.0)
        made = datetime.fromtimestamp(now - age, UTC)
        row = {
            "lead_id": self.id,
            "first_name": "Ana",
            "phone_mobile": self.phone,
            "state": "CA",
            "status": "Disqualified" if self.kind is Kind.DISQUALIFIED else "Open",
            "do_not_call": self.kind in OPTED_OUT,
            "created_at": made.isoformat(timespec="seconds"),
        }
        value = envelope("r", row, snapshot="true", ts_ms=COMMITTED)
        return Sent(as_json({"lead_id": self.id}), as_json(value))


def _leads() -> list[_Lead]:
    """Deal the kinds out evenly: each comes again and again to the end."""
    shares = {kind: count * ROWS // 20_000 for kind, count in OF_20_000.items()}
    dealt = sorted(
        ((at + 0.5) / count, kind.name) for kind, count in shares.items() for at in range(count)
    )
    return [_Lead(number, Kind[name]) for number, (_, name) in enumerate(dealt)]


@dataclass(slots=True)
class _Load:
    """A snapshot, and what became of it."""

    run: Running
    leads: Sequence[_Lead]
    ids: Mapping[str, str]
    made_at: float

    def of(self, *kinds: Kind) -> list[_Lead]:
        """Give the leads of some kinds."""
        return [each for each in self.leads if each.kind in kinds]

    def callable(self) -> dict[str, bool]:
        """Give the leads on the list, and whether they may be called."""
        found = self.run.control.contacts(self.run.site.scene.lists[0].id)
        leads = {each.data[LEAD_COLUMN]: each.callable for each in found}
        assert len(leads) == len(found), "one lead has two contacts"
        return leads

    def outcomes(self) -> dict[str, list[OutcomeSeen]]:
        """Give each lead's outcomes so far, in order: of its record, and of what was caught up."""
        self.run.feed.poll()
        told: dict[str, list[OutcomeSeen]] = {}
        for each in self.run.feed.first.values():
            told.setdefault(each.lead_id or "", []).append(each)
        return told

    def brakes(self, *words: str) -> list[dict[str, object]]:
        """Run `connector brakes` with these words; give its document."""
        finished = command(self.run.site, "brakes", *words, "--json")
        assert finished.returncode == 0, finished.stderr
        document: list[dict[str, object]] = json.loads(finished.stdout)
        return document


@pytest.fixture
def load(kafka: Broker, tmp_path: Path) -> Iterator[_Load]:
    """A site with contacts of another loader and a snapshot to read; no worker ever ran."""
    scene = flat_scene(f"{application()}-leads", None)
    source = SourceText([scene.topic], "debezium")
    apply = f'max_pending = {MAX_PENDING}\nmax_age = {MAX_AGE}\nage_field = "created_at"'
    with running(kafka, tmp_path, scene, [source], extra={"apply": apply}) as run:
        leads = _leads()
        west = scene.lists[0]
        empty = dict.fromkeys(west.columns, "")
        theirs: list[JsonValue] = [
            {**empty, LEAD_COLUMN: each.id, "Mobile": each.phone, "Notes": "theirs"}
            for each in leads
            if each.kind in THEIRS
        ]
        run.control.load(west.id, *({"data": each} for each in theirs))
        run.control.watch(each.id for each in leads if each.kind in OPTED_OUT)
        now = time.time()
        sent = write_anywhere(kafka, [(scene.topic, each.snapshot(now)) for each in leads])
        ids = {each.id: given for each, given in zip(leads, sent, strict=True)}
        yield _Load(run, leads, ids, now)


def test_opt_outs_first_and_the_rest_on_release(load: _Load) -> None:
    """With inserts pulled before the first start no contact is added, every opt-out is honoured
    and the disqualified are quarantined; after the release the rest is inserted, but what is too
    old by then.
    """
    word = ("--by", "Ines", "--reason", "first load: opt-outs only")
    (pulled,) = load.brakes("pull", "inserts", *word)
    assert (pulled["brake"], pulled["scope"]) == ("inserts", "all")
    worker = load.run.workers.start()
    load.run.workers.wait_ready()
    _opt_outs_only(load)
    assert [each["brake"] for each in load.brakes("show")] == ["inserts"]
    ripe = load.made_at + AGES_IN + 1
    wait_until(lambda: time.time() > ripe, "leads to be too old", AGES_IN + 2)
    assert load.brakes("release", "inserts", *word) == []
    _the_rest(load)
    assert load.run.control.complaints() == []
    assert load.run.leaks(load.run.workers.metrics()) == []
    assert worker.terminate() == 0


def _ended(outcome: OutcomeSeen) -> tuple[str, str | None]:
    return outcome.verdict, outcome.reason


def _opt_outs_only(load: _Load) -> None:
    """See all that is not an insert done, and no contact added."""
    done = [load.ids[each.id] for each in load.of(*THEIRS, Kind.OPTED_OUT_NEW)]
    waiting = load.of(Kind.NEW, *EXPIRES)

    def settled() -> bool:
        load.run.workers.demand_alive()
        told = load.outcomes()
        ended = sum(each.id in told for each in waiting)
        return load.run.feed.has(done) and ended >= len(waiting) - MAX_PENDING / 2

    wait_until(settled, "all but the inserts", PATIENCE)
    assert load.callable() == {
        **{each.id: True for each in load.of(Kind.KNOWN)},
        **{each.id: False for each in load.of(Kind.OPTED_OUT_KNOWN, Kind.DISQUALIFIED)},
    }
    numbers = {each.phone for each in load.of(*OPTED_OUT)}
    assert load.run.control.numbers(DNC_WEST) == load.run.control.numbers(DNC_EAST) == numbers
    told = load.outcomes()
    for each in load.of(*OPTED_OUT):
        (outcome,) = told[each.id]
        assert (outcome.change, outcome.verdict) == ("opt_out", "applied")
    for each in load.of(Kind.DISQUALIFIED):
        (outcome,) = told[each.id]
        assert (outcome.change, outcome.verdict) == ("quarantine", "applied")
        assert "quarantined" in {effect.action for effect in outcome.effects}
    ends = {_ended(one) for each in load.of(Kind.NEW) for one in told.get(each.id, ())}
    assert ends == {DEFERRED}
    ends = {_ended(one) for each in load.of(*EXPIRES) for one in told.get(each.id, ())}
    assert ends <= {DEFERRED, EXPIRED}


def _the_rest(load: _Load) -> None:
    """See the new ones inserted and the old ones expired, each with an outcome that says so."""
    everybody = {each.id for each in load.of(*THEIRS, Kind.NEW)}

    def brought() -> bool:
        load.run.workers.demand_alive()
        told = load.outcomes()
        last = {lead: _ended(each[-1]) for lead, each in told.items()}
        return len(last) == len(load.leads) and DEFERRED not in last.values()

    wait_until(brought, "all inserts", PATIENCE)
    found = load.callable()
    assert found.keys() == everybody
    assert all(found[each.id] for each in load.of(Kind.KNOWN, Kind.NEW))
    told = load.outcomes()
    for each in load.of(*EXPIRES):
        assert (_ended(told[each.id][-1]), told[each.id][-1].effects) == (EXPIRED, ())
    for each in load.of(Kind.NEW):
        assert told[each.id][-1].verdict == "applied"
    for each in load.leads:
        first, *later = told[each.id]
        assert first.outcome_id == load.ids[each.id]
        caught_up = [one.outcome_id.partition("@") for one in later]
        assert [(head, bool(tail)) for head, _, tail in caught_up] == (
            [(first.outcome_id, True)] if _ended(first) == DEFERRED else []
        )
