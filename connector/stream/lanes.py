"""Hold the lanes of one tenure, and carry their moves to the outbox and to settlement."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from connector.domain.belief import Belief
from connector.domain.command import Command, Urgency
from connector.domain.ids import LeadId, ListId
from connector.domain.result import Refused, Result
from connector.planning.deferral import NO_DEFERRAL, Deferral, deferred_lists
from connector.planning.gates import Scope
from connector.planning.lane import Lane
from connector.planning.moves import Ask, Moves
from connector.planning.outbox import Outbox
from connector.planning.pending import Door, Pending
from connector.planning.plan import Done
from connector.planning.policy import Policy
from connector.stream import state_rows
from connector.stream.backlog import Backlog
from connector.stream.settlement import Settlement
from connector.stream.state_table import StateTable


@dataclass(slots=True)
class _Open:
    """A lane with work, its partition, the belief that its rows hold, and the writes, with the
    reads for them, that it has asked for and that have not left.
    """

    lane: Lane
    partition: int
    stored: Belief
    writes: dict[Command, Ask] = field(default_factory=dict)


@dataclass(slots=True)
class HeldBack:
    """How many changes of `lead-changes` wait in lanes that shut gates hold, and which do."""

    changes: int = 0
    gates: frozenset[Scope] = frozenset()


class Lanes:
    """All lanes with work. The only caller of `Lane`; synchronous, on the event loop.

    `backlog` are the opt-outs that were accepted and not settled when the tenure began. `wake` is
    called when something new may be due, `ended` with the partition of changes that are done. In
    a partition that is `stopped` no write leaves. `touched` takes the leads that apply gives a
    change, while somebody wants to know.
    """

    __slots__ = (
        "_backlog",
        "_clock",
        "_deferrals",
        "_exempt",
        "_open",
        "_outbox",
        "_policy",
        "_settlement",
        "_table",
        "ended",
        "stopped",
        "touched",
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
        self._deferrals: dict[int, Deferral] = {}
        self._exempt: dict[LeadId, Scope] = {}
        self.touched: set[LeadId] | None = None
        self.stopped: set[int] = set()
        self.wake: Callable[[], None] = lambda: None
        self.ended: Callable[[int, Sequence[Done]], None] = lambda _partition, _done: None

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, pending: Pending, partition: int) -> None:
        """Let *pending* wait in its lead's lane."""
        held = self._lane(pending.change.lead, partition)
        if pending.door is Door.APPLY:
            if self.touched is not None:
                self.touched.add(pending.change.lead)
            if self._exempt.pop(pending.change.lead, None) is not None:
                held.lane.deferral = self._deferrals.get(partition, NO_DEFERRAL)
        self._run(held, held.lane.admit(pending, self._clock()))

    def _lane(self, lead: LeadId, partition: int) -> _Open:
        held = self._open.get(lead)
        if held is None:
            belief = self.belief(lead, partition)
            accepted = self._backlog.get(partition, {}).get(lead)
            lane = Lane(lead, belief, accepted, self._policy)
            lane.deferral = self._deferrals.get(partition, NO_DEFERRAL)
            held = self._open[lead] = _Open(lane, partition, belief)
        return held

    def lacking(self, lead: LeadId, partition: int) -> frozenset[ListId]:
        """Return the lists that lack what was deferred of *lead*, by its row alone."""
        row = self._table.get(partition, state_rows.row_key(lead, state_rows.RowKind.LEAD))
        return deferred_lists(state_rows.decode_lead(row))

    def tries(self, lead: LeadId, gate: Scope) -> bool:
        """Say whether *lead* waits behind a gate to try it."""
        return self._exempt.get(lead) == gate

    def is_open(self, lead: LeadId) -> bool:
        """Say whether anything of *lead* waits."""
        return lead in self._open

    def belief(self, lead: LeadId, partition: int) -> Belief:
        """Return what the rows of *lead* say, those on their way included."""
        return state_rows.read(lead, lambda key: self._table.get(partition, key))

    def defer(self, partition: int, deferral: Deferral) -> None:
        """Let the lanes of *partition* plan by *deferral* from now on."""
        if self._deferrals.get(partition, NO_DEFERRAL) == deferral:
            return
        self._deferrals[partition] = deferral
        for held in list(self._open.values()):
            if held.partition == partition:
                exempt = self._exempt.get(held.lane.lead)
                held.lane.deferral = deferral if exempt is None else deferral.without(exempt)
                self._run(held, held.lane.plan(self._clock()))

    def catch_up(
        self, lead: LeadId, partition: int, members: Sequence[Pending], exempt: Scope | None
    ) -> None:
        """Let deferred changes of *lead*, for which nothing waits, wait; behind the gate *exempt*
        too, until apply brings another change of it.
        """
        held = self._lane(lead, partition)
        if exempt is not None:
            self._exempt[lead] = exempt
            held.lane.deferral = held.lane.deferral.without(exempt)
        self._run(held, held.lane.catch_up(members, self._clock()))

    def held_back(self, gates: Deferral) -> Mapping[int, HeldBack]:
        """Return what waits behind *gates*, by partition. Call it about once a second."""
        found: dict[int, HeldBack] = {}
        for held in self._open.values():
            behind = held.lane.behind(gates)
            if behind:
                known = found.setdefault(held.partition, HeldBack())
                known.changes += held.lane.applied
                known.gates |= behind
        return found

    def stop(self, partition: int) -> None:
        """Let no write of *partition* leave any more; what opt-outs ask for goes on."""
        self.stopped.add(partition)
        for held in self._open.values():
            if held.partition == partition:
                for command in held.writes:
                    self._outbox.withdraw(command)

    def go_on(self, partition: int) -> None:
        """Let the writes of *partition* leave again."""
        self.stopped.discard(partition)
        for held in self._open.values():
            if held.partition == partition:
                for ask in held.writes.values():
                    self._put(ask)
        self.wake()

    def sent(self, command: Command, batch_id: str, urgency: Urgency) -> bool:
        """Say whether *command* may leave now with others of *urgency*, and note that it does."""
        held = self._open.get(command.lead)
        if held is None:
            return False
        held.writes.pop(command, None)
        if not held.lane.sent(command, batch_id, self._clock()):
            self._run(held, held.lane.plan(self._clock()))
            return False
        if urgency is Urgency.WRITE and held.partition in self.stopped:
            # It stopped after the batch was cut: asked again when it goes on.
            self.answered(command, Refused())
            return False
        return True

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
        lane = held.lane
        for command in moves.withdraw:
            held.writes.pop(command, None)
            self._outbox.withdraw(command)
        for ask in moves.ask:
            self._ask(held, ask)
        if moves.done:
            before, held.stored = held.stored, lane.explained
            self._settlement.settle(lane.lead, held.partition, moves.done, before, held.stored)
            self.ended(held.partition, moves.done)
        if moves.ahead is not None:
            self._ahead(held, moves)
        if lane.idle:
            self._open.pop(lane.lead, None)
            self._exempt.pop(lane.lead, None)
        if moves.ask:
            self.wake()

    def _ask(self, held: _Open, ask: Ask) -> None:
        if ask.urgency is Urgency.WRITE:
            held.writes[ask.command] = ask
            if held.partition in self.stopped:
                return
        self._put(ask)

    def _put(self, ask: Ask) -> None:
        self._outbox.put(
            ask.command,
            ask.urgency,
            self._clock(),
            not_before=ask.not_before,
            alone=ask.alone,
            since=ask.since,
        )

    def _ahead(self, held: _Open, moves: Moves) -> None:
        if moves.ahead is None:
            return
        before, held.stored = held.stored, moves.ahead
        places = moves.places

        def durable() -> None:
            if self._open.get(held.lane.lead) is held:
                self._run(held, held.lane.written(places, self._clock()))

        self._settlement.ahead(held.lane.lead, held.partition, before, moves.ahead, durable)
