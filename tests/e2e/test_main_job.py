"""The main job on a real broker: thousands of flat records of every kind, beside a model."""

from pathlib import Path

import pytest

from tests.support.brokers import Broker
from tests.support.histories import history
from tests.support.judging import differences, gather
from tests.support.playing import play
from tests.support.running import application, running
from tests.support.scene import flat_scene
from tests.support.site import SourceText
from tests.support.truth import truth, watched
from tests.support.writes import out_of_order

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


@pytest.mark.parametrize(
    ("revision", "crowd"),
    [pytest.param("updated_at", 3_500, id="named revision"), pytest.param(None, 700, id="none")],
)
def test_a_history_of_every_cell_ends_as_the_model_says(
    kafka: Broker, tmp_path: Path, revision: str | None, crowd: int
) -> None:
    """Contacts, DNC lists, outcomes and dead letters are those of the model, and nothing leaks."""
    scene = flat_scene(f"{application()}-leads", revision)
    made = history(scene, seed=11, crowd=crowd)
    assert revision is None or len(made.records) >= 10_000
    with running(kafka, tmp_path, scene, [SourceText([scene.topic], "flat")]) as run:
        campaigns = run.campaigns()
        run.control.watch(watched(made))
        worker = run.workers.start()
        judged = truth(scene, play(run.stage, made))
        metrics = run.workers.metrics()
        assert worker.terminate() == 0
        facts = gather(judged, run.control, run.feed, run.letters())
        wrong = differences(judged, facts)
        assert not wrong, f"{len(wrong)} differences:\n" + "\n".join(wrong[:40])
        assert run.campaigns() == campaigns
        complaints = run.control.complaints()
        assert not complaints, "\n".join(complaints)
        assert out_of_order(run.control.journal()) == []
        assert run.leaks(metrics) == []
