"""Real lanes, in any order of events, end as a model says that shares no line with them."""

import random
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.support.histories import history
from tests.support.judging import differences
from tests.support.rehearsal import Pace, Rehearsal
from tests.support.scene import flat_scene
from tests.support.truth import truth


@pytest.mark.parametrize("pace", Pace)
@pytest.mark.parametrize("revision", ["updated_at", None])
def test_every_order_of_events_ends_as_the_model_says(
    tmp_path_factory: pytest.TempPathFactory, pace: Pace, revision: str | None
) -> None:
    """Contacts, numbers, outcomes and letters are right, and nobody is made callable again."""
    directory = tmp_path_factory.mktemp("rehearsal")

    @settings(
        max_examples=max(2, settings().max_examples // 30), phases=(Phase.reuse, Phase.generate)
    )
    @given(seed=st.integers(0, 2**32 - 1))
    def holds(seed: int) -> None:
        _rehearse(directory, seed, pace, revision)

    holds()


def _rehearse(directory: Path, seed: int, pace: Pace, revision: str | None) -> None:
    scene = flat_scene("t", revision)
    made = history(scene, seed, crowd=60)
    rehearsal = Rehearsal(scene, directory, random.Random(seed), pace)
    judged = truth(scene, rehearsal.play(made))
    wrong = differences(judged, rehearsal.facts)
    assert not wrong, "\n".join(wrong[:20])
    assert not rehearsal.resurrected
