"""Hold a plan: what a decision wants of the platform now, and which waiting changes are done."""

from dataclasses import dataclass, field

from connector.domain.belief import Belief, ContactBelief, OptOutBelief
from connector.domain.change import LeadOptOut
from connector.domain.command import Command, Urgency
from connector.domain.ids import LeadId, ListId, OutcomeId
from connector.domain.reason import Reason, Verdict
from connector.planning.deferral import NO_DEFERRAL, Deferral
from connector.planning.opted_out import uncovered
from connector.planning.pending import Pending
from connector.planning.policy import Policy
from connector.planning.sight import Place, Sight
from connector.planning.standing import Standing


@dataclass(frozen=True, slots=True)
class Want:
    """Why a command is wanted: for which waiting change, and how urgent."""

    pending: Pending
    urgency: Urgency

    def since(self, oldest: float) -> float:
        """Return since when it waits: what protects since its own change came, however long the
        lead's writes have waited; else since *oldest*, when the first change of the lead came.
        """
        return oldest if self.urgency is Urgency.WRITE else self.pending.progress.arrived


@dataclass(frozen=True, slots=True)
class Done:
    """A waiting change that ends here.

    A fence has no verdict: it says nothing and writes nothing. `follows` are opt-outs of the
    lead's next id, to be produced before this outcome. `opt_out` names the opt-out that
    suppressed it. `stands` is where the lead stands by it and those that waited before it, as its
    contacts fill what they do not name; None: as it says itself. `deferred` are lists that lack it
    for now, `caught_up` lists that lack nothing any more of what was deferred there.
    """

    pending: Pending
    verdict: Verdict | None
    reason: Reason | None = None
    opt_out: OutcomeId | None = None
    follows: tuple[LeadOptOut, ...] = ()
    stands: Standing | None = None
    deferred: frozenset[ListId] = frozenset()
    caught_up: frozenset[ListId] = frozenset()


@dataclass(slots=True)
class Plan:
    """What one decision came to. A plan with `done` says nothing else: decide again after it.

    `resting` is False while something is wanted or in the air, `waits` says that it waits for more
    than what is wanted; `lacking` are lists that need what lies on lists that defer. `ahead` are
    quarantines of ours to be written ahead. `learned` are beliefs that follow from what was seen.
    `full` says that more changes wait than were looked at: one more makes no difference.
    """

    wanted: dict[Command, Want] = field(default_factory=dict)
    done: list[Done] = field(default_factory=list)
    ahead: list[Place] = field(default_factory=list)
    learned: list[tuple[ListId, ContactBelief]] = field(default_factory=list)
    resting: bool = True
    waits: bool = False
    lacking: set[ListId] = field(default_factory=set)
    again_at: float | None = None
    full: bool = False

    def want(self, command: Command, pending: Pending, urgency: Urgency) -> None:
        """Ask for *command*: the first that asks owns its effect, the most urgent counts."""
        known = self.wanted.get(command)
        if known is None:
            self.wanted[command] = Want(pending, urgency)
        elif urgency < known.urgency:
            self.wanted[command] = Want(known.pending, urgency)
        self.resting = False

    def put_off(self, deferral: Deferral) -> frozenset[ListId]:
        """Want nothing any more where all that is left lies behind gates that defer; return the
        lists that lack it.
        """
        lists = None if self.waits else deferral.put_off(self.wanted)
        if lists is None:
            return frozenset()
        self.wanted.clear()
        return lists | self.lacking

    def wait(self, until: float | None = None) -> None:
        """Conclude nothing yet; look again at *until* at the latest."""
        self.resting, self.waits = False, True
        if until is not None:
            self.again_at = until if self.again_at is None else min(self.again_at, until)


@dataclass(frozen=True, slots=True)
class Case:
    """All that a decision about one lead depends on.

    `accepted` is an opt-out that stands in the opt-outs topic and is not settled yet: a worker
    that takes a partition over knows it before it applies anything. `busy` are the lists where a
    command of this lead is in the air. `now` is in seconds. `deferral` says what need not be
    waited for.
    """

    lead: LeadId
    waiting: tuple[Pending, ...]
    belief: Belief
    accepted: OptOutBelief | None
    sight: Sight
    busy: frozenset[ListId]
    policy: Policy
    now: float
    deferral: Deferral = NO_DEFERRAL

    @property
    def opted_out(self) -> OptOutBelief | None:
        """Return the opt-out that counts, settled or only accepted; a lift ends either."""
        lift = self.belief.lift
        return uncovered(self.belief.opt_out, lift) or uncovered(self.accepted, lift)
