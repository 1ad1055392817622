"""Hold the lanes of one tenure, and carry their moves to the outbox and to settlement."""

from collections.abc import Callable
from dataclasses import dataclass

from connector.domain.belief import Belief
from connector.domain.command import Command
from connector.domain.ids import LeadId
from connector.domain.result import Result
from connector.planning.lane import Lane
from connector.planning.moves import Moves
from connector.planning.outbox import Outbox
from connector.planning.pending import Pending
from connector.planning.policy import Policy
from connector.stream import state_rows
from connector.stream.backlog import Backlog
from connector.stream.settlement import Settlement
from connector.stream.state_table import StateTable


@dataclass(slots=True)
class _Open:
    """A lane with work, its partition, and the belief that its rows hold."""

    lane: Lane
    partition: int
    stored: Belief


class Lanes:
    """All lanes with work. The only caller of `Lane`; synchronous, on the event loop.

    `backlog` are the opt-outs that were accepted and not settled when the tenure began. `wake` is
    called when something new may be due.
    """

    __slots__ = (
        "_backlog",
        "_clock",
        "_open",
        "_outbox",
        "_policy",
        "_settlement",
        "_table",
        "wake",
    )

    def __init__(
        self,
        policy: Policy,
        table: StateTable,
        outbox: Outbox,
        settlement: Settlement,
        backlog: Backlog,
        clock: Callable[[], float],
    ) -> None:
        self._policy = policy
        self._table = table
        self._outbox = outbox
        self._settlement = settlement
        self._backlog = backlog
        self._clock = clock
        self._open: dict[LeadId, _Open] = {}
        self.wake: Callable[[], None] = lambda: None

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, pending: Pending, partition: int) -> None:
        """Let *pending* wait in its lead's lane."""
        lead = pending.change.lead
        held = self._open.get(lead)
        if held is None:
            held = self._open[lead] = self._lane(lead, partition)
        self._run(held, held.lane.admit(pending, self._clock()))

    def _lane(self, lead: LeadId, partition: int) -> _Open:
        belief = state_rows.read(lead, lambda key: self._table.get(partition, key))
        accepted = self._backlog.get(partition, {}).get(lead)
        return _Open(Lane(lead, belief, accepted, self._policy), partition, belief)

    def sent(self, command: Command, batch_id: str) -> bool:
        """Say whether *command* may leave now, and note that it does."""
        held = self._open.get(command.lead)
        if held is None:
            return False
        if held.lane.sent(command, batch_id, self._clock()):
            return True
        self._run(held, held.lane.plan(self._clock()))
        return False

    def stands(self, command: Command) -> bool:
        """Say whether the word of `sent` still holds as the first byte is about to leave."""
        held = self._open.get(command.lead)
        return held is not None and held.lane.stands(command)

    def left(self, command: Command) -> None:
        """Count a request that has left with *command*, and maybe others, in it."""
        held = self._open.get(command.lead)
        if held is not None:
            held.lane.left(command)

    def answered(self, command: Command, result: Result) -> None:
        """Take the result of a command that was sent."""
        held = self._open[command.lead]
        self._run(held, held.lane.answered(command, result, self._clock()))

    def tick(self) -> None:
        """Plan again for lanes whose time has come. Call it about once a second."""
        now = self._clock()
        for held in list(self._open.values()):
            at = held.lane.again_at
            if at is not None and at <= now:
                self._run(held, held.lane.plan(now))

    def _run(self, held: _Open, moves: Moves) -> None:
        now = self._clock()
        lane = held.lane
        for command in moves.withdraw:
            self._outbox.withdraw(command)
        for ask in moves.ask:
            self._outbox.put(
                ask.command,
                ask.urgency,
                now,
                not_before=ask.not_before,
                alone=ask.alone,
                since=ask.since,
            )
        if moves.done:
            before, held.stored = held.stored, lane.explained
            self._settlement.settle(lane.lead, held.partition, moves.done, before, held.stored)
        if moves.ahead is not None:
            self._ahead(held, moves)
        if lane.idle:
            self._open.pop(lane.lead, None)
        if moves.ask:
            self.wake()

    def _ahead(self, held: _Open, moves: Moves) -> None:
        if moves.ahead is None:
            return
        before, held.stored = held.stored, moves.ahead
        places = moves.places

        def durable() -> None:
            if self._open.get(held.lane.lead) is held:
                self._run(held, held.lane.written(places, self._clock()))

        self._settlement.ahead(held.lane.lead, held.partition, before, moves.ahead, durable)
