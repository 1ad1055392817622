"""What all tests share: Hypothesis profiles, logging and the broker."""

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

from tests.support.brokers import Broker, any_broker

settings.register_profile(
    "dev",
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    database=DirectoryBasedExampleDatabase(Path(__file__).parents[1] / ".cache" / "hypothesis"),
)
# The gate says the same of the same commit: what chance finds beyond it is for dev and soak.
settings.register_profile(
    "ci", parent=settings.get_profile("dev"), max_examples=300, derandomize=True, database=None
)
settings.register_profile("soak", parent=settings.get_profile("dev"), max_examples=20_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Put the logging of the test run back: a command sets it up for its whole process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def say(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """Give a way to tell the person at the terminal something in one line."""
    reporter = pytestconfig.pluginmanager.get_plugin("terminalreporter")

    def tell(line: str) -> None:
        if reporter is not None:
            reporter.ensure_newline()
            reporter.write_line(line)

    return tell


@pytest.fixture(scope="session")
def kafka(say: Callable[[str], None]) -> Iterator[Broker]:
    """Run one broker for all tests: Apache Kafka, or the embedded one where that lacks something.

    Tests name their own topics and groups.
    """
    with any_broker(say) as broker:
        yield broker
