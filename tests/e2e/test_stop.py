"""SIGTERM under load."""

import time
from pathlib import Path

import pytest

from tests.support.brokers import Broker
from tests.support.histories import history
from tests.support.playing import await_outcomes, write
from tests.support.running import application, running
from tests.support.scene import flat_scene
from tests.support.site import SourceText
from tests.support.topics import committed, ends
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

GRACE = 30.0
"""Seconds within which a worker must have ended (issue 4, point 5)."""


def test_a_worker_that_is_asked_to_stop_under_load_ends_clean(
    kafka: Broker, tmp_path: Path
) -> None:
    """It ends with 0 in time, commits what it settled, and its successor redoes nothing."""
    scene = flat_scene(f"{application()}-leads", "updated_at")
    made = history(scene, seed=31, crowd=1_500)
    source = SourceText([scene.topic], "flat")
    with running(kafka, tmp_path, scene, [source], requests_per_minute=600) as run:
        worker = run.workers.start()
        written = write(kafka, scene.topic, made.records)
        group = run.site.application_id
        changes = run.site.topic("lead-changes")

        def under_load() -> bool:
            run.workers.demand_alive()
            run.feed.poll()
            if not 300 < len(run.feed.first) < len(written) - 300:
                return False
            return sum(committed(kafka, group, changes).values()) > 0

        wait_until(under_load, "a worker in the middle of its work", 90)
        asked = time.monotonic()
        assert worker.terminate(GRACE) == 0
        assert time.monotonic() - asked < GRACE
        run.feed.poll()
        assert len(run.feed.first) < len(written), "the load was over before the worker stopped"
        assert not run.feed.again
        assert sum(committed(kafka, group, scene.topic).values()) > 0
        settled = sum(committed(kafka, group, changes).values())
        assert 0 < settled < sum(ends(kafka, changes).values())
        before = set(run.feed.first)
        run.workers.start()
        await_outcomes(run.stage, [each.outcome_id for each in written])
        assert run.workers.newest.terminate(GRACE) == 0
        run.feed.poll()
        assert {each.outcome_id for each in run.feed.again} <= before
        assert {each.verdict for each in run.feed.again} <= {"duplicate", "rejected"}
        assert len(run.feed.first) == len(written)
        assert committed(kafka, group, changes) == ends(kafka, changes)
        assert committed(kafka, group, scene.topic) == ends(kafka, scene.topic)
