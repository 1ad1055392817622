"""Two workers share the work: one joins under load, one is killed, the first leaves in order."""

import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.support.brokers import Broker, free_ports
from tests.support.histories import history
from tests.support.judging import differences, gather
from tests.support.playing import Stage, play
from tests.support.running import Running, application, running
from tests.support.scene import flat_scene
from tests.support.site import SourceText
from tests.support.truth import truth, watched
from tests.support.worker import Workers, workers
from tests.support.writes import out_of_order

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


@dataclass(slots=True)
class Relay:
    """Let the second worker join once the first works, be killed, come back, and the first go."""

    run: Running
    second: Workers
    steps: list[str] = field(default_factory=list)
    _since: float = field(default_factory=time.monotonic)

    def tick(self) -> None:
        """Do what is due now; called again and again while outcomes are awaited."""
        waited = time.monotonic() - self._since
        if not self.steps and waited > 2 and self.run.workers.works():
            self.second.start()
            self._did("joined")
        elif self.steps == ["joined"] and waited > 4 and self.second.works():
            self.second.newest.kill()
            self.second.start()
            self._did("killed")
        elif self.steps == ["joined", "killed"] and waited > 4 and self.second.works():
            assert self.run.workers.newest.terminate() == 0
            self._did("left")
        self.second.demand_alive()
        self.run.workers.demand_alive()

    def _did(self, step: str) -> None:
        self.steps.append(step)
        self._since = time.monotonic()


def test_partitions_move_between_workers_and_nothing_is_lost(
    kafka: Broker, tmp_path: Path
) -> None:
    """Whoever owns a lead decides on all that was accepted before; the end is the model's."""
    scene = flat_scene(f"{application()}-leads", "updated_at")
    made = history(scene, seed=31, crowd=1_500)
    source = SourceText([scene.topic], "flat")
    (port,) = free_ports(1)
    with running(kafka, tmp_path, scene, [source], requests_per_minute=1_800) as run:
        other = replace(run.site, directory=tmp_path / "two", listen=f"127.0.0.1:{port}")
        other.directory.mkdir()
        text = run.site.settings.read_text()
        text = text.replace(run.site.listen, other.listen)
        other.settings.write_text(text.replace(str(run.site.directory), str(other.directory)))
        with workers(other) as second:
            run.control.watch(watched(made))
            run.workers.start()
            relay = Relay(run, second)
            stage = Stage(kafka, run.control, run.feed, relay.tick, patience=240)
            judged = truth(scene, play(stage, made))
            assert relay.steps == ["joined", "killed", "left"]
            assert second.newest.terminate() == 0
        run.feed.poll()
        facts = gather(judged, run.control, run.feed, run.letters())
        wrong = differences(judged, facts, kills=True)
        assert not wrong, f"{len(wrong)} differences:\n" + "\n".join(wrong[:40])
        complaints = run.control.complaints()
        assert not complaints, "\n".join(complaints)
        assert out_of_order(run.control.journal()) == []
