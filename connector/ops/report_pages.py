"""Lay the reports out as pages: `report --html` and `report compliance --html`."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from connector.ops.compliance_report import ComplianceReport
from connector.ops.distribution import Distribution
from connector.ops.page import Cell, bars, columns, figures, page, section, table
from connector.ops.report import Report
from connector.ops.told_outcome import STEPS

_HEADS = ("", "records", "50 %", "99 %", "longest")
_BOUNDS = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 3_600_000)
_SECOND = 1_000


def report_page(counted: Report, told: Iterable[str]) -> str:
    """Return the page of `report`; *told* says of which connector, range and time it is."""
    document = counted.document()
    allowance = counted.requests_per_minute * 60
    hours = [(at, name[:16] + "Z", hour.requests) for at, name, hour in counted.by_hour]
    records = [(at, name[:16] + "Z", hour.records) for at, name, hour in counted.by_hour]
    latencies = [
        _percentiles(name, each) for name, each in zip(STEPS, counted.latencies, strict=True)
    ]
    bound = ("allowance", allowance) if allowance else None
    return page(
        "What became of the records",
        told,
        [
            figures(
                [
                    ("records", counted.records, False),
                    ("rejected", counted.verdicts["rejected"], counted.verdicts["rejected"] > 0),
                    ("requests", counted.requests, False),
                    ("requests for 1,000 records", f"{document['requests_per_1000']}", False),
                ]
            ),
            section("Verdicts", bars("verdict", counted.verdicts.most_common())),
            section("Reasons", bars("reason", counted.reasons.most_common())),
            section(
                "Latency in ms",
                table(_HEADS, latencies),
            ),
            section(
                "Requests by hour",
                columns("Requests by hour", hours, bound),
            ),
            section("Records by hour", columns("Records by hour", records)),
            *(
                [section("Sent again", bars("verdict", counted.replays.most_common()))]
                if counted.replays
                else []
            ),
        ],
    )


def compliance_page(counted: ComplianceReport, told: Iterable[str]) -> str:
    """Return the page of `report compliance`; *told* as above."""
    worst = [(each.lead_id or "numbers alone", each.record, took) for each, took in counted.worst]
    return page(
        "What became of the opt-outs",
        told,
        [
            figures(
                [
                    ("opt-outs", counted.opt_outs, False),
                    ("honoured", counted.honoured, False),
                    ("OPEN" if counted.open else "open", counted.open, counted.open > 0),
                    ("without a number to block", counted.without_number, False),
                    ("read back: cannot be called", counted.verified, False),
                ]
            ),
            *(
                [section("Open, and why", bars("reason", list(counted.exceptions.items())))]
                if counted.open
                else []
            ),
            section(
                "From the append in Kafka to the acceptance by the last DNC list, in ms",
                table(_HEADS, [_percentiles("opt-outs that blocked a number", counted.latency)]),
                bars("took", _spread(counted.latency)),
            ),
            section("Longest", table(("lead", "record", "ms"), worst)),
        ],
    )


def _percentiles(name: str, distribution: Distribution) -> Sequence[Cell]:
    return (name, distribution.count, *distribution.document().values())


def _spread(distribution: Distribution) -> list[tuple[str, int]]:
    """Return how many took how long, from the shortest to the longest that occurred."""
    counts = distribution.below(_BOUNDS)
    names = [
        f"below {_span(_BOUNDS[0])}",
        *(f"{_span(low)} to {_span(high)}" for low, high in pairwise(_BOUNDS)),
        f"{_span(_BOUNDS[-1])} or longer",
    ]
    last = max((at for at, count in enumerate(counts) if count), default=-1)
    return list(zip(names, counts, strict=True))[: last + 1]


def _span(ms: int) -> str:
    return f"{ms} ms" if ms < _SECOND else f"{ms // _SECOND} s"
