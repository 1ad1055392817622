"""A campaign without our DNC list, with a real worker: `warn` tells of it, `hold` waits for it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.brokers import Broker
from tests.support.playing import await_outcomes, write_anywhere
from tests.support.running import Running, application, running
from tests.support.scene import DNC_WEST, flat_scene
from tests.support.site import SourceText, campaign_of
from tests.support.topics import Sent
from tests.support.waiting import wait_until
from tests.support.worker import command

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

INTERVAL = 10
ANN, BEA, CID = "+12025550101", "+12025550102", "+12025550103"


@contextmanager
def uncovered(kafka: Broker, directory: Path, answer: str) -> Iterator[Running]:
    """Run a worker whose list west is dialled by a campaign without any DNC list."""
    scene = flat_scene(f"{application()}-leads", None)
    terms = f'uncovered = "{answer}"\ncoverage_interval = "{INTERVAL}s"'
    source = SourceText([scene.topic], "flat")
    with running(kafka, directory, scene, [source], extra={"compliance": terms}) as run:
        run.control.attach(_campaign(run), [])
        run.workers.start()
        run.workers.wait_ready()
        yield run
        assert run.workers.newest.terminate() == 0
        assert not run.control.complaints(), "\n".join(run.control.complaints())


def _campaign(run: Running) -> str:
    return campaign_of(run.site.scene.list_named("west"))


def _row(run: Running, lead: str, mobile: str, **more: object) -> str:
    """Write a row of the CRM; give the id of its outcome."""
    row = {"lead_id": lead, "state": "CA", "phone_mobile": mobile, "do_not_call": False} | more
    sent = Sent(lead.encode(), json.dumps(row).encode())
    (told,) = write_anywhere(run.broker, [(run.site.scene.topic, sent)])
    return told


def _leads(run: Running) -> set[str]:
    contacts = run.control.contacts(run.site.scene.list_named("west").id)
    return {each.data["CRM_Lead_ID"] for each in contacts}


def _ready(run: Running) -> httpx.Response:
    return httpx.get(f"http://{run.site.listen}/health/ready", timeout=5)


def _gap(run: Running) -> bool:
    run.workers.demand_alive()
    line = 'connector_coverage_gaps{gap="unattached",place="west"} 1.0'
    return line in run.workers.metrics()


def test_with_hold_new_contacts_wait_until_the_list_is_attached(
    kafka: Broker, tmp_path: Path
) -> None:
    """Also after a kill; an opt-out passes, and they go on by themselves within the interval."""
    with uncovered(kafka, tmp_path, "hold") as run:
        wait_until(lambda: _gap(run), "the gap")
        ann = _row(run, "ann", ANN)
        told = _row(run, "bea", BEA, do_not_call=True)
        await_outcomes(run.stage, [told])
        assert run.control.numbers(DNC_WEST) == {BEA}
        ready = _ready(run)
        assert ready.status_code == 503
        assert "coverage of west: new contacts wait" in ready.text
        assert _campaign(run) in ready.text
        run.workers.newest.kill()
        run.workers.start()
        run.workers.wait_ready()
        wait_until(lambda: _gap(run), "the gap again")
        assert _leads(run) == set()
        failed = command(run.site, "check")
        assert failed.returncode == 3
        assert _campaign(run) in failed.stdout
        run.control.attach(_campaign(run), [DNC_WEST])
        wait_until(lambda: _leads(run) == {"ann"}, "the new contact", INTERVAL + 10)
        await_outcomes(run.stage, [ann])
        wait_until(lambda: _ready(run).status_code == 200, "a worker that is ready")


def test_with_warn_new_contacts_go_on_and_the_alarm_stands(kafka: Broker, tmp_path: Path) -> None:
    """On the ready page of a worker that is ready, in the metrics, and once in the log."""
    with uncovered(kafka, tmp_path, "warn") as run:
        wait_until(lambda: _gap(run), "the gap")
        await_outcomes(run.stage, [_row(run, "cid", CID)])
        assert _leads(run) == {"cid"}
        ready = _ready(run)
        assert ready.status_code == 200
        assert f"coverage of west: unattached, {_campaign(run)}" in ready.text
        assert run.workers.newest.text.count("coverage.missing") == 1
        assert "inserts.held" not in run.workers.newest.text
