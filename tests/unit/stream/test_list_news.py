"""Sizes of lists end up in the log once for each crossing, in the metrics and on the ready page."""

import pytest
from structlog.testing import capture_logs

from connector.domain.ids import ListId
from connector.genesys.failed import Failed
from connector.stream.health import Fact, Health
from connector.stream.list_news import ListNews
from connector.telemetry.metrics import Metrics

LIST = ListId("uuid-1")
MOST = 1_000
DENIED = Failed("environment", "give it the role", "missing.permissions")
AWAY = Failed("unavailable", "wait", "HTTP 503")


class Told:
    """News of one list, and what they told."""

    def __init__(self) -> None:
        self.health = Health(lambda: 0.0)
        for fact in Fact:
            self.health.has(fact)
        self.metrics = Metrics({LIST: "default"}, "1")
        self.news = ListNews(self.health, self.metrics, {LIST: "default"}, MOST)

    def sizes(self, *sizes: int) -> list[str]:
        """Tell of one size after the other; give the events of the log, ours alone."""
        with capture_logs() as lines:
            for size in sizes:
                self.news.size(LIST, size)
        assert all(line["list"] == "default" for line in lines)
        return [str(line["event"]).removeprefix("list.") for line in lines]

    def notes(self) -> tuple[str, ...]:
        """Return the notes of the ready page, which stays well."""
        report = self.health.ready()
        assert report.well
        return report.warnings

    def shows(self, line: str) -> bool:
        """Say whether the metrics have a line."""
        return line in self.metrics.render()[0].decode()


@pytest.mark.parametrize(
    ("sizes", "events"),
    [
        ((0, 799), []),
        ((799, 800, 801, 949), ["filling"]),
        ((800, 950, 951, 1_000), ["filling", "nearly_full"]),
        ((10, 990), ["nearly_full"]),
        ((960, 940, 941), ["nearly_full", "less_full"]),
        ((960, 10, 20), ["nearly_full", "less_full"]),
        ((810, 790, 810), ["filling", "less_full", "filling"]),
    ],
)
def test_a_crossing_is_told_once(sizes: tuple[int, ...], events: list[str]) -> None:
    """Each round brings a size; the log has a line only where the alarm becomes another."""
    assert Told().sizes(*sizes) == events


def test_the_ready_page_has_a_note_as_long_as_the_list_is_loud() -> None:
    """It says how full and what to do, and the worker stays ready."""
    told = Told()
    told.sizes(823)
    assert len(told.notes()) == 1
    assert told.notes()[0].startswith("size of default: 82.3% full, 823 of 1000 contacts: take ")
    assert told.shows('connector_list_contacts{place="default"} 823.0')
    assert told.shows('connector_list_fill_ratio{place="default"} 0.823')
    told.sizes(700)
    assert told.notes() == ()
    assert told.shows('connector_list_contacts{place="default"} 700.0')


def test_a_size_that_is_not_told_is_named_once() -> None:
    """Until it is, or until the reason is another; what the gauges said last stays there."""
    told = Told()
    told.sizes(823)
    with capture_logs() as lines:
        for failed in (DENIED, DENIED, AWAY, AWAY):
            told.news.failed(LIST, failed)
        told.news.size(LIST, 824)
        told.news.failed(LIST, AWAY)
    assert [line["code"] for line in lines] == ["missing.permissions", "HTTP 503", "HTTP 503"]
    assert {line["event"] for line in lines} == {"list_size.failed"}
    assert told.notes() == ("size of default: not known: wait (HTTP 503); asked again by itself",)
    assert told.shows('connector_list_contacts{place="default"} 824.0')


def test_a_worker_that_does_not_ask_any_more_says_nothing() -> None:
    """The one that asks from now on tells it anew; ours must not stand there for ever."""
    told = Told()
    told.sizes(990)
    told.news.forget()
    assert told.notes() == ()
    assert not told.shows("connector_list_contacts{")
    assert not told.shows("connector_list_fill_ratio{")
    assert told.sizes(990) == ["nearly_full"]
