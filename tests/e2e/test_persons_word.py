"""`opt-outs add`, `lift`, `show` and `list` on Kafka, with a worker and the simulator."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.brokers import Broker
from tests.support.playing import await_outcomes, write_anywhere
from tests.support.running import Running, application, running
from tests.support.scene import DNC_EAST, DNC_WEST, flat_scene
from tests.support.site import SourceText
from tests.support.topics import Sent, read_topic
from tests.support.worker import command

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

WORD = ("--by", "Ines", "--reason", "letter of 3 May", "--yes")
ANN, BEA = "+12025550101", "+12025550102"


@pytest.fixture
def run(kafka: Broker, tmp_path: Path) -> Iterator[Running]:
    """A site whose source holds no record yet, without a worker."""
    scene = flat_scene(f"{application()}-leads", None)
    with running(kafka, tmp_path, scene, [SourceText([scene.topic], "flat")]) as site:
        yield site


def _crm(run: Running, lead: str, mobile: str, **more: object) -> Any:
    """Write a row of the CRM and give its outcome."""
    row = {"lead_id": lead, "state": "CA", "phone_mobile": mobile, "do_not_call": False} | more
    sent = Sent(lead.encode(), json.dumps(row).encode())
    (told,) = write_anywhere(run.broker, [(run.site.scene.topic, sent)])
    await_outcomes(run.stage, [told])
    return run.feed.first[told]


def _said(run: Running, *words: str, code: int = 0, stdin: str = "") -> Any:
    """Run `opt-outs` with these words; give its document, or what it complained of."""
    finished = command(run.site, "opt-outs", *words, "--json", stdin=stdin)
    assert finished.returncode == code, finished.stderr
    return json.loads(finished.stdout) if finished.stdout else finished.stderr


def _sends(run: Running) -> int:
    return len(run.control.journal())


def _counts(document: Any) -> tuple[int, dict[str, int], int]:
    return document["sent"], document["verdicts"], document["open"]


def test_a_letter_is_an_opt_out(run: Running) -> None:
    """By lead: attributed, in the outcome and on every DNC list; again it sends nothing."""
    run.workers.start()
    run.workers.wait_ready()
    assert _crm(run, "ann", ANN).verdict == "applied"
    run.control.watch(["ann"])
    assert _counts(_said(run, "add", "--lead", "ann", *WORD)) == (1, {"applied": 1}, 0)
    (line,) = read_topic(run.broker, run.site.topic("opt-outs"))
    run.feed.poll()
    outcome = run.feed.first[f"{line.topic}/{line.partition}/{line.offset}"]
    assert (outcome.lead_id, outcome.change, outcome.lane) == ("ann", "opt_out", "compliance")
    assert run.control.numbers(DNC_WEST) == run.control.numbers(DNC_EAST) == {ANN}
    assert _crm(run, "ann", ANN, first_name="Anna").opt_out == outcome.outcome_id
    before = _sends(run)
    assert _counts(_said(run, "add", "--lead", "ann", *WORD)) == (1, {"unchanged": 1}, 0)
    assert _sends(run) == before
    (entry,) = [
        json.loads(each.value or b"")
        for each in read_topic(run.broker, run.site.topic("control"))
        if (each.key or b"").startswith(b"opt-outs-added/")
    ][:1]
    assert (entry["by"], entry["reason"], entry["records"]) == ("Ines", "letter of 3 May", 1)
    assert run.control.complaints() == []
