"""Hold one lead's lane: its waiting changes, and what was asked of the platform for them.

A lane is a difference: what `decide` wants against what was asked. What is no longer wanted and
not in the air is withdrawn; what is in the air is waited for. Comply's changes stand before
apply's, each group in arrival order (architecture.md section 4).
"""

from collections.abc import Sequence

from connector.domain.belief import Belief, OptOutBelief
from connector.domain.change import LeadDelete
from connector.domain.command import (
    READS,
    WRITES,
    BlockNumber,
    Command,
    ContactCommand,
    FetchContact,
    FindContacts,
    QuarantineContact,
    RemoveContact,
    UpsertContact,
    Urgency,
)
from connector.domain.ids import LeadId
from connector.domain.outcome import Action
from connector.domain.reason import Reason
from connector.domain.result import Accepted, Found, Refused, Rejected, Result, Seen, Unknown
from connector.planning.asked import Asked, Stage, busy, held_back
from connector.planning.coalesce import take_apart
from connector.planning.decision import decide
from connector.planning.deferral import NO_DEFERRAL, Deferral
from connector.planning.evolution import evolve, learned, never_left, ours_ahead, settled
from connector.planning.explained import explained
from connector.planning.gates import Scope
from connector.planning.moves import Ahead, Ask, Moves
from connector.planning.pending import Collision, Door, Pending
from connector.planning.plan import Case, Done, Plan
from connector.planning.policy import Policy
from connector.planning.sight import Sight, Sighting

_NOT_DONE = (Refused, Unknown)


