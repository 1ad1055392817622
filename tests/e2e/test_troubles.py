"""The main job while the platform plays every fault it has, alone and mixed."""

import os
from pathlib import Path

import pytest

from tests.support.brokers import Broker
from tests.support.histories import PHASES, history
from tests.support.judging import differences, gather
from tests.support.playing import Stage, play_phase
from tests.support.running import application, running
from tests.support.scene import flat_scene
from tests.support.site import SourceText
from tests.support.troubles import ALONE, TIMEOUT, schedule
from tests.support.truth import truth, watched
from tests.support.writes import out_of_order

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

SEEDS = (31, 37, 41, 43, 47)
CROWD = int(os.environ.get("TROUBLES_CROWD", "1300"))
"""Leads of each history: 1,300 make some 4,000 records, so five seeds 20,000; 6,800 make 20,000
for every seed."""

ALONE_ONLY = ("refused",)
"""Scripts that hang on a quarantine which leaves alone: in trouble it may share its request."""

IN_TROUBLE = {
    "genesys": f'request_timeout = "{TIMEOUT}"\nretry_after_limit = "3s"',
}


def test_every_trouble_is_played_alone() -> None:
    """The seeds share them out, and leave none aside."""
    played = {name for phases in schedule(len(SEEDS), PHASES) for name, _ in phases}
    assert played == {*ALONE, "mixed"}


@pytest.mark.parametrize("number", range(len(SEEDS)))
def test_no_answer_of_the_platform_changes_what_comes_out(
    kafka: Broker, tmp_path: Path, number: int
) -> None:
    """Books, outcomes and dead letters are those of the model, and nothing is held against us."""
    scene = flat_scene(f"{application()}-leads", "updated_at")
    made = history(scene, SEEDS[number], CROWD, ALONE_ONLY)
    source = SourceText([scene.topic], "flat")
    with running(kafka, tmp_path, scene, [source], extra=IN_TROUBLE) as run:
        run.control.watch(watched(made))
        worker = run.workers.start()
        run.workers.wait_ready()
        stage = Stage(kafka, run.control, run.feed, run.workers.demand_alive, patience=400)
        played = []
        for at, (phase, (name, troubles)) in enumerate(
            zip(made.phases, schedule(len(SEEDS), PHASES)[number], strict=True)
        ):
            for index, each in enumerate(troubles):
                each.arm(run.control, SEEDS[number] + 100 * at + index)
            try:
                played.append(play_phase(stage, scene.topic, phase))
            except TimeoutError as late:
                raise AssertionError(f"under {name}: {late}") from late
        judged = truth(scene, played)
        metrics = run.workers.metrics()
        assert worker.terminate() == 0
        run.feed.poll()
        facts = gather(judged, run.control, run.feed, run.letters())
        wrong = differences(judged, facts)
        assert not wrong, f"{len(wrong)} differences:\n" + "\n".join(wrong[:40])
        complaints = run.control.complaints()
        assert not complaints, "\n".join(complaints)
        assert out_of_order(run.control.journal()) == []
        assert run.leaks(metrics) == []
