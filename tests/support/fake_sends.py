"""A fake of the port `Sends`: keeps what was produced until the test lets the broker have it."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from connector.domain.change import LeadChange, LeadOptOut
from connector.domain.dead_letter import DeadLetter
from connector.domain.outcome import Outcome
from connector.stream.countdown import countdown
from connector.stream.state_rows import StateRow


@dataclass
class FakeTopic:
    """One topic: sends that wait, and those that the broker has, each in their order."""

    waiting: deque[tuple[object, Callable[[], None]]] = field(default_factory=deque)
    log: list[object] = field(default_factory=list)

    def send(self, value: object, durable: Callable[[], None]) -> None:
        """Queue *value*."""
        self.waiting.append((value, durable))

    def deliver(self, *, report: bool = True) -> None:
        """Let the broker have the oldest; without *report* the process dies before it hears."""
        value, durable = self.waiting.popleft()
        self.log.append(value)
        if report:
            durable()


class FakeSends:
    """All topics. Keys share one partition, so a topic acknowledges in the order of its sends."""

    def __init__(self) -> None:
        self.outcomes, self.rows, self.letters = FakeTopic(), FakeTopic(), FakeTopic()
        self.opt_outs, self.changes = FakeTopic(), FakeTopic()

    @property
    def topics(self) -> tuple[FakeTopic, ...]:
        """Return all topics."""
        return self.outcomes, self.rows, self.letters, self.opt_outs, self.changes

    def outcome(self, outcome: Outcome, durable: Callable[[], None]) -> None:
        """Queue an outcome."""
        self.outcomes.send(outcome, durable)

    def change(self, change: LeadChange, durable: Callable[[], None]) -> None:
        """Queue a change."""
        self.changes.send(change, durable)

    def opt_out(self, change: LeadChange, durable: Callable[[], None]) -> None:
        """Queue an opt-out."""
        self.opt_outs.send(change, durable)

    def following(self, change: LeadOptOut, durable: Callable[[], None]) -> None:
        """Queue an opt-out and its fence."""
        report = countdown(2, durable)
        self.opt_outs.send(change, report)
        self.changes.send(change, report)

    def row(self, partition: int, row: StateRow, durable: Callable[[int], None]) -> None:  # noqa: ARG002
        """Queue a state row."""
        self.rows.send(row, lambda: durable(len(self.rows.log) - 1))

    def letter(self, letter: DeadLetter, durable: Callable[[], None]) -> None:
        """Queue a dead letter."""
        self.letters.send(letter, durable)

    late_letter = letter
