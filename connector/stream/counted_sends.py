"""Count outcomes and dead letters as the broker acknowledges them."""

from collections.abc import Callable

from connector.domain.change import LeadChange, LeadOptOut
from connector.domain.dead_letter import DeadLetter
from connector.domain.outcome import Outcome
from connector.stream.ports import Sends
from connector.stream.state_rows import StateRow
from connector.telemetry.metrics import Metrics


class CountedSends:
    """`Sends` that tell the metrics; everything else is the inner one's."""

    __slots__ = ("_inner", "_metrics")

    def __init__(self, inner: Sends, metrics: Metrics) -> None:
        self._inner = inner
        self._metrics = metrics

    def outcome(self, outcome: Outcome, durable: Callable[[], None]) -> None:
        """Produce an outcome."""

        def counted() -> None:
            self._metrics.ended(outcome.verdict, outcome.reason, outcome.lane)
            self._metrics.lived(outcome.latency, outcome.lane)
            durable()

        self._inner.outcome(outcome, counted)

    def letter(self, letter: DeadLetter, durable: Callable[[], None]) -> None:
        """Produce a dead letter."""
        self._inner.letter(letter, self._counted(letter, durable))

    def late_letter(self, letter: DeadLetter, durable: Callable[[], None]) -> None:
        """Produce a dead letter whose record holds its place only."""
        self._inner.late_letter(letter, self._counted(letter, durable))

    def change(self, change: LeadChange, durable: Callable[[], None]) -> None:
        """Produce a change to `lead-changes`."""
        self._inner.change(change, durable)

    def opt_out(self, change: LeadChange, durable: Callable[[], None]) -> None:
        """Produce an opt-out to `opt-outs` alone."""
        self._inner.opt_out(change, durable)

    def following(self, change: LeadOptOut, durable: Callable[[], None]) -> None:
        """Produce an opt-out to `opt-outs` and its fence to `lead-changes`."""
        self._inner.following(change, durable)

    def row(self, partition: int, row: StateRow, durable: Callable[[int], None]) -> None:
        """Produce a state row."""
        self._inner.row(partition, row, durable)

    def _counted(self, letter: DeadLetter, durable: Callable[[], None]) -> Callable[[], None]:
        def counted() -> None:
            self._metrics.buried(letter.reason, letter.stage)
            durable()

        return counted
