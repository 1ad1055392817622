"""Opt-outs move to a new application: other partitions, all source records from the beginning."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connector.stream.state_rows import RowKind, split_key
from tests.support.brokers import Broker
from tests.support.control import Control
from tests.support.feed import Feed
from tests.support.playing import await_outcomes, write_anywhere
from tests.support.records import COMMITTED, envelope
from tests.support.running import Running, application, make_own_topics, running
from tests.support.scene import DNC_EAST, DNC_WEST, flat_scene
from tests.support.site import Site, SourceText, free_port
from tests.support.topics import Sent, read_topic
from tests.support.worker import command, simulator, workers

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

LEADS = 40
OUT = range(0, LEADS, 3)
LETTER, LIFTED, AGAIN = "lead-1", "lead-3", "lead-6"
NUMBER = "+12025559999"
WORD = ("--by", "Ines", "--reason", "letter", "--yes")


@pytest.fixture
def old(kafka: Broker, tmp_path: Path) -> Iterator[Running]:
    """The application that is left, on a source of one topic."""
    if not kafka.real:
        pytest.skip("the embedded broker has one count of partitions")
    scene = flat_scene(f"{application()}-leads", None)
    directory = tmp_path / "old"
    directory.mkdir()
    with running(kafka, directory, scene, [SourceText([scene.topic], "debezium")]) as run:
        yield run


@contextmanager
def _new(old: Running, directory: Path) -> Iterator[Running]:
    """Run another application of the same source and platform lists, which holds nothing yet."""
    directory.mkdir()
    site: Site = replace(
        old.site,
        directory=directory,
        application_id=application(),
        scene=replace(old.site.scene, partitions=7),
        listen=f"127.0.0.1:{free_port()}",
    )
    with ExitStack() as stack:
        control = Control(stack.enter_context(simulator(site)))
        stack.callback(control.close)
        make_own_topics(old.broker, site)
        feed = Feed(old.broker, site.topic("outcomes"))
        stack.callback(feed.close)
        yield Running(old.broker, site, control, stack.enter_context(workers(site)), feed)


def _number(at: int) -> str:
    return f"+1202555{at:04d}"


class Crm:
    """Writes rows as Debezium does, each a second behind the one before."""

    def __init__(self, run: Running) -> None:
        self._run = run
        self._at = 0
        self.ids: list[str] = []

    def write(self, lead: str, **fields: object) -> None:
        """Write a lead's row, and wait for its outcome."""
        self.write_all([(lead, fields)])

    def write_all(self, rows: list[tuple[str, dict[str, object]]]) -> None:
        """Write rows, and wait for their outcomes."""
        sent = []
        for lead, fields in rows:
            self._at += 1
            at = COMMITTED + self._at * 1_000
            number = _number(int(lead.removeprefix("lead-")))
            row = {"lead_id": lead, "state": "CA", "phone_mobile": number, "do_not_call": False}
            value = envelope("u", row | fields, ts_ms=at, ts_us=at * 1_000, lsn=self._at)
            record = Sent(json.dumps({"lead_id": lead}).encode(), json.dumps(value).encode())
            sent.append((self._run.site.scene.topic, record))
        ids = write_anywhere(self._run.broker, sent)
        await_outcomes(self._run.stage, ids)
        self.ids += ids


def _said(site: Site, *words: str, code: int = 0, stdin: str = "") -> Any:
    finished = command(site, "opt-outs", *words, "--json", stdin=stdin)
    assert finished.returncode == code, finished.stderr
    return json.loads(finished.stdout) if finished.stdout else finished.stderr


def _callable(run: Running) -> set[str]:
    found = [each for one in run.site.scene.lists for each in run.control.contacts(one.id)]
    return {each.data["CRM_Lead_ID"] for each in found if each.callable}


def _lives(crm: Crm, site: Site) -> None:
    """Forty leads: a third opts out, one by letter; one is lifted, one opts out again after it."""
    crm.write_all([(f"lead-{at}", {}) for at in range(LEADS)])
    crm.write_all([(f"lead-{at}", {"do_not_call": True}) for at in OUT])
    _said(site, "add", "--file", "-", *WORD, stdin=f"{LETTER},\n,{NUMBER}\n")
    for lead in (LIFTED, AGAIN):
        _said(site, "lift", lead, *WORD)
        crm.write(lead, first_name="Bea")
    crm.write(AGAIN, do_not_call=True)


def test_nobody_who_opted_out_is_callable_after_a_move(old: Running, tmp_path: Path) -> None:
    """Nothing but the file moves; what comes again makes nobody callable but who was lifted."""
    old.workers.start()
    old.workers.wait_ready()
    crm = Crm(old)
    _lives(crm, old.site)
    out = ({f"lead-{at}" for at in OUT} | {LETTER}) - {LIFTED}
    assert _callable(old) == {f"lead-{at}" for at in range(LEADS)} - out
    told = _said(old.site, "export", "--file", str(tmp_path / "early.jsonl"))
    assert old.workers.newest.terminate() == 0
    file = tmp_path / "opt-outs.jsonl"
    assert _said(old.site, "export", "--file", str(file)) == told | {"file": str(file)}
    assert file.read_bytes() == (tmp_path / "early.jsonl").read_bytes()
    assert told["leads"] == len(out) + 2
    assert (told["opted_out"], told["lifted"], told["numbers"]) == (len(out), 1, 1)
    assert not any(_number(at) in file.read_text() for at in range(LEADS))
    with _new(old, tmp_path / "new") as run:
        _imported(run, file, told)
        run.workers.start()
        run.workers.wait_ready()
        busy = _said(run.site, "import", "--file", str(file), "--by", "Ines", code=4)
        assert "stop them, then run this again" in busy
        await_outcomes(run.stage, crm.ids)
        assert _callable(run) == {f"lead-{at}" for at in range(LEADS)} - out
        assert _said(run.site, "show", "--lead", LETTER)["opted_out"]
        known = _said(run.site, "show", "--number", "-", stdin=NUMBER)
        assert (known["opted_out"], known["dnc_lists"]) == (True, [DNC_WEST, DNC_EAST])
        assert run.control.complaints() == []
        assert run.leaks(run.workers.metrics()) == []


def _imported(run: Running, file: Path, told: dict[str, Any]) -> None:
    """It writes each row to the partition of its lead, once, and who did it."""
    done = _said(run.site, "import", "--file", str(file), "--by", "Ines")
    assert (done["leads"], done["unchanged"], done["rows"]) == (
        told["leads"],
        0,
        told["leads"] + 2,
    )
    again = _said(run.site, "import", "--yes", stdin=file.read_text())
    assert (again["unchanged"], again["rows"]) == (told["leads"], 0)
    rows = read_topic(run.broker, f"{run.site.application_id}-lead-state-changelog")
    kinds = [split_key(each.key or b"")[1] for each in rows]
    assert (kinds.count(RowKind.OPT_OUT), kinds.count(RowKind.LIFT)) == (told["leads"], 2)
    (entry,) = read_topic(run.broker, run.site.topic("control"))
    assert json.loads(entry.value or b"")["by"] == "Ines"
