"""Make trouble while opt-outs come: what the platform refuses, and workers that die."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeAlias

from confluent_kafka.admin import AdminClient

from benchmarks.crew import Crew
from benchmarks.opt_out_times import RETRY_AFTER
from benchmarks.platform_server import SECOND_LIST_ID
from tests.support.brokers import Broker
from tests.support.simulators import Simulator

Halfway: TypeAlias = Callable[[], None]
"""What happens when half of the opt-outs were produced."""

Trouble: TypeAlias = Callable[[Simulator, Crew], AbstractContextManager[Halfway]]


@contextmanager
def no_trouble(platform: Simulator, crew: Crew) -> Iterator[Halfway]:  # noqa: ARG001 - as all
    """Let everything go well."""
    yield _nothing


@contextmanager
def refused(platform: Simulator, crew: Crew) -> Iterator[Halfway]:  # noqa: ARG001 - as all
    """Answer 503 on every path of contacts, reads too."""
    with _fault(platform, {"path": "*/contacts*"}, {"status": 503}):
        yield _nothing


@contextmanager
def parked(platform: Simulator, crew: Crew) -> Iterator[Halfway]:  # noqa: ARG001 - as all
    """Take one of two lists away: 404 for the list and all that is on it."""
    with _fault(platform, {"path": f"*/contactlists/{SECOND_LIST_ID}*"}, {"status": 404}):
        yield _nothing


@contextmanager
def throttled(platform: Simulator, crew: Crew) -> Iterator[Halfway]:  # noqa: ARG001 - as all
    """Answer every fifth request with 429."""
    action = {"status": 429, "headers": {"Retry-After": RETRY_AFTER}}
    with _fault(platform, {"path": "/api/*", "every": 5}, action):
        yield _nothing


@contextmanager
def killed(platform: Simulator, crew: Crew) -> Iterator[Halfway]:  # noqa: ARG001 - as all
    """Kill a worker halfway."""
    yield crew.kill


def _nothing() -> None:
    pass


@contextmanager
def _fault(platform: Simulator, match: dict[str, Any], action: dict[str, Any]) -> Iterator[None]:
    platform.arm(match, {"kind": "status", **action})
    try:
        yield
    finally:
        platform.disarm()


def owners(broker: Broker, group: str) -> dict[tuple[str, int], str]:
    """Return which member of the group has which partition."""
    admin = AdminClient({"bootstrap.servers": broker.bootstrap_servers})
    described = admin.describe_consumer_groups([group], request_timeout=10)[group].result(10)
    return {
        (place.topic, place.partition): member.member_id
        for member in described.members
        for place in member.assignment.topic_partitions
    }
