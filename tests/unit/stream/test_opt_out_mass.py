"""A mass of opt-outs is alarmed, once, until it is over; it stops nothing."""

from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from connector.domain.change import ChangeKind
from connector.domain.ids import LeadId
from connector.domain.outcome import Outcome
from connector.domain.reason import Verdict
from connector.stream.health import Health
from connector.stream.opt_out_mass import MASS, MINUTE, OptOutMass
from connector.telemetry.metrics import Metrics
from tests.support.lead_changes import an_origin

ORIGIN = an_origin(7)
OPT_OUT = Outcome(ORIGIN.outcome_id, ORIGIN, LeadId("L1"), ChangeKind.OPT_OUT, Verdict.APPLIED)


class Watch:
    """One worker's count, at a moment that the test says."""

    def __init__(self, share: float = 1.0) -> None:
        self.now = 1_000.0
        self.health, self.metrics = Health(lambda: self.now), Metrics({}, "1")
        self.mass = OptOutMass(self.health, self.metrics, lambda: self.now)
        self.mass.share(share)

    def tell(self, count: int, outcome: Outcome = OPT_OUT) -> None:
        """Tell of so many outcomes, and look."""
        for _ in range(count):
            self.mass.told(outcome)
        self.mass.look()

    def alarmed(self) -> bool:
        """Whether the ready page warns; the worker stays ready by it."""
        return bool(self.health.ready().warnings)


def test_one_more_than_the_figure_within_a_minute_is_a_mass() -> None:
    """It is told once, and over when half of it is left."""
    watch = Watch()
    with capture_logs() as lines:
        watch.tell(MASS)
        assert not watch.alarmed()
        watch.tell(1)
        watch.tell(100)
        assert watch.alarmed()
        assert b"connector_recent_opt_outs 601.0" in watch.metrics.render()[0]
        watch.now += MINUTE
        watch.tell(MASS // 2 + 1)
        assert watch.alarmed()
        watch.now += MINUTE
        watch.tell(MASS // 2)
        assert not watch.alarmed()
    assert [(each["event"], each["count"]) for each in lines] == [
        ("opt_outs.mass", MASS + 1),
        ("opt_outs.mass_over", MASS // 2),
    ]


def test_a_worker_counts_against_its_share() -> None:
    """Half of the partitions see half of a mass; what was counted before is another share's."""
    watch = Watch(0.5)
    watch.tell(MASS // 2)
    assert not watch.alarmed()
    watch.mass.share(0.25)
    watch.tell(MASS // 4)
    assert not watch.alarmed()
    watch.tell(1)
    assert watch.alarmed()


@pytest.mark.parametrize(
    "outcome",
    [
        replace(OPT_OUT, verdict=Verdict.UNCHANGED),
        replace(OPT_OUT, verdict=Verdict.DUPLICATE),
        replace(OPT_OUT, change=ChangeKind.UPSERT),
    ],
)
def test_what_was_honoured_before_is_no_news(outcome: Outcome) -> None:
    """A nightly list that is entered again, a replay, other changes."""
    watch = Watch()
    watch.tell(2 * MASS, outcome)
    assert not watch.alarmed()
