"""Outcomes and dead letters are counted when the broker has them, not before."""

from collections.abc import Callable

from connector.domain.change import LeadChange, LeadOptOut
from connector.domain.dead_letter import DeadLetter
from connector.domain.ids import OutcomeId
from connector.domain.origin import Origin
from connector.domain.outcome import LaneName, Latency, Outcome
from connector.domain.reason import Reason, Stage, Verdict
from connector.domain.record import Record
from connector.stream.counted_sends import CountedSends
from connector.stream.state_rows import StateRow
from connector.telemetry.metrics import Metrics


class Kept:
    """Sends that keep their reports until a test gives them."""

    def __init__(self) -> None:
        self.reports: list[Callable[[], None]] = []

    def outcome(self, _outcome: Outcome, durable: Callable[[], None]) -> None:
        """Keep the report."""
        self.reports.append(durable)

    def letter(self, _letter: DeadLetter, durable: Callable[[], None]) -> None:
        """Keep the report."""
        self.reports.append(durable)

    late_letter = letter

    def change(self, _change: LeadChange, durable: Callable[[], None]) -> None:
        """Keep the report."""
        self.reports.append(durable)

    opt_out = change

    def following(self, _change: LeadOptOut, durable: Callable[[], None]) -> None:
        """Keep the report."""
        self.reports.append(durable)

    def row(self, _partition: int, _row: StateRow, durable: Callable[[int], None]) -> None:
        """Keep the report."""
        self.reports.append(lambda: durable(7))


def test_what_is_durable_is_counted_and_passed_on() -> None:
    """Neither count nor callback comes before the report; both come with it."""
    metrics, kept, told = Metrics({}, "1"), Kept(), []
    sends = CountedSends(kept, metrics)
    origin = Origin("default", "crm", "id", 0, 1, 2)
    outcome = Outcome(
        OutcomeId("crm/0/1"),
        origin,
        None,
        None,
        Verdict.REJECTED,
        Reason.UNDECODABLE,
        lane=LaneName.WRITE,
        latency=Latency(kafka_to_decided_ms=5),
    )
    letter = DeadLetter(
        Record("crm", 0, 1, 2, None, None), Reason.UNDECODABLE, Stage.DECODE, "text", 2
    )
    sends.outcome(outcome, lambda: told.append("outcome"))
    sends.letter(letter, lambda: told.append("letter"))
    sends.late_letter(letter, lambda: told.append("late letter"))
    line = 'connector_dead_letters_total{reason="undecodable",stage="decode"} 2.0'
    assert line not in metrics.render()[0].decode()
    assert told == []
    for report in kept.reports:
        report()
    text = metrics.render()[0].decode()
    assert told == ["outcome", "letter", "late letter"]
    assert line in text
    labels = 'lane="write",reason="undecodable",verdict="rejected"'
    assert f"connector_outcomes_total{{{labels}}} 1.0" in text
