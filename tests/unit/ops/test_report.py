"""What the outcomes say, counted: `connector report`."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from connector.domain.ids import LeadId
from connector.domain.outcome import Action, Effect, Latency, Outcome
from connector.domain.reason import Reason, Verdict
from connector.domain.record import TopicPartition
from connector.domain.result import Receipt
from connector.ops.ranges import EVERYTHING, Selection
from connector.ops.report import Report
from tests.support.told_outcomes import APPEND, an_outcome, told

HOUR = 3_600_000


def report(outcomes: Iterable[Outcome], selection: Selection = EVERYTHING) -> Report:
    """Count *outcomes* beside an allowance of 1 a minute."""
    counted = Report(selection, requests_per_minute=1)
    for each in outcomes:
        counted.take(told(each))
    return counted


def test_the_document_is_the_contracts() -> None:
    """Verdicts, reasons, requests and the latency of each stage."""
    counted = report(
        [
            an_outcome(0, requests=2, latency=Latency(10, 20, 30, 40, 50)),
            an_outcome(1, requests=1, latency=Latency(None, 21)),
            an_outcome(2, Verdict.UNCHANGED, Reason.SAME_ROW, latency=Latency(None, 22)),
            an_outcome(3, Verdict.REJECTED, Reason.UNDECODABLE, lead=None, change=None),
        ]
    )
    none = {"p50": None, "p99": None, "max": None}
    assert counted.document() == {
        "records": 4,
        "verdicts": {"applied": 2, "unchanged": 1, "rejected": 1},
        "reasons": {"same_row": 1, "undecodable": 1},
        "requests": 3,
        "requests_per_1000": 750.0,
        "latency_ms": {
            "crm_to_kafka": {"p50": 10, "p99": 10, "max": 10},
            "kafka_to_decided": {"p50": 21, "p99": 22, "max": 22},
            "decided_to_sent": {"p50": 30, "p99": 30, "max": 30},
            "sent_to_accepted": {"p50": 40, "p99": 40, "max": 40},
            "accepted_to_verified": {"p50": 50, "p99": 50, "max": 50},
        },
        "replays": {},
        "repeats": 0,
        "busiest_hours": [
            {
                "hour": "2027-01-15T08:00:00.000Z",
                "records": 4,
                "requests": 3,
                "allowance_share": 0.05,
            }
        ],
    }
    assert report([]).document()["latency_ms"] == dict.fromkeys(counted.document()["latency_ms"], none)  # type: ignore[call-overload]  # fmt: skip


def test_the_first_outcome_of_an_id_counts() -> None:
    """A repeat does not; one at the same place of a topic that was made anew does, as a record."""
    again = an_outcome(0, Verdict.DUPLICATE, requests=1)
    anew = an_outcome(0, Verdict.STALE, timestamp=APPEND + 1)
    counted = report([an_outcome(0, requests=1), again, anew, again])
    assert counted.verdicts == {"applied": 1, "stale": 1}
    assert counted.repeats == 2
    assert counted.requests == 3, "what was asked twice was asked twice"


def test_replays_stand_apart() -> None:
    """The records are those that came from the source; requests are all."""
    counted = report([an_outcome(0, requests=1), an_outcome(0, replay="r1", requests=2)])
    assert counted.records == 1
    assert counted.replays == {"applied": 1}
    assert counted.requests == 3


def test_requests_of_a_version_that_did_not_count() -> None:
    """Answers that accepted something stand for them, each once."""

    def old(offset: int, *answers: str | None) -> None:
        effects = tuple(Effect("l", Action.UPDATED, "c", Receipt(200, each)) for each in answers)
        counted.take(replace(told(an_outcome(offset, effects=effects)), requests=None))

    counted = Report()
    old(0, "a", "b")
    old(1, "b")
    old(2, "c", None)
    assert counted.requests == 3


@pytest.mark.parametrize(
    ("selection", "records"),
    [
        (EVERYTHING, 4),
        (Selection(leads=frozenset({LeadId("L-2")})), 1),
        (Selection(topics=("more",)), 1),
        (Selection(since=APPEND + HOUR), 2),
        (Selection(until=APPEND + HOUR), 2),
        (Selection(starts={TopicPartition("crm", 0): 1}), 2),
        (Selection(ends={TopicPartition("crm", 0): 1}), 1),
    ],
)
def test_a_range_is_one_of_source_records(selection: Selection, records: int) -> None:
    """By their place, their timestamp and their lead."""
    outcomes = [
        an_outcome(0),
        an_outcome(1, lead="L-2"),
        an_outcome(2, timestamp=APPEND + HOUR),
        an_outcome(0, topic="more", timestamp=APPEND + 2 * HOUR),
    ]
    assert report(outcomes, selection).records == records


def test_the_busiest_hours_come_first() -> None:
    """By requests, five at most, those without any left out."""
    outcomes = [
        an_outcome(hour, timestamp=APPEND + hour * HOUR, requests=requests)
        for hour, requests in enumerate([1, 9, 0, 4, 5, 2, 3])
    ]
    counted = report(outcomes)
    assert [hour.requests for _, hour in counted.busiest] == [9, 5, 4, 3, 2]
    assert [name[11:16] for name, _ in counted.busiest][:2] == ["09:00", "12:00"]
    assert [hour.requests for *_, hour in counted.by_hour] == [1, 9, 0, 4, 5, 2, 3]
