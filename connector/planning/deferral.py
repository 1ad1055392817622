"""Say what no longer waits behind shut gates: it is settled, and caught up once they open.

Design.md section 6. A deferral lowers nothing: the row forgets what it believed of the list, so
whatever comes next writes there again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from connector.domain.belief import Belief, ListBelief
from connector.domain.command import BlockNumber, Command
from connector.domain.ids import ListId
from connector.planning.cargo import stop_of
from connector.planning.gates import Scope, Stop

_UNKNOWN_LIST = ListBelief()
_NO_GATES: frozenset[Scope] = frozenset()


@dataclass(frozen=True, slots=True)
class Deferral:
    """What defers for the leads of one partition, where that is durable in `A.control`.

    `gates` are shut gates, each of one list. `owed` are lists that have something to catch up
    with, be their gates shut or open by now.
    """

    gates: frozenset[Scope] = frozenset()
    owed: frozenset[ListId] = frozenset()

    def behind(self, command: Command) -> bool:
        """Say whether *command* lies behind a gate that defers. Numbers of opt-outs never do."""
        return bool(self.gates_of(command))

    def gates_of(self, command: Command) -> frozenset[Scope]:
        """Return those of the gates that hold *command* back."""
        if not self.gates or isinstance(command, BlockNumber):
            return _NO_GATES
        return self.gates.intersection(Scope(command.list_id, stop) for stop in stop_of(command))

    def without(self, gate: Scope) -> "Deferral":
        """Return the same for a lead that waits behind *gate*, to try it."""
        return Deferral(self.gates - {gate}, self.owed)

    def away(self, list_id: ListId) -> bool:
        """Say whether nothing of a list can be read or written."""
        return Scope(list_id, Stop.ALL) in self.gates

    def owes(self, belief: Belief, only: frozenset[ListId] | None) -> bool:
        """Say whether a list still lacks what was deferred of a lead, beside those in *only* that
        it is brought to now: what lies before it may have been deferred there once more.
        """
        brought = (only or frozenset()) - {each.place for each in self.gates}
        return not (self.owed & deferred_lists(belief)) <= brought

    def put_off(self, wanted: Iterable[Command]) -> frozenset[ListId] | None:
        """Return the lists that *wanted* puts off, None if not all of it lies behind gates that
        defer.
        """
        lists = set()
        for command in wanted:
            if isinstance(command, BlockNumber) or not self.behind(command):
                return None
            lists.add(command.list_id)
        return frozenset(lists)


NO_DEFERRAL = Deferral()


def deferred_lists(belief: Belief) -> frozenset[ListId]:
    """Return the lists that lack what was deferred of a lead."""
    return frozenset([list_id for list_id, known in belief.lists.items() if known.deferred])


def put_off(known: ListBelief) -> ListBelief:
    """Return what is believed of a list once a change was deferred there: nothing that a later
    change could trust, for a write may have landed that nobody was told of.
    """
    contacts = tuple([replace(each, digest=None, callable=None) for each in known.contacts])
    return ListBelief(contacts, known.looked, known.routed, deferred=True)


def after(belief: Belief, deferred: frozenset[ListId], caught_up: frozenset[ListId]) -> Belief:
    """Return *belief* once a change was settled that was *deferred* there and *caught_up* here."""
    if not deferred and not caught_up:
        return belief
    lists = dict(belief.lists)
    for list_id in deferred:
        lists[list_id] = put_off(lists.get(list_id, _UNKNOWN_LIST))
    for list_id in caught_up - deferred:
        if list_id in lists:
            lists[list_id] = replace(lists[list_id], deferred=False)
    return belief.with_lists(lists)
