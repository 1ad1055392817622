"""Count what the outcomes say: `connector report` (contract.md section 7)."""

from collections import Counter
from dataclasses import dataclass, field

from connector.ops.distribution import Distribution
from connector.ops.ranges import EVERYTHING, Selection
from connector.ops.seen import Seen
from connector.ops.told_outcome import STEPS, ToldOutcome
from connector.stream.moments import rfc3339

_HOUR = 3_600_000
_SHOWN = 5


@dataclass(slots=True)
class Hour:
    """What was decided in an hour, and the requests that count with it."""

    records: int = 0
    requests: int = 0


@dataclass(slots=True)
class Report:
    """Counts of the outcomes that *selection* has; `requests_per_minute` is the allowance.

    The first outcome of an id counts. A replay's stand apart in `replays`, and what was told
    twice in `repeats`; requests are those of all of them, for they were made.
    """

    selection: Selection = EVERYTHING
    requests_per_minute: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    replays: Counter[str] = field(default_factory=Counter)
    latencies: tuple[Distribution, ...] = field(
        default_factory=lambda: tuple(Distribution() for _ in STEPS)
    )
    hours: dict[int, Hour] = field(default_factory=dict)
    repeats: int = 0
    requests: int = 0
    _seen: Seen = field(default_factory=Seen)
    _answers: Seen = field(default_factory=Seen)

    @property
    def records(self) -> int:
        """Return how many outcomes count."""
        return self.verdicts.total()

    def take(self, outcome: ToldOutcome) -> None:
        """Take the next outcome of the topic."""
        if not self.selection.has(
            outcome.place, outcome.offset, outcome.timestamp, outcome.lead_id
        ):
            return
        requests = self._requests(outcome)
        self.requests += requests
        hour = self.hours.setdefault(outcome.decided_at // _HOUR, Hour())
        hour.requests += requests
        if not self._seen.add((outcome.outcome_id, outcome.timestamp)):
            self.repeats += 1
        elif outcome.replay_id is not None:
            self.replays[outcome.verdict] += 1
        else:
            hour.records += 1
            self._count(outcome)

    def _count(self, outcome: ToldOutcome) -> None:
        self.verdicts[outcome.verdict] += 1
        if outcome.reason is not None:
            self.reasons[outcome.reason] += 1
        for took, distribution in zip(outcome.steps, self.latencies, strict=True):
            if took is not None:
                distribution.add(took)

    def _requests(self, outcome: ToldOutcome) -> int:
        """Return the requests of *outcome*; where it does not say, its answers not seen before."""
        if outcome.requests is not None:
            return outcome.requests
        answers = {each.correlation_id for each in outcome.effects} - {None}
        return sum(self._answers.add(each) for each in answers)

    def share(self, hour: Hour) -> float | None:
        """Return what *hour* took of the allowance; None where that is not known."""
        whole = self.requests_per_minute * 60
        return round(hour.requests / whole, 4) if whole else None

    @property
    def busiest(self) -> list[tuple[str, Hour]]:
        """Return the hours with the most requests, and their names."""
        most = sorted(self.hours.items(), key=lambda each: (-each[1].requests, each[0]))
        return [(rfc3339(hour * _HOUR), each) for hour, each in most[:_SHOWN] if each.requests]

    @property
    def by_hour(self) -> list[tuple[int, str, Hour]]:
        """Return every hour in which something was decided, in order: number, name, what."""
        return [(hour, rfc3339(hour * _HOUR), each) for hour, each in sorted(self.hours.items())]

    def document(self) -> dict[str, object]:
        """Return it as `report --json` has it (contract.md section 7)."""
        per_1000 = round(1000 * self.requests / self.records, 2) if self.records else 0
        return {
            "records": self.records,
            "verdicts": dict(self.verdicts.most_common()),
            "reasons": dict(self.reasons.most_common()),
            "requests": self.requests,
            "requests_per_1000": per_1000,
            "latency_ms": {
                name: each.document() for name, each in zip(STEPS, self.latencies, strict=True)
            },
            "replays": dict(self.replays.most_common()),
            "repeats": self.repeats,
            "busiest_hours": [
                {
                    "hour": name,
                    "records": each.records,
                    "requests": each.requests,
                    "allowance_share": self.share(each),
                }
                for name, each in self.busiest
            ],
        }
