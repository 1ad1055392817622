"""Say what a command came to that failed alone: the request had no other to be at fault."""

from typing import TypeAlias, assert_never

from connector.domain.command import Command, FetchContact
from connector.domain.reason import Reason
from connector.domain.result import Gone, Receipt, Refused, Rejected, Result, Seen
from connector.genesys.answer import Collided, Doubted, Missing, Oversized, Unfit

COLLISION_PAUSE = 0.5
"""Seconds after the first 409 on a contact (brief.md, capability 6); the lane doubles it."""

Alone: TypeAlias = Unfit | Oversized | Collided | Missing | Doubted
"""Answers that are one command's fault."""


def alone(command: Command, answer: Alone, receipt: Receipt) -> Result:
    """Return the result of a command that stood alone in a request that failed because of it."""
    match answer:
        case Collided(after=after):
            return Refused(max(COLLISION_PAUSE, after), collision=True, receipt=receipt)
        case Missing() | Doubted():
            return Seen(None, receipt) if isinstance(command, FetchContact) else Gone(receipt)
        case Unfit(code=code) | Oversized(code=code):
            text = code or "the platform gave no code"
            return Rejected(Reason.REFUSED_BY_PLATFORM, text, receipt)
        case _:
            assert_never(answer)
