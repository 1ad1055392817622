"""The main job under kill -9, again and again."""

import random
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.brokers import Broker
from tests.support.histories import history
from tests.support.judging import differences, gather
from tests.support.playing import Stage, play
from tests.support.running import Running, application, running
from tests.support.scene import flat_scene
from tests.support.site import SourceText
from tests.support.truth import truth, watched
from tests.support.writes import out_of_order

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

KILLS = 7


@dataclass(slots=True)
class Killer:
    """Kill the worker some moments after it has begun to work, and start the next one."""

    run: Running
    dice: random.Random
    kills: int = 0
    _due: float | None = field(default=None, init=False)

    def strike(self) -> None:
        """Do what is due now; called again and again while outcomes are awaited."""
        self.run.workers.demand_alive()
        if self.kills == KILLS:
            return
        now = time.monotonic()
        if self._due is None:
            if self.run.workers.works():
                self._due = now + self.dice.uniform(0.1, 1.5)
        elif now >= self._due:
            self.run.workers.newest.kill()
            self.run.workers.start()
            self.kills += 1
            self._due = None


def test_a_worker_that_is_killed_again_and_again_loses_nothing(
    kafka: Broker, tmp_path: Path
) -> None:
    """Nothing is lost, no lead's rows are out of order, and nobody is called after an opt-out."""
    scene = flat_scene(f"{application()}-leads", "updated_at")
    made = history(scene, seed=23, crowd=2_500)
    source = SourceText([scene.topic], "flat")
    with running(kafka, tmp_path, scene, [source], requests_per_minute=2_400) as run:
        run.control.watch(watched(made))
        run.workers.start()
        killer = Killer(run, random.Random(5))
        stage = Stage(kafka, run.control, run.feed, killer.strike, patience=240)
        judged = truth(scene, play(stage, made))
        assert killer.kills >= 4
        run.workers.wait_ready()  # the last kill may have been a moment ago
        metrics = run.workers.metrics()
        assert run.workers.newest.terminate() == 0
        run.feed.poll()
        facts = gather(judged, run.control, run.feed, run.letters())
        wrong = differences(judged, facts, kills=True)
        assert not wrong, f"{len(wrong)} differences:\n" + "\n".join(wrong[:40])
        complaints = run.control.complaints()
        assert not complaints, "\n".join(complaints)
        assert out_of_order(run.control.journal()) == []
        assert run.leaks(metrics) == []
