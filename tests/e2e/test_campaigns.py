"""A completed campaign comes back for new leads: once, with three workers, and no other does."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.brokers import Broker, free_ports
from tests.support.control import JournalLine
from tests.support.playing import await_outcomes, write_anywhere
from tests.support.running import Running, application, running
from tests.support.scene import Scene, flat_scene
from tests.support.site import SourceText
from tests.support.topics import Sent, read_topic
from tests.support.waiting import wait_until
from tests.support.worker import Workers, workers

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

OTHERS = ("on", "off", "stopping", "invalid", "forced_off", "forced_stopping")
COMPLETE, ALWAYS = (f"a1000000-0000-4000-8000-00000000000{n}" for n in (7, 8))
LEADS = 80


def campaigns(scene: Scene) -> list[dict[str, object]]:
    """Seed one completed campaign of the list, and seven that must be left alone."""
    west = scene.list_named("west")
    terms: dict[str, object] = {"contact_list": west.id, "dnc_lists": list(scene.dnc_lists)}
    others: list[dict[str, object]] = [
        {"id": f"a1000000-0000-4000-8000-00000000000{n}", "name": each, "status": each, **terms}
        for n, each in enumerate(OTHERS)
    ]
    done: dict[str, object] = {"id": COMPLETE, "name": "complete", "status": "complete", **terms}
    always = {**done, "id": ALWAYS, "name": "always", "always_running": True}
    return [*others, done, always]


@contextmanager
def three_workers(run: Running) -> Iterator[list[Workers]]:
    """Run two workers more beside the first, each with a state and an address of its own."""
    with ExitStack() as stack:
        all_ = [run.workers]
        for number, port in enumerate(free_ports(2), start=2):
            other = replace(
                run.site,
                directory=run.site.directory / f"worker-{number}",
                listen=f"127.0.0.1:{port}",
            )
            other.directory.mkdir()
            text = run.site.settings.read_text().replace(run.site.listen, other.listen)
            other.settings.write_text(text.replace(str(run.site.directory), str(other.directory)))
            all_.append(stack.enter_context(workers(other)))
        for each in all_:
            each.start()
        wait_until(lambda: settled(all_), "partitions for all three")
        yield all_


def metric(of: Workers, name: str) -> float:
    """Sum a metric of a worker over those of its labels that begin so."""
    lines = [line for line in of.metrics().splitlines() if line.startswith(name)]
    return sum(float(line.rpartition(" ")[2]) for line in lines)


def owns(of: Workers) -> bool:
    """Say whether a worker has joined, restored, and owns partitions."""
    of.demand_alive()
    return of.works() and metric(of, "connector_assigned_partitions") > 0


def settled(all_: Sequence[Workers]) -> bool:
    """Ask whether all have partitions, and one has seen, for all, that the lists are covered: to
    see that takes looks at campaigns too.
    """
    seen = 'connector_coverage_gaps{gap="unknown",place="east"} 0.0'
    return all(owns(each) for each in all_) and any(seen in each.metrics() for each in all_)


def inserts(of: Workers) -> float:
    """Count the requests of a worker by which contacts were accepted."""
    return metric(of, 'connector_requests_total{answer="applied",call="post_contacts"}')


def looks(of: Workers) -> float:
    """Count how often a worker has listed campaigns."""
    return metric(of, 'connector_requests_total{answer="applied",call="campaigns"}')


def wave(run: Running, all_: Sequence[Workers], name: str) -> None:
    """Let new leads come until every worker has inserted some and has looked after them."""
    before = [(inserts(each), looks(each)) for each in all_]
    records = [
        Sent(
            f"{name}-{n}".encode(),
            json.dumps(
                {
                    "lead_id": f"{name}-{n}",
                    "first_name": "Ann",
                    "phone_mobile": f"+1415555{n:04}",
                    "state": "CA",
                    "status": "New",
                    "updated_at": "2026-01-01T00:00:00Z",
                }
            ).encode(),
        )
        for n in range(LEADS)
    ]
    ids = write_anywhere(run.broker, [(run.site.scene.topic, each) for each in records])
    await_outcomes(run.stage, ids)

    def looked() -> bool:
        for each in all_:
            each.demand_alive()
        return all(
            inserts(each) > inserted and looks(each) > looked
            for each, (inserted, looked) in zip(all_, before, strict=True)
        )

    wait_until(looked, f"three workers that looked after wave {name}", 90)


def about_campaigns(run: Running, method: str) -> list[JournalLine]:
    """Return the requests about campaigns of that method."""
    return [
        each
        for each in run.control.journal()
        if each.method == method and "/outbound/campaigns" in each.path
    ]


def test_a_completed_campaign_comes_back_once_and_no_other_is_touched(
    kafka: Broker, tmp_path: Path
) -> None:
    """Three workers ask; the cool-down holds for them and for one that begins only later."""
    scene = flat_scene(f"{application()}-leads", "updated_at")
    seeds = campaigns(scene)
    terms = 'campaigns = "restart"\nrestart_cooldown = "10m"'
    with (
        running(
            kafka,
            tmp_path,
            scene,
            [SourceText([scene.topic], "flat")],
            extra={"lists.west": terms, "lists.east": 'campaigns = "off"'},
            campaigns=seeds,
        ) as run,
        three_workers(run) as all_,
    ):
        untouched = [str(each["id"]) for each in seeds if each["id"] != COMPLETE]
        before = {each: run.control.campaign(each) for each in untouched}
        completed = run.control.campaign(COMPLETE)

        wave(run, all_, "first")
        wait_until(
            lambda: run.control.campaign(COMPLETE)["campaignStatus"] == "on", "the campaign"
        )
        claims = read_topic(kafka, run.site.topic("control"))
        assert {each.key for each in claims} == {f"campaign-restart/{COMPLETE}".encode()}

        # The dialler runs through at once; leads come within the cool-down, also to a worker
        # whose process has never seen the restart.
        run.control.set_campaign_status(COMPLETE, "complete")
        wave(run, all_, "second")
        assert all_[2].newest.terminate() == 0
        all_[2].start()
        wait_until(lambda: settled(all_), "partitions for all three again")
        wave(run, all_, "third")

        assert run.control.campaign(COMPLETE)["campaignStatus"] == "complete"
        applied = [each for each in about_campaigns(run, "PUT") if each.applied]
        assert [each.path.rpartition("/")[2] for each in applied] == [COMPLETE]
        assert applied[0].body == {**completed, "campaignStatus": "on"}
        assert {each: run.control.campaign(each) for each in untouched} == before
        assert about_campaigns(run, "POST") == about_campaigns(run, "PATCH") == []
        refused = [each for each in about_campaigns(run, "PUT") if not each.applied]
        assert {each.status for each in refused} <= {409}
        assert all(COMPLETE in each.path for each in refused)

        east = scene.list_named("east").id
        finds = [each for each in about_campaigns(run, "GET") if each.path.endswith("campaigns")]
        asked = [each.query["contactListId"] for each in finds]
        # Coverage looks at every list, the care of campaigns at none that is `off`.
        assert len(asked) - 2 * asked.count(east) >= 9
        assert len(run.control.contacts(scene.list_named("west").id)) == 3 * LEADS
        assert sum(metric(each, "connector_shut_gates") for each in all_) == 0
        for each in all_:
            assert each.newest.terminate() == 0
        assert not run.control.complaints(), "\n".join(run.control.complaints())
