"""Keep what a world of lanes deferred: what is durable of it, and how it is caught up.

The pure twin of `stream/catchup.py`: a record for each gate with the first change that it may have
deferred, written before any is; once the gate is open, the changes of each lead that still lacks
some, from there on; the record goes when no lead lacks any.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from connector.domain.change import LeadOptOut
from connector.domain.ids import LeadId, ListId
from connector.planning.deferral import Deferral, deferred_lists
from connector.planning.gates import Scope
from connector.planning.order import at_or_below
from connector.planning.pending import Door, Pending, Progress

if TYPE_CHECKING:
    from tests.support.lane_world import World


class Debts:
    """What the gates of one world deferred."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.records: dict[Scope, int] = {}
        self.deferral = Deferral()
        self._replays = 0
        self._tried: dict[Scope, set[LeadId]] = {}

    def take_over(self) -> None:
        """Let a new worker learn of it; what was being caught up begins again."""
        self._tried = {}
        self.deferral = self._now()

    def _now(self) -> Deferral:
        gates = frozenset(each for each in self.records if each == self._world.parked)
        return Deferral(gates, frozenset(ListId(each.place) for each in self.records))

    def replan(self) -> None:
        """Take note that a gate opened, or that what it deferred is durable or caught up."""
        self.deferral = self._now()
        self._world.replan()

    def actions(self) -> list[Callable[[], None]]:
        """Return what may happen next."""
        world = self._world
        if not world.defers:
            return []
        if world.parked is not None:
            # Who was brought before it shut may have been put off once more since.
            self._tried.pop(world.parked, None)
        if world.parked is not None and world.parked not in self.deferral.gates:
            return [self._defer]
        return [partial(self._catch_up, gate) for gate in self._due()]

    def _due(self) -> list[Scope]:
        return [
            gate
            for gate in self.records
            if gate != self._world.parked and (self._leads(gate) or self._is_over(gate))
        ]

    def _defer(self) -> None:
        world = self._world
        assert world.parked is not None
        low = world.committed[Door.APPLY]
        # What an older gate deferred can be lacking on this list too.
        self.records[world.parked] = min([low, *self.records.values()])
        self.replan()

    def _lacking(self, gate: Scope) -> list[LeadId]:
        """Return the leads that lack something there, by any row that is or may become durable.

        Not those for which this was tried: another gate of the list has deferred them again.
        """
        world = self._world
        # What lies on no list with a gate waits for this one.
        others = {ListId(each.place) for each in self.records if each.place != gate.place}
        rows = [*world.table.items(), *world.rows.items()]
        lacking = {lead for lead, row in rows if not deferred_lists(row) <= others}
        return sorted(lacking - self._tried.get(gate, set()))

    def _is_over(self, gate: Scope) -> bool:
        """Say whether every lead was brought there, or deferred again, and its row is durable."""
        world = self._world
        busy = any(each.only for lane in world.lanes.values() for each in lane.waiting)
        return not (busy or world.outbound or self._lacking(gate))

    def _leads(self, gate: Scope) -> list[LeadId]:
        """Return those whose lanes are idle and whose last row is durable."""
        world = self._world
        return [
            lead
            for lead in self._lacking(gate)
            if lead not in world.lanes and world.table.get(lead) == world.rows.get(lead)
        ]

    def _catch_up(self, gate: Scope) -> None:
        world = self._world
        for other, at in list(self.records.items()):
            self.records[other] = min(at, self.records[gate])
        if self._is_over(gate):
            del self.records[gate]
            self.replan()
            return
        lead = world.random.choice(self._leads(gate))
        self._tried.setdefault(gate, set()).add(lead)
        self._replays += 1
        belief = world.rows[lead]
        away = {each.place for each in self.deferral.gates}
        only = frozenset(
            each for each in deferred_lists(belief) if each == gate.place or each not in away
        )
        members = [
            Pending(
                replace(change, origin=replace(change.origin, replay_id=f"r{self._replays}")),
                Door.APPLY,
                -1,
                Progress(world.now),
                only=only,
            )
            for at, change in enumerate(world.topic[Door.APPLY])
            if at >= self.records[gate]
            and change.lead == lead
            and not isinstance(change, LeadOptOut)
            and (at < world.at[Door.APPLY] or at_or_below(change.origin, belief.marks))
        ]
        world.catch_up(lead, members)
