"""`opt-outs add`, `lift`, `show` and `list` on Kafka, with a worker and the simulator."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.domain.origin import PERSON
from connector.stream.lead_changes import decode
from tests.support.brokers import Broker
from tests.support.playing import await_outcomes, write_anywhere
from tests.support.running import Running, application, running
from tests.support.scene import DNC_EAST, DNC_WEST, flat_scene
from tests.support.schema_registry import schema_registry
from tests.support.site import SourceText
from tests.support.topics import Sent, read_topic
from tests.support.waiting import wait_until
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


def _sends(run: Running) -> list[str]:
    """Every request about contacts or numbers; a worker asks for lists and campaigns by itself."""
    asked = [f"{each.method} {each.path}" for each in run.control.journal()]
    return [each for each in asked if "/contacts" in each or "/phonenumbers" in each]


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
    fences = [
        decode(each.value or b"").origin
        for each in read_topic(run.broker, run.site.topic("lead-changes"))
    ]
    assert [each.outcome_id for each in fences if each.source == PERSON] == [outcome.outcome_id]
    assert run.control.numbers(DNC_WEST) == run.control.numbers(DNC_EAST) == {ANN}
    assert _crm(run, "ann", ANN, first_name="Anna").opt_out == outcome.outcome_id
    before = _sends(run)
    assert _counts(_said(run, "add", "--lead", "ann", *WORD)) == (1, {"unchanged": 1}, 0)
    assert _sends(run)[len(before) :] == []
    (entry,) = [
        json.loads(each.value or b"")
        for each in read_topic(run.broker, run.site.topic("control"))
        if (each.key or b"").startswith(b"opt-outs-added/")
    ][:1]
    assert (entry["by"], entry["reason"], entry["records"]) == ("Ines", "letter of 3 May", 1)
    assert run.control.complaints() == []


def test_a_lift_and_what_comes_after_it(run: Running) -> None:
    """The next edit calls the lead again; what it covers is a repeat; any other opt-out counts."""
    run.workers.start()
    run.workers.wait_ready()
    assert _crm(run, "bea", BEA).verdict == "applied"
    _opt_out_of_the_crm_is_known(run)
    _lift_sends_nothing(run)
    assert _crm(run, "bea", BEA, first_name="Beatrix").verdict == "applied"
    assert _callable(run, "bea") == [True]
    _covered_opt_out_is_a_repeat(run)
    assert _callable(run, "bea") == [True]
    assert _crm(run, "bea", BEA, do_not_call=True).verdict == "applied"
    assert _callable(run, "bea") == [False]
    assert _said(run, "show", "--lead", "bea")["opted_out"]
    assert run.control.complaints() == []
    assert run.leaks(run.workers.metrics()) == []


def _opt_out_of_the_crm_is_known(run: Running) -> None:
    """By lead and by number; a consent in the CRM alone is for the desk."""
    first = _crm(run, "bea", BEA, do_not_call=True)
    assert first.verdict == "applied"
    assert _crm(run, "bea", BEA).reason == "reconsent_needs_review"
    known = _said(run, "show", "--lead", "bea")
    assert (known["lead_id"], known["opted_out"], known["lifted"]) == ("bea", True, None)
    assert (known["source"], known["dnc_lists"]) == (
        first.outcome_id,
        sorted([DNC_WEST, DNC_EAST]),
    )
    by_number = _said(run, "show", "--number", "-", stdin="(202) 555-0102\n")
    assert by_number["opted_out"]
    assert set(by_number["dnc_lists"]) == {DNC_WEST, DNC_EAST}
    assert [each["lead_id"] for each in by_number["leads"]] == ["bea"]
    assert [each["lead_id"] for each in _said(run, "list", "--reconsent")] == ["bea"]


def _lift_sends_nothing(run: Running) -> None:
    """It says which DNC lists hold the numbers still, and how to have the lead back at once."""
    before = _sends(run)
    finished = command(run.site, "opt-outs", "lift", "bea", *WORD)
    assert finished.returncode == 0, finished.stderr
    assert DNC_WEST in finished.stdout
    assert DNC_EAST in finished.stdout
    assert "connector replay plan --reassert --lead bea" in finished.stdout
    assert _sends(run)[len(before) :] == []
    known = _said(run, "show", "--lead", "bea")
    assert (known["opted_out"], known["lifted"]["by"]) == (False, "Ines")
    assert known["lifted"]["reason"] == "letter of 3 May"
    assert _said(run, "list", "--reconsent") == []
    assert [each["lead_id"] for each in _said(run, "list")] == ["bea"]


def _covered_opt_out_is_a_repeat(run: Running) -> None:
    """It comes once more, as after a crash of the worker that read it."""
    topic = run.site.topic("opt-outs")
    covered, _ = [each for each in read_topic(run.broker, topic) if each.key == b"bea"]
    write_anywhere(run.broker, [(topic, Sent(covered.key, covered.value, (), covered.partition))])
    wait_until(lambda: run.feed.has([]) and bool(run.feed.again), "the outcome of the repeat")
    (again,) = run.feed.again
    assert again.verdict == "duplicate"


def _callable(run: Running, lead: str) -> list[bool]:
    lists = run.site.scene.lists
    found = [each for one in lists for each in run.control.contacts(one.id)]
    return [each.callable for each in found if each.data["CRM_Lead_ID"] == lead]


def test_a_nightly_file(run: Running) -> None:
    """Nothing is lost without a worker; 1,000 lines are honoured, and cost nothing again."""
    waiting = _said(run, "add", "--lead", "early", *WORD, code=3)
    assert _counts(waiting) == (1, {}, 1)
    run.workers.start()
    run.workers.wait_ready()
    lines = [f"L-{n},+1202555{n:04d}" for n in range(600)]
    lines += [f",+1202555{n:04d}" for n in range(1_000, 1_200)]
    lines += [f"L-{n}," for n in range(2_000, 2_200)]
    file = run.site.directory / "nightly.csv"
    file.write_text("\n".join(["lead_id,number", *lines, ""]))
    assert _counts(_said(run, "add", "--file", str(file), *WORD)) == (1_000, {"applied": 1_000}, 0)
    wanted = {f"+1202555{n:04d}" for n in (*range(600), *range(1_000, 1_200))}
    assert run.control.numbers(DNC_WEST) == run.control.numbers(DNC_EAST) == wanted
    before = _sends(run)
    again = _said(run, "add", "--file", "-", *WORD, stdin=file.read_text())
    assert _counts(again) == (1_000, {"unchanged": 1_000}, 0)
    assert _sends(run)[len(before) :] == []
    assert _said(run, "show", "--lead", "early")["opted_out"]
    bad = _said(run, "add", "--file", "-", *WORD, stdin="late,12\n,13\n", code=3)
    assert (*_counts(bad), bad["refused"]) == (1, {"rejected": 1}, 0, [2])
    assert _said(run, "show", "--lead", "late")["opted_out"]
    assert run.control.complaints() == []
    assert run.leaks(run.workers.metrics()) == []


def test_outcomes_in_avro_are_read(kafka: Broker, tmp_path: Path) -> None:
    """With a registry the command reads the verdicts by its schemas."""
    scene = flat_scene(f"{application()}-leads", None)
    source = SourceText([scene.topic], "flat")
    with (
        schema_registry() as registry,
        running(kafka, tmp_path, scene, [source], registry=registry) as run,
    ):
        run.workers.start()
        run.workers.wait_ready()
        said = _said(run, "add", "--file", "-", *WORD, stdin=f"ann,{ANN}\n,{BEA}\n")
        assert _counts(said) == (2, {"applied": 2}, 0)
        run.feed.poll()
        assert [each[0] for each in run.feed.raw] == [0, 0]
        assert run.control.numbers(DNC_WEST) == {ANN, BEA}
