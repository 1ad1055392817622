"""The main job while the platform plays every fault it has, alone and mixed."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.brokers import Broker
from tests.support.histories import PHASES, History, history
from tests.support.judging import differences, gather
from tests.support.playing import Stage, play_phase
from tests.support.running import Running, application, running
from tests.support.scene import flat_scene
from tests.support.site import SourceText
from tests.support.troubles import ALONE, TIMEOUT, schedule
from tests.support.truth import Played, truth, watched
from tests.support.writes import out_of_order

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

SEEDS = (31, 37, 41, 43, 47)
CROWD = int(os.environ.get("TROUBLES_CROWD", "1400"))
"""Leads of each history: 1,400 make more than 4,000 records, so five seeds 20,000; 6,800 make 20,000
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


def test_no_answer_of_the_platform_changes_what_comes_out(kafka: Broker, tmp_path: Path) -> None:
    """Books, outcomes and dead letters are those of the model, and nothing is held against us.

    Every seed has a worker and a simulator of its own. They wait most of the time, so two are
    played together: more would be too slow for a 429 to be heard of in time.
    """
    with ThreadPoolExecutor(2) as together:
        plays = [
            together.submit(_play, kafka, tmp_path / str(number), number)
            for number in range(len(SEEDS))
        ]
    wrong = [f"seed {SEEDS[number]}: {each.exception()}" for number, each in enumerate(plays)]
    assert not any(each.exception() for each in plays), "\n".join(wrong)
    assert sum(each.result() for each in plays) >= 20_000


def _play(kafka: Broker, directory: Path, number: int) -> int:
    """Play the history of one seed under its troubles; return how many records it has."""
    directory.mkdir()
    scene = flat_scene(f"{application()}-leads", "updated_at")
    made = history(scene, SEEDS[number], CROWD, ALONE_ONLY)
    source = SourceText([scene.topic], "flat")
    with running(kafka, directory, scene, [source], extra=IN_TROUBLE) as run:
        run.control.watch(watched(made))
        worker = run.workers.start()
        run.workers.wait_ready()
        stage = Stage(kafka, run.control, run.feed, run.workers.demand_alive, patience=400)
        judged = truth(scene, _phases(run, stage, made, number))
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
    return len(made.records)


def _phases(run: Running, stage: Stage, made: History, number: int) -> list[Played]:
    played = []
    plan = schedule(len(SEEDS), PHASES)[number]
    for at, (phase, (name, troubles)) in enumerate(zip(made.phases, plan, strict=True)):
        for index, each in enumerate(troubles):
            each.arm(run.control, SEEDS[number] + 100 * at + index)
        try:
            played.append(play_phase(stage, made.scene.topic, phase))
        except TimeoutError as late:
            raise AssertionError(f"under {name}: {late}") from late
    return played
