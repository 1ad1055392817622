"""What the tests on a simulator share: one for a module, with empty books for each test."""

from collections.abc import Iterator

import pytest

from tests.support.simulators import Simulator, a_seed, running_simulator


@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    """Run one simulator for this module."""
    with running_simulator() as simulator:
        yield simulator


@pytest.fixture
def simulator(running: Simulator) -> Iterator[Simulator]:
    """Give the simulator with empty books; nothing may be held against us afterwards."""
    running.reset(a_seed())
    yield running
    assert running.violations() == []