class Lane:
    """One lead's waiting changes and commands. Synchronous; `now` is handed in, in seconds.

    `explained` is the belief that the outcomes so far explain: the only one that a row may hold.
    `belief` runs ahead of it by the answers of changes that are not done yet. `deferral` says what
    it need not wait for; `plan` goes by the one that is set.
    """

    __slots__ = (
        "_accepted",
        "_applied",
        "_asked",
        "_complied",
        "_full",
        "_opt_outs",
        "_policy",
        "_sight",
        "again_at",
        "belief",
        "deferral",
        "explained",
        "lead",
    )

    def __init__(
        self, lead: LeadId, belief: Belief, accepted: OptOutBelief | None, policy: Policy
    ) -> None:
        self.lead = lead
        self.belief = belief
        self.explained = belief
        self.again_at: float | None = None
        self.deferral = NO_DEFERRAL
        self._full = False
        self._opt_outs = 0
        self._accepted = accepted
        self._policy = policy
        self._complied: list[Pending] = []
        self._applied: list[Pending] = []
        self._asked: dict[Command, Asked] = {}
        self._sight = Sight()

    @property
    def idle(self) -> bool:
        """Say whether nothing waits and nothing is asked."""
        return not (self._complied or self._applied or self._asked)

    @property
    def waiting(self) -> tuple[Pending, ...]:
        """Return the waiting changes, comply's first."""
        return (*self._complied, *self._applied)

    def admit(self, pending: Pending, now: float) -> Moves:
        """Take a change in behind those of the same door."""
        if pending.door is Door.APPLY:
            self._applied.append(pending)
            return Moves() if self._full else self.plan(now)
        self._complied.append(pending)
        self._opt_outs += 1
        return self.plan(now)

    @property
    def applied(self) -> int:
        """Say how many changes of `lead-changes` wait here, those that came by themselves."""
        return sum(each.only is None for each in self._applied)

    def behind(self, deferral: Deferral) -> frozenset[Scope]:
        """Return the gates of *deferral* that hold back a command for those changes."""
        return held_back(self._asked, deferral) if self._applied else frozenset()

    def catch_up(self, members: Sequence[Pending], now: float) -> Moves:
        """Take in deferred changes, oldest first; nothing that is newer waits here yet."""
        self._applied += members
        return self.plan(now)

    def sent(self, command: Command, batch_id: str, now: float) -> bool:
        """Say whether *command* may leave now, and note that it does.

        False where it was withdrawn, where another batch has it (it was withdrawn and asked again
        while the first batch was cut and had not left), or where something comes before it, such
        as a new read: `plan` then asks for that. A batch that asks once more (it was split
        or repeated) did nothing so far: what is not wanted any more by then does not leave.
        """
        asked = self._asked.get(command)
        if asked is None or (asked.stage is Stage.SENT and asked.batch_id != batch_id):
            return False
        if not self._sight.serves(command, now) or not self._still_wanted(command, asked, now):
            del self._asked[command]
            return False
        self._sight.leaves(command)
        asked.stage = Stage.SENT
        asked.batch_id = batch_id
        asked.opt_outs = self._opt_outs
        asked.tries += 1
        pending = asked.want.pending
        pending.attempts = max(pending.attempts, asked.tries)
        if not isinstance(command, READS):
            pending.batch_id = batch_id
            pending.progress.sent = pending.progress.sent or now
        return True

    def stands(self, command: Command) -> bool:
        """Say whether the word of `sent` still holds as the first byte is about to leave.

        Between the two a connection may have been opened: a write that an opt-out has met on the
        way goes back to `sent`, for nothing may leave that makes an opted-out lead callable.
        """
        asked = self._asked.get(command)
        if asked is None:
            return False
        ordinary = isinstance(command, WRITES) and asked.want.urgency is Urgency.WRITE
        return not ordinary or asked.opt_outs == self._opt_outs

    def left(self, command: Command) -> None:
        """Count a request that has left with *command*, and maybe others, in it."""
        asked = self._asked.get(command)
        if asked is not None:
            asked.want.pending.requests += 1

    def _still_wanted(self, command: Command, asked: Asked, now: float) -> bool:
        if asked.stage is Stage.SENT:
            asked.stage = Stage.REFUSED
        elif not self._policy.ages(command):
            return True
        return command in self._decide(now).wanted

    def answered(self, command: Command, result: Result, now: float) -> Moves:
        """Take the result of a command that was sent."""
        asked = self._asked[command]
        collision = asked.collision(command, result, now)
        if isinstance(result, _NOT_DONE):
            if not self._given_up(asked, collision, now):
                return self._not_done(command, asked, result, now, collision)
            result = Rejected(Reason.COLLISION, "the dialler held the contact", result.receipt)
        del self._asked[command]
        self._learn(command, result, asked, now)
        return self.plan(now)

    def _given_up(self, asked: Asked, collision: Collision | None, now: float) -> bool:
        """Say whether a collision has outlasted its limit; an opt-out repeats for ever."""
        return (
            collision is not None
            and asked.want.urgency is Urgency.WRITE
            and now - collision.since > self._policy.collision_limit
        )

    def _not_done(
        self,
        command: Command,
        asked: Asked,
        result: Refused | Unknown,
        now: float,
        collision: Collision | None,
    ) -> Moves:
        """Ask again for what is still wanted; what may have been done is doubted."""
        asked.stage = Stage.REFUSED
        if isinstance(result, Unknown):
            asked.stage = Stage.UNKNOWN
            if isinstance(command, WRITES):
                place = (command.list_id, command.contact)
                self.belief = self._evolved(command, result, now)
                self._sight.doubted.add(place)
                self._sight.seen.pop(place, None)
                asked.want.pending.unanswered[place] = command
        moves = self.plan(now)
        if self._asked.get(command) is asked:
            pause = max(result.after, collision.pause if collision is not None else 0.0)
            alone = collision is not None
            moves.ask.append(Ask(command, asked.want.urgency, now + pause, alone))
        return moves

    def _learn(self, command: Command, result: Result, asked: Asked, now: float) -> None:
        pending = asked.want.pending
        if isinstance(result, Rejected):
            if not (asked.is_shared(command) and take_apart(self._applied, pending)):
                self._reject(command, result, pending)
            return
        if isinstance(command, BlockNumber):
            self._sight.blocked.add((command.dnc_list, command.number))
            pending.note(Action.NUMBERS_BLOCKED, command.dnc_list, None, result.receipt, now)
            return
        new = isinstance(command, UpsertContact) and not self._knows(command)
        self.belief = self._evolved(command, result, now)
        match command:
            case FindContacts() if isinstance(result, Found):
                self._sight.looked[command.list_id] = now
                for contact in result.contacts:
                    self._sight.saw(contact, now)
            case FetchContact() if isinstance(result, Seen):
                self._saw(command, result, pending, now)
            case UpsertContact() | QuarantineContact() | RemoveContact():
                self._wrote(command, result, pending, now, new=new)
                if asked.want.urgency is not Urgency.WRITE and isinstance(result, Accepted):
                    self._sight.closed(command, pending.progress.arrived, now)
            case _:
                pass

    def _evolved(self, command: ContactCommand, result: Result, now: float) -> Belief:
        return evolve(self.belief, command, result, round(now * 1000), self._sight)

    def _knows(self, command: UpsertContact) -> bool:
        known = self.belief.lists.get(command.list_id)
        return known is not None and any(each.id == command.contact for each in known.contacts)

    def _reject(self, command: Command, result: Rejected, pending: Pending) -> None:
        self._sight.refused.add(command)
        place = command.dnc_list if isinstance(command, BlockNumber) else command.list_id
        for each in self.waiting:
            # A record that was redelivered waits twice: what it asks for is not refused twice.
            if each is pending or each.is_copy_of(pending):
                each.rejected[place] = result

    def _saw(self, command: FetchContact, result: Seen, pending: Pending, now: float) -> None:
        place = (command.list_id, command.contact)
        contact = result.contact
        if contact is None:
            self._sight.seen[place] = Sighting(None, now)
        else:
            self._sight.saw(contact, now)
        self._sight.doubted.discard(place)
        if isinstance(pending.unanswered.get(place), QuarantineContact):
            del pending.unanswered[place]
            if contact is not None and not contact.callable:
                # It landed though the answer was lost: the read says so instead.
                pending.in_effect |= isinstance(pending.change, LeadDelete)
                pending.note(Action.QUARANTINED, *place, result.receipt, now)
        if place in self._sight.quarantined and (contact is None or not contact.callable):
            pending.progress.verified = now
            pending.note(Action.VERIFIED, *place, result.receipt, now)

    def _wrote(
        self,
        command: UpsertContact | QuarantineContact | RemoveContact,
        result: Result,
        pending: Pending,
        now: float,
        *,
        new: bool,
    ) -> None:
        place = (command.list_id, command.contact)
        self._sight.seen.pop(place, None)
        self._sight.doubted.discard(place)
        if not isinstance(result, Accepted):
            return
        self._sight.forget_ahead(place)
        self._sight.wrote(command)
        if isinstance(command, QuarantineContact):
            action = Action.QUARANTINED
        elif isinstance(command, RemoveContact):
            action = Action.REMOVED
        else:
            action = Action.INSERTED if new else Action.UPDATED
        protects = isinstance(command, QuarantineContact) and command.digest is None
        if not protects or isinstance(pending.change, LeadDelete):
            pending.in_effect = True
        pending.note(action, *place, result.receipt, now)

    def written(self, places: frozenset[Ahead], now: float) -> Moves:
        """Take note that the row written ahead of the quarantines in *places* is durable."""
        for place, number in places:
            if self._sight.ahead.get(place) == number:
                del self._sight.ahead[place]
                self._sight.ahead_done.add(place)
        return self.plan(now)

    def plan(self, now: float) -> Moves:
        """Compare what is wanted with what was asked."""
        moves = Moves()
        plan = self._decide(now)
        while plan.done or plan.learned:
            for list_id, contact in plan.learned:
                self.belief = learned(self.belief, list_id, contact)
            self._settle(plan.done, moves)
            plan = self._decide(now)
        self.again_at, self._full = plan.again_at, plan.full
        if self._asked:
            self._withdraw(plan, moves)
        if plan.wanted:
            self._ask(plan, moves, now)
        if plan.ahead:
            self._write_ahead(plan, moves, now)
        return moves

    def _decide(self, now: float) -> Plan:
        if not (self._complied or self._applied):
            return Plan()
        return decide(
            Case(
                self.lead,
                self.waiting,
                self.belief,
                self._accepted,
                self._sight,
                busy(self._asked) if self._asked else frozenset(),
                self._policy,
                now,
                self.deferral,
            )
        )

    def _settle(self, done: list[Done], moves: Moves) -> None:
        for each in done:
            self._forget(each.pending)
            self._sight.ended(each.pending.change)
        blocked = frozenset(self._sight.blocked)
        open_places = {effect.place for p in self.waiting for effect in p.effects}
        if blocked and open_places.intersection(self._policy.dnc_lists):
            blocked = frozenset()
        for each in done:
            if each.verdict is not None:
                self.belief = settled(self.belief, each, blocked, self._policy)
            for place in self._sight.put_off(each.deferred):
                self.belief = never_left(self.belief, *place)
                self.explained = never_left(self.explained, *place)
        moves.done.extend(done)
        self.explained = explained(self.belief, self.explained, open_places)

    def _forget(self, pending: Pending) -> None:
        """Let *pending* wait no longer; no two are equal."""
        (self._complied if pending.door is Door.COMPLY else self._applied).remove(pending)

    def _withdraw(self, plan: Plan, moves: Moves) -> None:
        for command, asked in list(self._asked.items()):
            want = plan.wanted.get(command)
            if asked.stage is Stage.SENT:
                continue
            if want is None or want.urgency < asked.want.urgency:
                moves.withdraw.append(command)
                del self._asked[command]

    def _ask(self, plan: Plan, moves: Moves, now: float) -> None:
        oldest = min([pending.progress.arrived for pending in self.waiting], default=now)
        for command, want in plan.wanted.items():
            if command in self._asked:
                continue
            self._asked[command] = Asked(want)
            moves.ask.append(Ask(command, want.urgency, since=want.since(oldest)))
            progress = want.pending.progress
            progress.decided = progress.decided or now

    def _write_ahead(self, plan: Plan, moves: Moves, now: float) -> None:
        new = [place for place in plan.ahead if place not in self._sight.ahead]
        if not new:
            return
        for list_id, contact in new:
            self._sight.begin_ahead((list_id, contact))
            self.belief = ours_ahead(self.belief, list_id, contact, round(now * 1000))
            self.explained = ours_ahead(self.explained, list_id, contact, round(now * 1000))
        moves.ahead = self.explained
        moves.places = frozenset((place, self._sight.ahead[place]) for place in new)
