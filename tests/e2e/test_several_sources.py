"""Several sources in one connector: the lead store, a second CRM's opt-outs, a do-not-call table."""

import itertools
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.brokers import Broker
from tests.support.feed import OutcomeSeen
from tests.support.playing import await_outcomes, write_anywhere
from tests.support.records import COMMITTED, as_json, envelope
from tests.support.running import Running, application, running
from tests.support.scene import DNC_EAST, DNC_WEST, flat_scene
from tests.support.site import SourceText
from tests.support.topics import Read, Sent

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

ANN, BEA, CYD = "+12015550101", "+12015550102", "+12015550103"
DEB, EVE, FAY, GIL = "+12015550104", "+12015550105", "+12015550106", "+12015550107"
ENDED = tuple[str, str | None]
APPLIED: ENDED = ("applied", None)
SUPPRESSED: ENDED = ("suppressed", "opted_out")
NO_CHANGE: ENDED = ("unchanged", "not_a_lead_change")

CONSENT = """
role = "opt_outs"
[sources.consent.mapping]
lead_id = "person"
revision = "said_at"
columns = { Private = "cell" }
phones = { Private = "cell" }
opt_out = { calls = ["refused"] }
"""
BLOCKED = """
role = "numbers"
phones = ["phone", "fax"]
when = { active = [true] }
"""


class _House:
    """The sources of one connector and the worker that reads them; one record after the other."""

    def __init__(self, run: Running, crm: str) -> None:
        self._run = run
        self._commits = itertools.count(1)
        self._crm, self._consent, self._dnc = crm, f"{crm}-consent", f"{crm}-dnc"

    def crm(self, op: str, lead: str, mobile: str, name: str = "Adaeze") -> OutcomeSeen:
        """Edit the lead store, whose Debezium connector tells of it."""
        row = dict.fromkeys(self._run.site.scene.mapped.values(), "") | {
            "lead_id": lead,
            "first_name": name,
            "phone_mobile": mobile,
            "time_zone": "America/New_York",
            "state": "CA",
            "do_not_call": False,
        }
        at = next(self._commits)
        value = envelope(op, row, lsn=at, ts_ms=COMMITTED + at, ts_us=(COMMITTED + at) * 1_000)
        return self._told(self._crm, {"lead_id": lead}, value)[0]

    def consent(self, lead: str, calls: str, at: str, cell: str = "") -> OutcomeSeen:
        """Say in the second CRM whether a person may be called; it has numbers of its own."""
        row = {"person": lead, "calls": calls, "said_at": at, "cell": cell}
        return self._told(self._consent, lead, row)[0]

    def dnc(self, *tails: str, **row: object) -> list[OutcomeSeen]:
        """Write a row of the do-not-call table, or a tombstone; outcomes by their tails."""
        return self._told(self._dnc, 7, row or None, tails)

    def _told(
        self, topic: str, key: object, value: object, tails: Sequence[str] = ("",)
    ) -> list[OutcomeSeen]:
        sent = Sent(as_json(key), as_json(value))
        (given,) = write_anywhere(self._run.broker, [(topic, sent)])
        ids = [given + tail for tail in tails]
        await_outcomes(self._run.stage, ids)
        return [self._run.feed.first[each] for each in ids]


def _ended(outcome: OutcomeSeen) -> ENDED:
    return outcome.verdict, outcome.reason


def _opt_outs_hold(house: _House) -> None:
    """An opt-out in the second CRM holds against edits, and it alone says nothing else."""
    assert _ended(house.crm("c", "ann", ANN)) == APPLIED
    refused = house.consent("ann", "refused", "2026-11-01T09:00:00Z", GIL)
    assert (_ended(refused), refused.lane) == (APPLIED, "compliance")
    edit = house.crm("u", "ann", ANN, "Brunhild")
    assert _ended(edit) == SUPPRESSED
    assert edit.opt_out == refused.outcome_id
    assert _ended(house.consent("ann", "agreed", "2026-11-02T09:00:00Z")) == NO_CHANGE
    assert _ended(house.crm("u", "ann", ANN, "Chidike")) == SUPPRESSED

    early = house.consent("cyd", "refused", "2026-11-01T09:00:00Z")
    assert _ended(early) == ("applied", "no_number")
    assert _ended(house.crm("c", "cyd", CYD)) == SUPPRESSED


def _numbers_stay_blocked(house: _House) -> None:
    """Every number of a row has its outcome; a lead that has it too stays callable by us."""
    assert _ended(house.crm("c", "bea", BEA)) == APPLIED
    first, second = house.dnc("", "/2", phone=DEB, fax=BEA, active=True)
    assert [_ended(first), _ended(second)] == [APPLIED, APPLIED]
    assert (first.change, first.lead_id) == ("numbers", None)
    assert {each.list for each in first.effects} == {DNC_WEST, DNC_EAST}
    assert {each.action for each in first.effects} == {"numbers_blocked"}
    known, _ = house.dnc("", "/2", phone=DEB, fax=BEA, active=True)
    assert _ended(known) == ("unchanged", "opted_out")
    assert _ended(house.dnc("", phone=EVE, active=False)[0]) == NO_CHANGE
    assert _ended(house.dnc("", phone="", active=True)[0]) == ("unchanged", "no_phone")
    bad = house.dnc("", phone="12", fax=FAY, active=True)[0]
    assert _ended(bad) == ("rejected", "phone_invalid")
    assert _ended(house.dnc("")[0]) == NO_CHANGE


def test_an_opt_out_of_one_source_holds_against_another(kafka: Broker, tmp_path: Path) -> None:
    """An insert through the lead store, an opt-out through the second CRM, an edit in the lead
    store: suppressed. Numbers of a table without leads go to every DNC list. Topics of sources
    have as many partitions as they like.
    """
    scene = flat_scene(f"{application()}-leads", None)
    crm = scene.topic
    sources = [
        SourceText([crm], "debezium", "crm"),
        SourceText([f"{crm}-consent"], "flat", "consent", partitions=1),
        SourceText([f"{crm}-dnc"], "flat", "dnc", partitions=9),
    ]
    extra = {"sources.consent": CONSENT, "sources.dnc": BLOCKED}
    with running(kafka, tmp_path, scene, sources, extra=extra) as run:
        worker = run.workers.start()
        run.control.watch(["ann", "cyd"])
        house = _House(run, crm)
        _opt_outs_hold(house)
        _numbers_stay_blocked(house)
        for dnc in (DNC_WEST, DNC_EAST):
            assert run.control.numbers(dnc) == {ANN, GIL, CYD, DEB, BEA, FAY}
        west = {each.id: each for each in run.control.contacts(scene.lists[0].id)}
        assert {each: west[each].callable for each in west} == {"ann": False, "bea": True}
        assert west["ann"].data["FirstName"] == "Adaeze"
        (letter,) = run.letters()
        assert json.loads(letter.value or b"")["phone"] == "12"
        assert run.feed.keys[_outcome_of(letter)] is None
        complaints = run.control.complaints()
        assert not complaints, "\n".join(complaints)
        metrics = run.workers.metrics()
        assert worker.terminate() == 0
        assert run.leaks(metrics) == []


def _outcome_of(letter: Read) -> str:
    return (dict(letter.headers)["connector.source"] or b"").decode()
