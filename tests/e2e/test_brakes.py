"""Each brake on Kafka, with worker processes and the simulator.

It trips on its case, holds over a restart, ends by command, and lets opt-outs and disqualifications
pass meanwhile.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from connector.stream.held_reports import REPORT_SECONDS
from tests.support.brokers import Broker
from tests.support.feed import OutcomeSeen
from tests.support.playing import await_outcomes, write_anywhere
from tests.support.running import Running, application, running
from tests.support.scene import DNC_WEST, flat_scene
from tests.support.site import SourceText, free_port
from tests.support.topics import Sent, read_topic
from tests.support.waiting import wait_until
from tests.support.worker import Workers, command, workers

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

INES = ("--by", "Ines")
QUIET = 3.0
"""Seconds in which whatever were let go would have left: requests are not scarce here."""

Begin = Callable[..., AbstractContextManager[Running]]


@pytest.fixture
def begin(kafka: Broker, tmp_path: Path) -> Begin:
    """Give a way to have a site with these brakes, its source empty, without a worker."""

    def with_brakes(text: str = "") -> AbstractContextManager[Running]:
        scene = flat_scene(f"{application()}-leads", None)
        source = SourceText([scene.topic], "flat")
        return running(kafka, tmp_path, scene, [source], extra={"brakes": text})

    return with_brakes


@dataclass(frozen=True, slots=True)
class Crm:
    """What the CRM says of leads, each of west and east with a number of its own."""

    run: Running

    def say(self, leads: Sequence[str], **more: object) -> list[str]:
        """Write a row of each; give the ids of their outcomes."""
        return self._write({lead: json.dumps(_row(lead) | more).encode() for lead in leads})

    def delete(self, leads: Sequence[str]) -> list[str]:
        """Delete them."""
        return self._write(dict.fromkeys(leads))

    def ended(self, ids: Sequence[str]) -> list[OutcomeSeen]:
        """Wait for these outcomes."""
        await_outcomes(self.run.stage, ids)
        return [self.run.feed.first[each] for each in ids]

    def open(self, ids: Sequence[str]) -> int:
        """Say how many of these have no outcome."""
        self.run.feed.poll()
        return len(self.run.feed.missing(ids))

    def rests_at(self, ids: Sequence[str], open_: int) -> None:
        """Wait until so many of these have no outcome, and see to it that it stays so."""
        wait_until(lambda: self.open(ids) <= open_, f"all but {open_} outcomes")
        end = time.monotonic() + QUIET
        while time.monotonic() < end:
            assert self.open(ids) == open_
            time.sleep(0.2)

    def _write(self, rows: Mapping[str, bytes | None]) -> list[str]:
        topic = self.run.site.scene.topic
        sent = [(topic, Sent(lead.encode(), row)) for lead, row in rows.items()]
        return write_anywhere(self.run.broker, sent)


def _row(lead: str) -> dict[str, object]:
    number = sum(lead.encode()) * 7 % 10_000
    state = "CA" if sum(lead.encode()) % 2 else "NY"
    return {
        "lead_id": lead,
        "state": state,
        "phone_mobile": f"+1202555{number:04d}",
        "do_not_call": False,
        "status": "New",
    }


def _brakes(run: Running, *words: str, code: int = 0) -> Any:
    finished = command(run.site, "brakes", *words, "--json")
    assert finished.returncode == code, finished.stderr
    return json.loads(finished.stdout)


def _pulled(run: Running) -> list[tuple[str, str]]:
    return [(each["brake"], each["scope"]) for each in _brakes(run, "show")]


def _contacts(run: Running) -> dict[str, bool]:
    """Whether each lead that has a contact may be called."""
    lists = [run.control.contacts(each.id) for each in run.site.scene.lists]
    return {c.data["CRM_Lead_ID"]: c.callable for found in lists for c in found}


def _restart(run: Running) -> None:
    assert run.workers.newest.terminate() == 0
    run.workers.start()
    run.workers.wait_ready()


def _start(run: Running) -> Crm:
    run.workers.start()
    run.workers.wait_ready()
    return Crm(run)


def _passes_meanwhile(run: Running, crm: Crm, name: str) -> None:
    """An opt-out and a disqualification of leads that have a contact."""
    out, bad = (
        crm.say([f"{name}-out"], do_not_call=True),
        crm.say([f"{name}-bad"], status="Disqualified"),
    )
    assert [each.verdict for each in crm.ended([*out, *bad])] == ["applied", "applied"]
    found = _contacts(run)
    assert (found[f"{name}-out"], found[f"{name}-bad"]) == (False, False)
    assert any(
        _row(f"{name}-out")["phone_mobile"] == each for each in run.control.numbers(DNC_WEST)
    )


def _known(crm: Crm, name: str) -> None:
    """Have the two leads of `_passes_meanwhile` on their lists."""
    crm.ended(crm.say([f"{name}-out", f"{name}-bad"]))


def test_a_mass_of_inserts(begin: Begin) -> None:
    """Six leave in a minute, the seventh waits, and with it all that come after."""
    with begin("inserts_per_minute = 6") as run:
        crm = _start(run)
        _known(crm, "a")
        mass = crm.say([f"m{n}" for n in range(9)])
        crm.rests_at(mass, 5)
        _said_to_people(run)
        _passes_meanwhile(run, crm, "a")
        held = next(lead for lead in (f"m{n}" for n in range(9)) if lead not in _contacts(run))
        out = crm.say([held], do_not_call=True)
        assert [each.verdict for each in crm.ended(out)] == ["applied"]
        assert held not in _contacts(run)
        _restart(run)
        crm.rests_at(mass, 4)
        assert _pulled(run) == [("inserts", "all")]
        assert _brakes(run, "release", "inserts", "--scope", "all", *INES) == []
        assert len([each for each in crm.ended(mass) if each.verdict == "applied"]) == 8
        assert _pulled(run) == []
        assert run.control.complaints() == []


def _said_to_people(run: Running) -> None:
    """`brakes show`, the ready page, a metric and the log name it and the way out."""
    wait_until(lambda: bool(_brakes(run, "show")), "the brake")
    wait_until(lambda: _brakes(run, "show")[0]["held"] == 5, "what is held", REPORT_SECONDS + 5)
    (brake,) = _brakes(run, "show")
    assert (brake["brake"], brake["scope"]) == ("inserts", "all")
    assert brake["detail"].startswith("7 inserts were asked for within a minute")
    answer = httpx.get(f"http://{run.site.listen}/health/ready", timeout=5)
    (warning,) = [each for each in answer.json()["warnings"] if each.startswith("brake ")]
    assert "`connector brakes release inserts`" in warning
    assert brake["since"] in warning
    assert 'connector_pulled_brakes{brake="inserts"} 1.0' in run.workers.metrics()
    assert run.workers.newest.text.count("brake.pulled") == 1
    assert answer.status_code == 200


@pytest.mark.parametrize("state", ["CA", "NY"], ids=["quarantine", "remove"])
def test_a_mass_of_deletes(begin: Begin, state: str) -> None:
    """However the list carries them out: `west` by quarantine, `east` by removal."""
    with begin("deletes_per_minute = 6") as run:
        crm = _start(run)
        _known(crm, "a")
        leads = [f"m{n}" for n in range(10)]
        crm.ended(crm.say(leads, state=state))
        assert len(_contacts(run)) == 12
        mass = crm.delete(leads)
        crm.rests_at(mass, 4)
        kept = [lead for lead in leads if _contacts(run).get(lead)]
        assert len(kept) == 4
        _passes_meanwhile(run, crm, "a")
        out, bad = crm.say(kept[:1], do_not_call=True), crm.say(kept[1:2], status="Disqualified")
        crm.ended([*out, *bad])
        found = _contacts(run)
        assert [bool(found.get(lead)) for lead in kept] == [False, False, True, True]
        _restart(run)
        crm.rests_at(mass, 2)
        assert _brakes(run, "release", *INES) == []
        crm.ended(mass)
        assert not any(_contacts(run).get(lead) for lead in leads)
        assert run.control.complaints() == []


STOPPED = {
    "inserts": {"inserts"},
    "updates": {"updates"},
    "deletes": {"deletes"},
    "writes": {"inserts", "updates", "deletes"},
}


@pytest.mark.parametrize("brake", list(STOPPED))
def test_by_hand(begin: Begin, brake: str) -> None:
    """Beside a worker: what it is named for waits, over a restart too; all else goes on."""
    with begin() as run:
        crm = _start(run)
        _known(crm, "a")
        crm.ended(crm.say(["edited-1", "edited-2", "gone-1", "gone-2"]))
        (shown,) = _brakes(run, "pull", brake, *INES, "--reason", "a wrong import")
        assert (shown["brake"], shown["scope"], shown["by"]) == (brake, "all", "Ines")
        asked = {
            "inserts": crm.say(["new-1", "new-2"]),
            "updates": crm.say(["edited-1", "edited-2"], first_name="Ann"),
            "deletes": crm.delete(["gone-1", "gone-2"]),
        }
        stopped = [each for kind in STOPPED[brake] for each in asked[kind]]
        crm.ended([each for kind in asked.keys() - STOPPED[brake] for each in asked[kind]])
        crm.rests_at(stopped, len(stopped))
        _passes_meanwhile(run, crm, "a")
        _restart(run)
        crm.rests_at(stopped, len(stopped))
        assert _brakes(run, "release", brake, *INES, "--reason", "mended") == []
        assert {each.verdict for each in crm.ended(stopped)} == {"applied"}
        assert run.control.complaints() == []
        assert _words(run) == [
            ("brake-pulled", brake, "all", "Ines", "a wrong import"),
            ("brake-released", brake, "all", "Ines", "mended"),
        ]


def _words(run: Running) -> list[tuple[str, ...]]:
    found = []
    for each in read_topic(run.broker, run.site.topic("control")):
        kind = (each.key or b"").decode().partition("/")[0]
        if kind in ("brake-pulled", "brake-released"):
            entry = json.loads(each.value or b"")
            found.append((kind, *(entry[key] for key in ("brake", "scope", "by", "reason"))))
    return sorted(found)


def test_a_first_load_in_opt_outs_only(begin: Begin) -> None:
    """Pulled before any worker has run, on one list and everywhere: not one insert leaves."""
    with begin() as run:
        (shown,) = _brakes(run, "pull", "inserts", "--list", "west")
        assert (shown["scope"], shown["held"]) == ("west", None)
        assert shown["by"].startswith("login ")
        crm = Crm(run)
        rows = crm.say(["l0", "l1", "l2", "l3"])
        outs = crm.say(["o0", "o1"], do_not_call=True)
        crm = _start(run)
        assert [each.verdict for each in crm.ended(outs)] == ["applied", "applied"]
        crm.rests_at(rows, 2)
        assert len(run.control.numbers(DNC_WEST)) == 2
        assert [_row(lead)["state"] for lead in _contacts(run)] == ["NY", "NY"]
        assert _brakes(run, "release", "inserts", "--scope", "east", *INES) != []
        assert _brakes(run, "release", "--scope", "west", *INES) == []
        crm.ended(rows)
        assert run.control.complaints() == []


def test_two_workers(begin: Begin, tmp_path: Path) -> None:
    """What one trips stops both."""
    with begin("inserts_per_minute = 8") as run:
        crm = _start(run)
        other = replace(run.site, directory=tmp_path / "two", listen=f"127.0.0.1:{free_port()}")
        other.directory.mkdir()
        text = run.site.settings.read_text(encoding="utf-8")
        text = text.replace(run.site.listen, other.listen)
        text = text.replace(str(run.site.directory / "state"), str(other.directory / "state"))
        other.settings.write_text(text, encoding="utf-8")
        with workers(other) as second:
            second.start()
            second.wait_ready()
            _one_trips_both_stop(run, crm, second)


def _one_trips_both_stop(run: Running, crm: Crm, second: Workers) -> None:
    mass = crm.say([f"m{n}" for n in range(40)])
    wait_until(lambda: bool(_brakes(run, "show")), "the brake")
    time.sleep(QUIET)
    left = len(_contacts(run))
    assert 1 <= left <= 8
    for each in (run.workers, second):
        assert each.newest.text.count("brake.pulled") == 1
    crm.rests_at(mass, len(mass) - left)
    assert run.control.complaints() == []
