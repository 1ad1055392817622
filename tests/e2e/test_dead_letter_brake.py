"""The brake `dead_letters` on Kafka, with worker processes and the simulator."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import JsonValue

from tests.support.brokers import Broker
from tests.support.playing import await_outcomes, write_anywhere
from tests.support.running import Running, application, running
from tests.support.scene import DNC_WEST, flat_scene
from tests.support.site import SourceText
from tests.support.topics import Sent, committed
from tests.support.waiting import wait_until
from tests.support.worker import command

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

INES = ("--by", "Ines")
QUIET = 3.0
"""Seconds in which whatever were let go would have left: requests are not scarce here."""


def _row(lead: str, *, out: bool = False) -> bytes:
    number = f"+1202555{sum(lead.encode()) * 7 % 10_000:04d}"
    row = {"lead_id": lead, "state": "CA", "phone_mobile": number, "do_not_call": out}
    return json.dumps(row).encode()


def _write(run: Running, values: Sequence[bytes]) -> list[str]:
    """Write to partition 0 of the source; give the ids of the outcomes."""
    topic = run.site.scene.topic
    return write_anywhere(run.broker, [(topic, Sent(b"k", each, partition=0)) for each in values])


def _brakes(run: Running, *words: str) -> Any:
    finished = command(run.site, "brakes", *words, "--json")
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


def _restart(run: Running) -> None:
    assert run.workers.newest.terminate() == 0
    run.workers.start()
    run.workers.wait_ready()


def _honoured(run: Running, ids: Sequence[str]) -> None:
    await_outcomes(run.stage, ids)
    assert {run.feed.first[each].verdict for each in ids} == {"applied"}


def _group_at(run: Running) -> int:
    site = run.site
    return committed(run.broker, site.application_id, site.scene.topic).get(0, 0)


def test_a_crm_job_that_went_wrong(kafka: Broker, tmp_path: Path) -> None:
    """3 of 10 records are no JSON. 200 letters are written and no more, also after a restart and a
    kill; opt-outs behind it are honoured; after the release every record has one outcome.
    """
    scene = flat_scene(f"{application()}-leads", None)
    source = SourceText([scene.topic], "flat")
    with running(kafka, tmp_path, scene, [source]) as run:
        run.workers.start()
        run.workers.wait_ready()
        mass = [b"{" if n % 10 < 3 else _row(f"m{n}") for n in range(1_000)]
        ids = _write(run, mass)
        wait_until(lambda: bool(_brakes(run, "show")), "the brake")
        outs = _write(run, [_row(f"out{n}", out=True) for n in range(20)])
        _honoured(run, outs)
        _says_where_to_look(run, scene.topic)
        time.sleep(QUIET)
        trips_at = [n for n in range(1_000) if n % 10 < 3][200]
        assert (len(run.letters()), _group_at(run)) == (200, trips_at)

        after = _holds_over_a_restart_and_a_kill(run)
        assert (len(run.letters()), _group_at(run)) == (200, trips_at)
        assert run.feed.missing(ids) == ids[trips_at:]
        (brake,) = _brakes(run, "show")
        scope = ("--scope", brake["scope"])
        assert _brakes(run, "release", "dead_letters", *scope, *INES) == []
        await_outcomes(run.stage, [*ids, *outs, *after])
        verdicts = [run.feed.first[each].verdict for each in ids]
        assert verdicts == ["rejected" if n % 10 < 3 else "applied" for n in range(1_000)]
        assert {run.feed.first[each].verdict for each in outs} == {"applied"}
        sources = [dict(each.headers)["connector.source"] for each in run.letters()]
        assert len(sources) == len(set(sources)) == 301
        assert len(run.control.numbers(DNC_WEST)) == len(
            {json.loads(_row(lead))["phone_mobile"] for lead in _opted_out()}
        )
        metrics = run.workers.metrics()
        assert run.workers.newest.terminate() == 0
        assert run.control.complaints() == []
        assert run.leaks(metrics) == []


def _holds_over_a_restart_and_a_kill(run: Running) -> list[str]:
    """Write more while it stands; give the ids of the outcomes."""
    _restart(run)
    ids = _write(run, [_row(f"more{n}", out=True) for n in range(5)])
    _honoured(run, ids)
    run.workers.newest.kill()
    run.workers.start()
    run.workers.wait_ready()
    bad, last = _write(run, [b"{", _row("last", out=True)])
    _honoured(run, [last])
    time.sleep(QUIET)
    run.feed.poll()
    return [*ids, bad, last]


def _opted_out() -> list[str]:
    return [*(f"out{n}" for n in range(20)), *(f"more{n}" for n in range(5)), "last"]


def _says_where_to_look(run: Running, topic: str) -> None:
    (brake,) = _brakes(run, "show")
    assert (brake["brake"], brake["scope"]) == ("dead_letters", f"{topic}/0")
    assert brake["detail"].startswith("201 of the last 663 records are dead letters, 201 of them")
    assert "undecodable" in brake["detail"]
    ready = httpx.get(f"http://{run.site.listen}/health/ready", timeout=5).json()
    (warning,) = [each for each in ready["warnings"] if each.startswith("brake ")]
    assert f"`connector brakes release dead_letters --scope {topic}/0`" in warning
    assert ready["compliance"]["seconds"] < 5


def _refuse_rows(run: Running) -> None:
    body: dict[str, JsonValue] = {
        "code": "contact.datum.length.limit.exceeded",
        "message": "too long",
        "status": 400,
    }
    action: dict[str, JsonValue] = {"kind": "status", "status": 400, "body": body}
    run.control.fault({"method": "POST", "path": "*/contactlists/*/contacts"}, action)


def test_a_list_that_refuses_rows(kafka: Broker, tmp_path: Path) -> None:
    """The platform refuses every row: apply of that partition stops, over a restart too, opt-outs
    of its leads are honoured; mended and released, every record has one outcome.
    """
    scene = flat_scene(f"{application()}-leads", None)
    source = SourceText([scene.topic], "flat")
    extra = {"brakes": "dead_letter_share = 0.01"}
    with running(kafka, tmp_path, scene, [source], extra=extra) as run:
        _refuse_rows(run)
        run.workers.start()
        run.workers.wait_ready()
        leads = [f"m{n}" for n in range(400)]
        ids = _write(run, [_row(lead) for lead in leads])
        wait_until(lambda: len(_brakes(run, "show")) == scene.partitions, "the brakes", 90)
        scopes = {each["scope"] for each in _brakes(run, "show")}
        lead_changes = run.site.topic("lead-changes")
        assert scopes == {f"{lead_changes}/{n}" for n in range(scene.partitions)}
        time.sleep(QUIET)
        letters = len(run.letters())
        assert letters <= scene.partitions * (10 + 1 + 16)
        outs = _write(run, [_row(lead, out=True) for lead in leads[-20:]])
        _honoured(run, outs)
        _restart(run)
        outs += _write(run, [_row(lead, out=True) for lead in leads[-30:-20]])
        _honoured(run, outs[-10:])
        time.sleep(QUIET)
        assert len(run.letters()) == letters
        run.control.calm()
        assert _brakes(run, "release", "dead_letters", *INES) == []
        await_outcomes(run.stage, ids)
        ended = [run.feed.first[each].verdict for each in ids]
        assert ended.count("rejected") == letters == len(run.letters())
        assert ended.count("applied") == 400 - letters - ended.count("suppressed")
        callable_leads = {
            each.data["CRM_Lead_ID"]
            for each in run.control.contacts(scene.lists[0].id)
            if each.callable
        }
        assert callable_leads.isdisjoint(leads[-30:])
        assert run.control.complaints() == []
