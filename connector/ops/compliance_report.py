"""Count what became of opt-outs: `connector report compliance` (contract.md section 7)."""

import heapq
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from connector.domain.change import ChangeKind
from connector.domain.outcome import Action
from connector.domain.reason import Reason, Verdict
from connector.ops.distribution import Distribution
from connector.ops.ranges import EVERYTHING, Selection
from connector.ops.seen import Seen
from connector.ops.told_outcome import ToldOutcome
from connector.ops.waiting_opt_outs import WaitingOptOut

WORST = 10

_OPT_OUTS = frozenset({ChangeKind.OPT_OUT, ChangeKind.NUMBERS})
_ASKED_FOR_NOTHING = frozenset({Reason.NOT_A_LEAD_CHANGE, Reason.NO_PHONE})
"""Records of a source of numbers that opt nothing out: deletes, empty rows."""

_NOT_WHOLE = frozenset({Reason.REFUSED_BY_PLATFORM, Reason.PHONE_INVALID, Reason.COLLISION})
"""Rejections after which a number or a contact may still be called. Elsewhere the opt-out was
honoured and another field of its record was bad."""

Line = dict[str, object]
"""A line of the evidence."""


@dataclass(slots=True)
class ComplianceReport:
    """What became of the opt-outs that *selection* has, those in `waiting` included.

    `waiting` are those that were accepted and not settled, by their outcome's id. `keep` takes a
    line of evidence for each opt-out that was honoured; `open_lines` are those of the others.
    """

    waiting: dict[str, WaitingOptOut] = field(default_factory=dict)
    selection: Selection = EVERYTHING
    keep: Callable[[Line], None] = lambda _line: None
    honoured: int = 0
    without_number: int = 0
    verified: int = 0
    latency: Distribution = field(default_factory=Distribution)
    refused: dict[str, ToldOutcome] = field(default_factory=dict)
    _worst: list[tuple[int, int, ToldOutcome]] = field(default_factory=list)
    _seen: Seen = field(default_factory=Seen)

    @property
    def open(self) -> int:
        """Return how many are not honoured: not settled yet, or refused in part."""
        return len(self.waiting) + len(self.refused)

    @property
    def opt_outs(self) -> int:
        """Return how many there are, by records."""
        return self.honoured + self.open

    def take(self, outcome: ToldOutcome) -> None:
        """Take the next outcome of the topic."""
        if not _is_opt_out(outcome) or not self.selection.has(
            outcome.place, outcome.offset, outcome.timestamp, outcome.lead_id
        ):
            return
        self.waiting.pop(outcome.outcome_id, None)
        if not self._seen.add((outcome.outcome_id, outcome.timestamp)):
            return
        if outcome.replay_id is not None:
            # Sent again, it stands for the record: only what was refused before can change by it.
            if _is_honoured(outcome) and self.refused.pop(outcome.first_id, None) is not None:
                self._honour(outcome)
        elif _is_honoured(outcome):
            self._honour(outcome)
        else:
            self.refused[outcome.outcome_id] = outcome

    def _honour(self, outcome: ToldOutcome) -> None:
        self.honoured += 1
        self.without_number += outcome.reason == Reason.NO_NUMBER
        self.verified += outcome.steps[-1] is not None
        took = latency_of(outcome)
        if took is not None:
            self.latency.add(took)
            # Earlier ones first among equals; no two have the same place in the row.
            ranked = (took, -self.honoured, outcome)
            if len(self._worst) < WORST:
                heapq.heappush(self._worst, ranked)
            else:
                heapq.heappushpop(self._worst, ranked)
        self.keep(_line(outcome, honoured=True))

    def open_lines(self) -> Iterator[Line]:
        """Yield the lines of evidence of those that are not honoured."""
        for outcome in self.refused.values():
            yield _line(outcome, honoured=False)
        for each in self.waiting.values():
            yield {**each.document(), "honoured": False, "latency_ms": None}

    @property
    def worst(self) -> list[tuple[ToldOutcome, int]]:
        """Return those that took longest, the longest first."""
        return [(outcome, took) for took, _, outcome in sorted(self._worst, reverse=True)]

    @property
    def exceptions(self) -> Mapping[str, int]:
        """Return why some are open: the reasons of those refused, `waiting` for no outcome yet."""
        counts: dict[str, int] = {"waiting": len(self.waiting)} if self.waiting else {}
        for outcome in self.refused.values():
            reason = outcome.reason or outcome.verdict
            counts[reason] = counts.get(reason, 0) + 1
        return counts

    def document(self) -> dict[str, object]:
        """Return it as `report compliance --json` has it (contract.md section 7)."""
        return {
            "opt_outs": self.opt_outs,
            "honoured": self.honoured,
            "without_number": self.without_number,
            "open": self.open,
            "verified": self.verified,
            "latency_ms": self.latency.document(),
            "worst": [
                {"lead_id": each.lead_id, "source": each.record, "latency_ms": took}
                for each, took in self.worst
            ],
            "exceptions": dict(self.exceptions),
        }


def latency_of(outcome: ToldOutcome) -> int | None:
    """Return the time from the append to the acceptance by the last DNC list, in ms.

    A version that did not tell it tells that of the platform's last acceptance, never a shorter.
    """
    if outcome.blocked_ms is not None:
        return outcome.blocked_ms
    blocked = any(each.action == Action.NUMBERS_BLOCKED for each in outcome.effects)
    return outcome.accepted_ms if blocked else None


def _is_opt_out(outcome: ToldOutcome) -> bool:
    return outcome.change in _OPT_OUTS and outcome.reason not in _ASKED_FOR_NOTHING


def _is_honoured(outcome: ToldOutcome) -> bool:
    return outcome.verdict != Verdict.REJECTED or outcome.reason not in _NOT_WHOLE


def _line(outcome: ToldOutcome, *, honoured: bool) -> Line:
    return {**outcome.document(), "honoured": honoured, "latency_ms": latency_of(outcome)}
