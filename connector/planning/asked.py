"""Hold what was asked of the platform for one lead, and where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from connector.domain.command import WRITES, BlockNumber, Command, Urgency
from connector.domain.ids import ListId
from connector.domain.result import Refused, Result
from connector.planning.deferral import Deferral
from connector.planning.gates import Scope
from connector.planning.pending import Collision
from connector.planning.plan import Want


class Stage(Enum):
    """Where a command that was asked stands."""

    QUEUED = "queued"
    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(slots=True, eq=False)
class Asked:
    """One command that was asked: for whom, where it stands, how often it left, in which batch.

    `opt_outs` is how many opt-outs had come to its lane when it was let go, `alone` whether the
    change that it is for shared its writes with no other when it was asked.
    """

    want: Want
    stage: Stage = Stage.QUEUED
    tries: int = 0
    batch_id: str | None = None
    opt_outs: int = 0
    alone: bool = field(init=False)

    def __post_init__(self) -> None:
        self.alone = self.want.pending.alone

    def is_shared(self, command: Command) -> bool:
        """Say whether *command* may carry cells of several changes."""
        write = isinstance(command, WRITES) and self.want.urgency is Urgency.WRITE
        return write and not self.alone

    def collision(self, command: Command, result: Result, now: float) -> Collision | None:
        """Count a collision of *command*, this one's; None if the result is none.

        By contact and not by command: a row is read again after 30 s and so asked for anew.
        """
        if not isinstance(command, WRITES):
            return None
        place = (command.list_id, command.contact)
        collided = self.want.pending.collided
        if not (isinstance(result, Refused) and result.collision):
            collided.pop(place, None)
            return None
        collision = collided.setdefault(place, Collision(now))
        collision.times += 1
        return collision


def busy(asked: Mapping[Command, Asked]) -> frozenset[ListId]:
    """Return the lists where something that was asked is in the air."""
    return frozenset(
        [
            command.list_id
            for command, each in asked.items()
            if each.stage is Stage.SENT and not isinstance(command, BlockNumber)
        ]
    )


def held_back(asked: Mapping[Command, Asked], gates: Deferral) -> frozenset[Scope]:
    """Return those of *gates* that hold back something that was asked."""
    waiting = [command for command, each in asked.items() if each.stage is not Stage.SENT]
    return frozenset[Scope]().union(*map(gates.gates_of, waiting))
