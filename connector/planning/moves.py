"""Hold what follows from one step of a lane: what to ask, withdraw, settle, write ahead."""

from dataclasses import dataclass, field
from typing import TypeAlias

from connector.domain.belief import Belief
from connector.domain.command import Command, Urgency
from connector.planning.plan import Done
from connector.planning.sight import Place

Ahead: TypeAlias = tuple[Place, int]
"""A quarantine whose row is written ahead, and the number of that writing."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A command for the outbox: not before `not_before`, and by itself where it collided.

    `since` is when what it is for began to wait (`Want.since`): a lead that changes all the time
    must not lose its place each time its command is replaced.
    """

    command: Command
    urgency: Urgency
    not_before: float = 0.0
    alone: bool = False
    since: float | None = None


@dataclass(slots=True)
class Moves:
    """What follows from one step of a lane.

    `ahead` is a belief whose row must be durable before `Lane.written` is called with `places`,
    the quarantines that it is ahead of.
    """

    ask: list[Ask] = field(default_factory=list)
    withdraw: list[Command] = field(default_factory=list)
    done: list[Done] = field(default_factory=list)
    ahead: Belief | None = None
    places: frozenset[Ahead] = frozenset()
