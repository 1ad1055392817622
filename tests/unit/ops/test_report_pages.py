"""The pages of the reports: whole, with nothing from outside, and right for hostile text."""

from html.parser import HTMLParser

import pytest

from connector.domain.outcome import Latency
from connector.domain.reason import Reason, Verdict
from connector.ops.compliance_report import ComplianceReport
from connector.ops.page import columns
from connector.ops.report import Report
from connector.ops.report_pages import compliance_page, report_page
from tests.support.told_outcomes import APPEND, an_opt_out, an_outcome, told

HOSTILE = '<script src="//x">&'
HOUR = 3_600_000
VOID = {"meta", "br"}


class Parsed(HTMLParser):
    """A page's elements and text; every element that is opened must be closed in its place."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.links: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an element in."""
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"src", "href"}]
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an element in that closes itself."""
        del attrs
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """See that it was the last one open."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Take text in."""
        self.text += f"{data.strip()} " if data.strip() else ""


def reported() -> str:
    """Return the page of a few outcomes."""
    counted = Report(requests_per_minute=300)
    for each in [
        an_outcome(0, requests=1_200, latency=Latency(10, 20, 30, 40, 50)),
        an_outcome(1, Verdict.REJECTED, Reason.UNDECODABLE, timestamp=APPEND + 3 * HOUR),
        an_outcome(0, replay="r1"),
    ]:
        counted.take(told(each))
    return report_page(counted, [f"about {HOSTILE}"])


def complied() -> str:
    """Return the page of opt-outs, one of them refused."""
    counted = ComplianceReport()
    refused = Reason.REFUSED_BY_PLATFORM
    for each in [
        an_opt_out(0, 250, verified_ms=5),
        an_opt_out(1, 1_500),
        an_opt_out(2, None, Verdict.REJECTED, refused),
    ]:
        counted.take(told(each))
    return compliance_page(counted, [f"about {HOSTILE}"])


@pytest.mark.parametrize("text", [reported(), complied()], ids=["report", "compliance"])
def test_a_page_is_whole_and_needs_nothing_from_outside(text: str) -> None:
    """It has no script, no address, and shows text as text."""
    page = Parsed(text)
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert page.links == []
    assert "url(" not in text
    assert f"about {HOSTILE}" in page.text


def test_the_page_of_the_report_has_its_figures() -> None:
    """Each beside its name, and a line for the allowance."""
    text = Parsed(reported()).text
    for told_so in (
        "2 records",
        "1 rejected",
        "1,200 requests",
        "applied 1 50.0%",
        "undecodable 1 100.0%",
        "accepted_to_verified 1 50 50 50",
        "allowance: 18,000",
        "most: 1,200, 2027-01-15T08:00Z",
        "Sent again",
    ):
        assert told_so in text, told_so


def test_the_page_of_compliance_has_its_figures() -> None:
    """What is open stands first, with its reason."""
    text = Parsed(complied()).text
    for told_so in (
        "3 opt-outs",
        "2 honoured",
        "1 OPEN",
        "refused_by_platform 1 100.0%",
        "2 250 1,500 1,500",
        "200 ms to 500 ms 1 50.0%",
        "1 s to 2 s 1 50.0%",
        "L-1 crm/0/1 1,500",
    ):
        assert told_so in text, told_so
    assert Parsed(compliance_page(ComplianceReport(), [])).text.count("0 ") > 3


def test_columns_stand_at_their_place() -> None:
    """An hour without anything is a gap, not a neighbour; of nothing there is nothing."""
    drawn = columns("x", [(10, "ten", 4), (13, "thirteen", 8)])
    assert 'x="0.0" y="80.0" width="224.0" height="80.0"' in drawn
    assert 'x="675.0" y="0.0" width="224.0" height="160.0"' in drawn
    assert columns("x", []) == "<p>none</p>"
