"""What the parts of a worker tell ends up in its health, its metrics and its log."""

import pytest
from structlog.testing import capture_logs

from connector.domain.result import Receipt
from connector.genesys.call import Call
from connector.genesys.notices import Asked, Parked, Silenced
from connector.planning.gates import EVERYWHERE, GateReason, Gates, Scope
from connector.stream.health import Health
from connector.stream.watcher import Watcher
from connector.telemetry.metrics import Metrics

PLACES = {"uuid-1": "default"}


class Watched:
    """A watcher with the health and the metrics that it tells."""

    def __init__(self) -> None:
        self.health = Health(lambda: 0.0)
        self.metrics = Metrics(PLACES, "1")
        self.gates = Gates()
        self.watcher = Watcher(self.health, self.metrics, self.gates, 8, lambda: 0.0)

    def ask(self, answer: str, call: Call = Call.SEARCH, place: str = "uuid-1") -> None:
        """Tell of a request."""
        broken = "Timeout" if answer == "unclear" else None
        self.watcher.notice(Asked(call, place, answer, 0.1, Receipt(), broken))

    def park(self, scope: str, reason: GateReason) -> None:
        """Tell of a refusal."""
        self.watcher.notice(Parked(scope, reason, "code", Receipt(403, "corr-1")))

    def shows(self, line: str) -> bool:
        """Say whether the metrics have a line."""
        return line in self.metrics.render()[0].decode().splitlines()

    def missing(self) -> list[str]:
        """Name what is missing."""
        return [line.split(":")[0] for line in self.health.ready().lines]


def test_a_worker_becomes_ready_step_by_step() -> None:
    """Assigned, restored, answered: then nothing is missing."""
    watched = Watched()
    assert watched.missing() == ["group", "partitions", "state", "platform"]
    watched.watcher.assigned([0, 1])
    assert watched.missing() == ["state", "platform"]
    watched.watcher.restored(1000, 0.5)
    watched.ask("applied")
    watched.watcher.progressed()
    assert watched.missing() == []
    assert watched.shows("connector_allowance_ratio 0.25")
    watched.watcher.holds(open_records=7, unsettled=3)
    assert watched.shows("connector_open_records 7.0")
    watched.watcher.revoked()
    assert watched.missing() == ["state", "partitions"]
    assert watched.shows("connector_assigned_partitions 0.0")


def test_a_spare_lacks_partitions_only() -> None:
    """It has joined, and an empty state is restored."""
    watched = Watched()
    watched.watcher.assigned([])
    watched.watcher.restored(0, 0.0)
    assert watched.health.worker().well
    assert "partitions" in watched.missing()


def test_one_timeout_is_no_outage_three_are() -> None:
    """The platform counts as unreachable after three requests in a row without an answer."""
    watched = Watched()
    watched.ask("applied")
    watched.ask("unclear")
    watched.ask("unavailable")
    assert "platform" not in watched.missing()
    watched.ask("unclear")
    assert "platform" in watched.missing()
    watched.ask("throttled")
    assert "platform" not in watched.missing()


@pytest.mark.parametrize(
    ("scope", "name", "back"),
    [("uuid-1", "default", Call.PUT_CONTACT), (EVERYWHERE, "all", Call.SEARCH)],
)
def test_a_parked_place_is_told_once_and_freed_by_an_answer(
    scope: str, name: str, back: Call
) -> None:
    """One alarm however often it is refused; the first success there ends it."""
    watched = Watched()
    with capture_logs() as lines:
        watched.park(scope, GateReason.PERMISSION)
        watched.park(scope, GateReason.PERMISSION)
        assert scope in watched.missing()
        assert watched.gates.reason(Scope(scope)) is GateReason.PERMISSION
        assert watched.shows(f'connector_shut_gates{{place="{name}",reason="permission"}} 1.0')
        watched.ask("environment")
        watched.ask("applied", Call.TOKEN, "")
        assert scope in watched.missing()
        watched.ask("applied", back)
        watched.ask("applied", back)
    assert scope not in watched.missing()
    assert watched.gates.reason(Scope(scope)) is None
    assert [line["event"] for line in lines] == ["list.parked", "list.resumed"]
    assert lines[0]["correlation_id"] == "corr-1"


def test_a_long_silence_is_an_alarm() -> None:
    """A 429 is a warning; one above the limit of the settings an error."""
    watched = Watched()
    with capture_logs() as lines:
        watched.watcher.notice(Silenced(3.0, alarm=False))
        watched.watcher.notice(Silenced(500.0, alarm=True))
    assert [line["log_level"] for line in lines] == ["warning", "error"]
    assert watched.shows("connector_silence_seconds_total 503.0")
