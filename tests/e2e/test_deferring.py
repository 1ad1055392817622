"""One list of two is parked beside thousands of changes, across a kill, and returns."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from pydantic import JsonValue

from tests.support.brokers import Broker
from tests.support.playing import await_outcomes, write_anywhere
from tests.support.running import Running, application, running
from tests.support.scene import DNC_EAST, DNC_WEST, flat_scene
from tests.support.site import SourceText
from tests.support.topics import Sent, read_topic
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

LEADS = 2_000
SMALL = {"apply": "max_pending = 200"}
"""A fraction of what the parked list holds; patience stays 15 minutes, so that half of it decides."""


@pytest.fixture
def run(kafka: Broker, tmp_path: Path) -> Iterator[Running]:
    """A site whose lists `west` and `web` take each lead, and `east` none."""
    scene = flat_scene(f"{application()}-leads", None)
    with running(kafka, tmp_path, scene, [SourceText([scene.topic], "flat")], extra=SMALL) as site:
        yield site


def _write(run: Running, leads: Iterable[int], **more: object) -> list[str]:
    """Write a row of each lead; return the ids of their outcomes."""
    rows = [
        {
            "lead_id": f"L{lead}",
            "state": "CA",
            "source": "web",
            "phone_mobile": f"+1202555{lead:04}",
            "do_not_call": False,
        }
        | more
        for lead in leads
    ]
    sent = [Sent(str(row["lead_id"]).encode(), json.dumps(row).encode()) for row in rows]
    return write_anywhere(run.broker, [(run.site.scene.topic, each) for each in sent])


def _park(run: Running, name: str) -> None:
    """Refuse every request about the contacts of a list, as for a permission taken away."""
    path = f"/api/v2/outbound/contactlists/{run.site.scene.list_named(name).id}/*"
    body: dict[str, JsonValue] = {
        "code": "missing.any.permissions",
        "status": 403,
        "message": "no",
    }
    run.control.fault({"path": path}, {"kind": "status", "status": 403, "body": body})


def _usable(run: Running, name: str) -> set[str]:
    found = run.control.contacts(run.site.scene.list_named(name).id)
    return {each.data["CRM_Lead_ID"] for each in found if each.callable}


def _control(run: Running) -> dict[bytes | None, bytes | None]:
    """What `A.control` says of deferring now."""
    records = read_topic(run.broker, run.site.topic("control"))
    newest = {each.key: each.value for each in records}
    return {key: value for key, value in newest.items() if (key or b"").startswith(b"deferred/")}


def test_a_parked_list_holds_up_nothing_and_is_complete_once_it_returns(run: Running) -> None:
    """The other list is complete meanwhile, and opt-outs behind it are honoured at once."""
    everyone = {f"L{lead}" for lead in range(LEADS)}
    opted_out = {f"L{lead}" for lead in range(0, LEADS, 40)}
    run.control.watch(sorted(opted_out))
    _park(run, "web")
    run.workers.start()
    run.workers.wait_ready()
    first = _write(run, range(LEADS))
    await_outcomes(run.stage, first)
    assert {(run.feed.first[each].verdict, run.feed.first[each].reason) for each in first} == {
        ("applied", "list_deferred")
    }
    assert _usable(run, "west") == everyone
    assert _usable(run, "web") == set()
    assert all(_control(run).values())

    run.workers.newest.kill()
    run.workers.start()
    run.workers.wait_ready()
    gone = _write(run, range(0, LEADS, 40), do_not_call=True)
    wanted = {f"+1202555{lead:04}" for lead in range(0, LEADS, 40)}
    wait_until(
        lambda: all(wanted <= run.control.numbers(dnc) for dnc in (DNC_WEST, DNC_EAST)),
        "the numbers of the opt-outs",
        20,
    )
    wait_until(lambda: _usable(run, "west") == everyone - opted_out, "the quarantines", 20)
    changed = _write(run, range(1, LEADS, 2), first_name="Bea")
    await_outcomes(run.stage, changed)

    run.control.calm()
    await_outcomes(run.stage, gone)
    wait_until(lambda: not any(_control(run).values()), "the catch-up", 120)
    assert _usable(run, "web") == everyone - opted_out
    names = {
        each.data["CRM_Lead_ID"]: each.data["FirstName"]
        for each in run.control.contacts(run.site.scene.list_named("web").id)
        if each.callable
    }
    assert all(names[f"L{lead}"] == "Bea" for lead in range(1, LEADS, 2) if f"L{lead}" in names)
    run.feed.poll()
    brought = [each for each in run.feed.first.values() if each.replay_id is not None]
    assert all(each.outcome_id.endswith(f"@{each.replay_id}") for each in brought)
    assert {each.lead_id for each in brought if each.verdict == "applied"} == everyone - opted_out
    complaints = run.control.complaints()
    assert not complaints, "\n".join(complaints)
