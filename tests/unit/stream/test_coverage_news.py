"""Gaps in coverage end up in the log once, in the metrics, and on the ready page."""

from collections.abc import Sequence

import pytest
from structlog.testing import capture_logs

from connector.domain.ids import ListId
from connector.planning.coverage import Gap, GapKind
from connector.stream.coverage_news import CoverageNews
from connector.stream.health import Fact, Health
from connector.telemetry.metrics import Metrics

LIST = ListId("uuid-1")
BARE = Gap(GapKind.UNATTACHED, "campaign-1", "attach it")
RESTING = Gap(GapKind.RESTING, "campaign-2", "attach it")
AWAY = Gap(GapKind.UNKNOWN, "campaigns", "wait")


class Told:
    """News of one list, and what they told."""

    def __init__(self) -> None:
        self.health = Health(lambda: 0.0)
        for fact in Fact:
            self.health.has(fact)
        self.metrics = Metrics({LIST: "default"}, "1")
        self.news = CoverageNews(self.health, self.metrics, {LIST: "default"})

    def found(self, *looks: Sequence[Gap], held: bool = False) -> list[tuple[str, str]]:
        """Tell of one look after the other; give events and levels of the log."""
        with capture_logs() as lines:
            for gaps in looks:
                self.news.found(LIST, gaps, held=held)
        assert all(line["list"] == "default" for line in lines)
        return [(str(line["event"]), str(line["log_level"])) for line in lines]

    def gauge(self, kind: GapKind) -> str:
        """Return the line of a gap in the metrics."""
        text = self.metrics.render()[0].decode()
        head = f'connector_coverage_gaps{{gap="{kind}",place="default"}} '
        (line,) = (each for each in text.splitlines() if each.startswith(head))
        return line.removeprefix(head)


@pytest.mark.parametrize(
    ("gap", "line"),
    [
        (BARE, ("coverage.missing", "error")),
        (RESTING, ("coverage.at_risk", "warning")),
        (AWAY, ("coverage.unknown", "error")),
    ],
)
def test_a_gap_is_told_once_until_it_is_closed(gap: Gap, line: tuple[str, str]) -> None:
    """Each round finds it again; with a note on a ready page that stays well, and a gauge."""
    told = Told()
    assert told.found((), (gap,), (gap,)) == [line]
    report = told.health.ready()
    assert report.well
    note = f"coverage of default: {gap.kind}, {gap.subject}: {gap.advice}"
    assert report.warnings == (note,)
    assert told.gauge(gap.kind) == "1.0"
    assert told.found((gap, BARE, AWAY), ()) == [
        each
        for each in (("coverage.missing", "error"), ("coverage.unknown", "error"))
        if each != line
    ] + [("coverage.whole", "info")]
    assert told.health.ready().warnings == ()
    assert told.gauge(gap.kind) == "0.0"


def test_new_contacts_that_wait_make_a_worker_not_ready() -> None:
    """They are a place that nothing goes to; the log says when, and when they go on."""
    told = Told()
    told.news.awaits(LIST)
    assert not told.health.ready().well
    assert told.found((BARE,), (BARE,), held=True) == [
        ("coverage.missing", "error"),
        ("inserts.held", "warning"),
    ]
    (line,) = told.health.ready().lines
    text = "coverage of default: new contacts wait: unattached, campaign-1: attach it, for 0 s"
    assert line == text
    assert told.found(()) == [("coverage.whole", "info"), ("inserts.let_go", "info")]
    assert told.health.ready().well


def test_a_worker_that_does_not_look_any_more_says_nothing() -> None:
    """The next tenure tells it anew."""
    told = Told()
    told.found((BARE,), held=True)
    told.news.forget()
    assert told.health.ready().well
    assert "connector_coverage_gaps{" not in told.metrics.render()[0].decode()
    assert told.found((BARE,), held=True) == [("coverage.missing", "error")]
