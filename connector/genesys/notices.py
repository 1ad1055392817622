"""Hold what the client tells those who watch it: metrics, alarms, gates. No personal data."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from connector.domain.result import NO_RECEIPT, Receipt
from connector.genesys.call import Call
from connector.planning.gates import GateReason


@dataclass(frozen=True, slots=True)
class Asked:
    """One request was made, tokens and lists included.

    `place` is the contact list or DNC list, `answer` the class of the answer in lower case (a
    closed set), `took` in seconds. `broken` names the kind of the failure where no answer came,
    `commands` is how many commands the request carried, `inserts` how many of them asked for a new
    contact.
    """

    call: Call
    place: str
    answer: str
    took: float
    receipt: Receipt = NO_RECEIPT
    broken: str | None = None
    commands: int = 0
    inserts: int = 0


@dataclass(frozen=True, slots=True)
class Parked:
    """The environment refuses: a person must act before `scope` works again.

    `scope` is a contact list or DNC list, `planning.gates.EVERYWHERE` where it is the
    credentials. `call` is what was refused, `code` the platform's.
    """

    scope: str
    call: Call
    reason: GateReason
    code: str | None = None
    receipt: Receipt = NO_RECEIPT


@dataclass(frozen=True, slots=True)
class Silenced:
    """A 429: nothing leaves for `seconds`. `alarm` where that is longer than the limit set."""

    seconds: float
    alarm: bool


Notice: TypeAlias = Asked | Parked | Silenced
Watch: TypeAlias = Callable[[Notice], None]
