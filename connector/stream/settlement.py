"""Settle changes that are done: outcome, then row, then ledger (architecture.md section 6).

A row is sent only after the delivery reports of the outcomes (and dead letters) that explain it.
Then the state never claims more than the outcomes say, and "already done" is `duplicate`.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from connector.domain.belief import Belief
from connector.domain.change import LeadChange, LeadOptOut, NumbersOptOut, kind_of
from connector.domain.dead_letter import DeadLetter
from connector.domain.ids import LeadId
from connector.domain.outcome import LaneName, Outcome
from connector.domain.reason import Reason, Stage, Verdict
from connector.domain.record import Record
from connector.domain.result import NO_RECEIPT
from connector.planning.latency import latency_of
from connector.planning.ledger import Entry
from connector.planning.pending import Door
from connector.planning.plan import Done
from connector.stream.ports import Sends
from connector.stream.state_rows import StateRow, changed_rows
from connector.stream.state_table import StateTable

_TEXTS = {
    Reason.UNKNOWN_LEAD: "the record names only what changed, and neither the state nor the "
    "platform knows a contact of this lead; have the CRM send the lead whole"
}
"""What a letter says where no answer of the platform says it."""


@dataclass(slots=True)
class _Step:
    """What one settling waits for, the rows it sends then, and the entries that end with it."""

    reports: int
    rows: tuple[StateRow, ...]
    entries: list[Entry] = field(default_factory=list)
    durable: Callable[[], None] | None = None


class Settlement:
    """Produces what ends a change, in its order. One for each tenure; `closed` makes it mute.

    `clock` returns seconds since 1970. Steps of one lead send their rows in the order in which
    they were settled, whatever their reports do: an older row must not follow a newer one.
    """

    __slots__ = ("_clock", "_sends", "_steps", "_table", "closed", "unsettled")

    def __init__(self, sends: Sends, table: StateTable, clock: Callable[[], float]) -> None:
        self._sends = sends
        self._table = table
        self._clock = clock
        self._steps: dict[LeadId, deque[_Step]] = {}
        self.closed = False
        self.unsettled = 0
        """Steps whose rows are not durable yet: what a crash now would repeat."""

    def settle(
        self, lead: LeadId, partition: int, done: Sequence[Done], before: Belief, after: Belief
    ) -> None:
        """Settle *done*, which took the belief from *before* to *after*."""
        told = []
        for each in done:
            if each.verdict is None:
                _entry(each).settle()
            else:
                told.append(each)
        if not told:
            return
        # Serialised now: a later change must not slip into the row that these outcomes explain.
        rows = self._put(lead, partition, before, after)
        step = _Step(1, rows, [_entry(each) for each in told])
        self._queue(lead, step)
        report = self._reporter(lead, partition, step)
        for each in told:
            self._tell(each, step, report)
        report()

    def ahead(
        self,
        lead: LeadId,
        partition: int,
        before: Belief,
        after: Belief,
        durable: Callable[[], None],
    ) -> None:
        """Write a row that claims nothing, and call *durable* when it is."""
        step = _Step(1, self._put(lead, partition, before, after), durable=durable)
        self._queue(lead, step)
        self._reporter(lead, partition, step)()

    def _put(
        self, lead: LeadId, partition: int, before: Belief, after: Belief
    ) -> tuple[StateRow, ...]:
        rows = changed_rows(lead, before, after)
        for row in rows:
            self._table.put(partition, row.key, row.value)
        return rows

    def _queue(self, lead: LeadId, step: _Step) -> None:
        self.unsettled += 1
        self._steps.setdefault(lead, deque()).append(step)

    def _reporter(self, lead: LeadId, partition: int, step: _Step) -> Callable[[], None]:
        def report() -> None:
            step.reports -= 1
            if not step.reports and not self.closed:
                self._advance(lead, partition)

        return report

    def _tell(self, each: Done, step: _Step, report: Callable[[], None]) -> None:
        """Produce the outcome, behind the opt-outs that follow a changed key; and a letter."""
        step.reports += 1
        outcome = self._outcome(each)
        if not each.follows:
            self._sends.outcome(outcome, report)
        else:
            waiting = [len(each.follows)]

            def followed() -> None:
                waiting[0] -= 1
                if not waiting[0] and not self.closed:
                    self._sends.outcome(outcome, report)

            for opt_out in each.follows:
                self._sends.following(opt_out, followed)
        if _needs_letter(each):
            step.reports += 1
            self._sends.late_letter(_letter(each, round(self._clock() * 1000)), report)

    def _advance(self, lead: LeadId, partition: int) -> None:
        """Send the rows of every step at the head whose reports are in."""
        steps = self._steps[lead]
        while steps and not steps[0].reports:
            step = steps.popleft()
            self._send_rows(partition, step)
        if not steps:
            del self._steps[lead]

    def _send_rows(self, partition: int, step: _Step) -> None:
        left = [len(step.rows)]
        if not left[0]:
            self._end(step)
            return
        for row in step.rows:

            def delivered(offset: int, *, row: StateRow = row) -> None:
                if self.closed:
                    return
                self._table.delivered(partition, row.key, row.value, offset)
                left[0] -= 1
                if not left[0]:
                    self._end(step)

            self._sends.row(partition, row, delivered)

    def _end(self, step: _Step) -> None:
        self.unsettled -= 1
        for entry in step.entries:
            entry.settle()
        if step.durable is not None:
            step.durable()

    def _outcome(self, done: Done) -> Outcome:
        pending, verdict = done.pending, done.verdict
        if verdict is None:
            raise ValueError("a fence has no outcome")
        change = pending.change
        complied = pending.door is Door.COMPLY
        # What asks the platform for nothing is decided when it is known that nothing is left.
        decided = pending.progress.decided or self._clock()
        return Outcome(
            outcome_id=change.origin.outcome_id,
            origin=change.origin,
            lead_id=_named(change),
            change=kind_of(change),
            verdict=verdict,
            reason=done.reason,
            revision=change.revision.text,
            effects=tuple(pending.effects),
            attempts=pending.attempts,
            lane=LaneName.COMPLIANCE if complied else LaneName.WRITE,
            batch_id=pending.batch_id,
            opt_out=done.opt_out,
            latency=latency_of(pending, decided),
            decided_at=round(decided * 1000),
            requests=pending.requests,
        )


def _named(change: LeadChange) -> LeadId | None:
    """Return the lead that *change* names; numbers without one have a lane's name only."""
    return None if isinstance(change, NumbersOptOut) else change.lead


def _entry(done: Done) -> Entry:
    entry = done.pending.entry
    if not isinstance(entry, Entry):
        raise TypeError("a waiting change without an entry of the ledger")
    return entry


def _needs_letter(done: Done) -> bool:
    """Say whether its lane refused it: what intake refused has its letter already."""
    change = done.pending.change
    flawed = isinstance(change, LeadOptOut | NumbersOptOut) and change.flaw is not None
    return done.verdict is Verdict.REJECTED and not flawed


def _letter(done: Done, now_ms: int) -> DeadLetter:
    """Return the letter of a change that its lane refused, its record by place only."""
    change, refused = done.pending.change, next(iter(done.pending.rejected.values()), None)
    if done.reason is None:
        raise ValueError("a rejected change names its reason")
    origin = change.origin
    place = Record(origin.topic, origin.partition, origin.offset, origin.timestamp, None, None)
    return DeadLetter(
        place,
        done.reason,
        Stage.SEND,
        _TEXTS.get(done.reason, done.reason.value) if refused is None else refused.text,
        now_ms,
        _named(change),
        done.pending.attempts,
        NO_RECEIPT if refused is None else refused.receipt,
    )
