"""Drive one lane against the fake platform until it is idle, for tables of cases."""

from dataclasses import dataclass, field, replace

from connector.domain.belief import NOTHING_KNOWN, Belief, OptOutBelief
from connector.domain.change import LeadChange, LeadOptOut, OptOutLift
from connector.domain.command import BlockNumber, Command
from connector.domain.contact import Contact
from connector.domain.ids import ContactId, LeadId, ListId
from connector.domain.reason import Reason, Verdict
from connector.planning.cargo import stop_of
from connector.planning.deferral import Deferral, deferred_lists
from connector.planning.gates import Scope, Stop
from connector.planning.lane import Lane
from connector.planning.moves import Moves
from connector.planning.pending import Door, Pending, Progress
from connector.planning.plan import Done
from connector.planning.policy import Policy
from tests.support.lane_world import ALL, Platform, a_policy

LEAD = LeadId("L1")


@dataclass
class OneLane:
    """One lead's lane and the platform. Every command is sent and answered at once, and where the
    lane pauses the time passes.

    What is asked of the list `parked`, and what `stopped` stops, waits until that is None again.
    `came` are the commands that came to leave, `sent` those that did.
    """

    lead: LeadId = field(default=LEAD, kw_only=True)
    policy: Policy = field(default_factory=a_policy)
    belief: Belief = NOTHING_KNOWN
    accepted: OptOutBelief | None = None
    platform: Platform = field(default_factory=Platform)
    now: float = 10_000.0
    parked: ListId | None = None
    stopped: Stop | None = None

    def __post_init__(self) -> None:
        self.came: list[Command] = []
        self.sent: list[Command] = []
        self.done: list[Done] = []
        self.lane = Lane(self.lead, self.belief, self.accepted, self.policy)

    def give(self, *changes: LeadChange) -> list[tuple[Verdict, Reason | None]]:
        """Give *changes* to the lane one behind the other; return how each ended, fences apart."""
        before = len(self.done)
        moves = [self._admit(change) for change in changes]
        for each in moves:
            self._carry_out(each)
        return self.go_on(before)

    def go_on(self, before: int | None = None) -> list[tuple[Verdict, Reason | None]]:
        """Send what may leave by now; return how changes ended, those after *before* others."""
        before = len(self.done) if before is None else before
        self._work()
        return [(done.verdict, done.reason) for done in self.done[before:] if done.verdict]

    def _admit(self, change: LeadChange) -> Moves:
        now = self.now
        if isinstance(change, LeadOptOut | OptOutLift):
            first = self.lane.admit(Pending(change, Door.COMPLY, None, Progress(now)), now)
            fence = self.lane.admit(Pending(change, Door.APPLY, None, Progress(now)), now)
            first.ask += fence.ask
            first.withdraw += fence.withdraw
            first.done += fence.done
            return first
        return self.lane.admit(Pending(change, Door.APPLY, None, Progress(now)), now)

    def _carry_out(self, moves: Moves) -> None:
        for command in moves.withdraw:
            self.waiting.remove(command)
        self.waiting.extend(ask.command for ask in moves.ask)
        self.done.extend(moves.done)
        if moves.places:
            self._carry_out(self.lane.written(moves.places, self.now))

    @property
    def waiting(self) -> list[Command]:
        """Commands that were asked and not sent."""
        if not hasattr(self, "_waiting"):
            self._waiting: list[Command] = []
        return self._waiting

    def _work(self) -> None:
        self._serve()
        while not self.lane.idle and not self.waiting and self.lane.again_at is not None:
            self.now = max(self.now + 0.01, self.lane.again_at)
            self._carry_out(self.lane.plan(self.now))
            self._serve()
        assert self.lane.idle or self.waiting, "the lane waits for something that never comes"

    def _serve(self) -> None:
        while ready := [each for each in self.waiting if not self._is_parked(each)]:
            command = ready[0]
            self.waiting.remove(command)
            self.now += 0.01
            self.came.append(command)
            if not self.lane.sent(command, "b1", self.now):
                self._carry_out(self.lane.plan(self.now))
                continue
            self.sent.append(command)
            result = self.platform.serve(command)
            self._carry_out(self.lane.answered(command, result, self.now))

    def _is_parked(self, command: Command) -> bool:
        if self.stopped in stop_of(command) or self.lane.deferral.behind(command):
            return True
        return not isinstance(command, BlockNumber) and command.list_id == self.parked

    def defer(self, *gates: Scope) -> None:
        """Let *gates* defer from now on; those that were named before are open, and owed still."""
        owed = self.lane.deferral.owed | {ListId(each.place) for each in gates}
        self.lane.deferral = Deferral(frozenset(gates), owed)

    def catch_up(
        self, *changes: LeadChange, only: frozenset[ListId] = frozenset()
    ) -> list[tuple[Verdict, Reason | None]]:
        """Bring *changes*, which were deferred, to the lists that lack them, or to some *only*;
        return the ends.
        """
        before = len(self.done)
        only = only or deferred_lists(self.lane.belief)
        members = [
            Pending(
                replace(each, origin=replace(each.origin, replay_id="r")),
                Door.APPLY,
                None,
                Progress(self.now),
                only=only,
            )
            for each in changes
        ]
        self._carry_out(self.lane.catch_up(members, self.now))
        self._work()
        return [(done.verdict, done.reason) for done in self.done[before:] if done.verdict]

    def hold(self, contact: str, *, usable: bool = True, **cells: str) -> None:
        """Put a contact on the list `all`, as another loader would."""
        data = {"CRM_Lead_ID": self.lead, "Name": "", "Mobile": "", "Notes": "", **cells}
        place = (ALL, ContactId(contact))
        self.platform.contacts[place] = Contact(place[1], ALL, data, usable)

    def contact(self, contact: str, list_id: ListId = ALL) -> Contact:
        """Return a contact of the platform."""
        return self.platform.contacts[list_id, ContactId(contact)]

    def again(self) -> "OneLane":
        """Return a lane that begins with what this one believes, on the same platform."""
        return replace(self, belief=self.lane.explained, now=self.now + 60)
