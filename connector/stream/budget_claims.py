"""Share the request budget with commands: what each has claimed in `A.control`.

A command that calls the platform beside workers first says how many requests it will make and
until when; every worker leaves that room in its own part of the allowance (design.md section 5).
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from connector.genesys.quota import Quota
from connector.planning.departures import WINDOW
from connector.stream.control import Control, ControlEntry
from connector.stream.moments import rfc3339
from connector.stream.reading import ReadFailedError

log = structlog.get_logger("connector.budget_claims")

KIND = "budget-claim"

POLL_SECONDS = 2.0
"""How often a worker reads on."""

HEARD_SECONDS = POLL_SECONDS + 3.0
"""After this long every worker has heard a claim: reading takes well below a second."""

LONGEST_SECONDS = 15 * 60.0
"""A claim that lasts longer than any command is a mistake of whoever wrote it."""


@dataclass(frozen=True, slots=True)
class BudgetClaim:
    """A command `by` sends at most `requests` in any minute, the last before `until`, in seconds
    since 1970; `name` is its own.
    """

    name: str
    requests: int
    until: float
    by: str

    def counts(self, now: float) -> bool:
        """Say whether a request of this command may still count at the platform, or come."""
        return self.until + WINDOW > now

    def document(self) -> dict[str, object]:
        """Return the claim as it stands in the topic."""
        ms = round(self.until * 1000)
        return {
            "requests": self.requests,
            "until": rfc3339(ms),
            "until_ms": ms,
            "by": self.by,
        }


class BudgetClaims:
    """Claims of all commands, as far as they were read; `hear` is told of each in order."""

    __slots__ = ("_claims", "_control", "_hear_claim")

    def __init__(
        self, control: Control, hear: Callable[[BudgetClaim], None] = lambda _claim: None
    ) -> None:
        self._control = control
        self._hear_claim = hear
        self._claims: dict[str, BudgetClaim] = {}
        control.hears(KIND, self._hear)

    async def refresh(self) -> None:
        """Learn of every claim that is durable by now.

        Raises:
            ReadFailedError: the broker refused or did not answer.
        """
        await self._control.refresh()

    def standing(self, now: float) -> Sequence[BudgetClaim]:
        """Return the claims that count, in the order in which they were made."""
        return [each for each in self._claims.values() if each.counts(now)]

    async def make(self, claim: BudgetClaim) -> None:
        """Write *claim*; returns once all can know.

        Raises:
            SendFailedError: it may be known or not.
        """
        await self._control.write(ControlEntry(KIND, claim.name, claim.document()))

    async def end(self, claim: BudgetClaim, now: float) -> None:
        """Say that the command has sent its last request.

        Raises:
            SendFailedError: others may not know; the claim ends by itself.
        """
        await self.make(replace(claim, until=min(claim.until, now)))

    async def sweep(self, now: float) -> None:
        """Remove what counts no more, so that the topic does not grow with each command.

        Raises:
            SendFailedError: it may still be there, and harms nobody.
        """
        for each in [one for one in self._claims.values() if not one.counts(now)]:
            await self._control.write(ControlEntry(KIND, each.name, None))

    def _hear(self, entry: ControlEntry) -> None:
        if entry.document is None:
            self._claims.pop(entry.name, None)
            return
        claim = _claim(entry.name, entry.document)
        if claim is None:
            log.warning("budget_claim.ignored", claim=entry.name, detail="it is no claim")
            return
        self._claims[claim.name] = claim
        self._hear_claim(claim)


class RoomForCommands:
    """Leaves room for commands in the budget of one worker, while it `run`s.

    `clock` is that of the quota, in seconds since 1970.
    """

    __slots__ = ("_claims", "_clock", "_heard", "_quota")

    def __init__(self, control: Control, quota: Quota, clock: Callable[[], float]) -> None:
        self._claims = BudgetClaims(control, self._hear)
        self._quota = quota
        self._clock = clock
        self._heard = True

    async def run(self) -> None:
        """Follow the claims until cancelled; a topic that cannot be read is told and tried again,
        once for each time that it begins: a worker has better to do than to end for it.
        """
        while True:
            try:
                await self._claims.refresh()
            except ReadFailedError as away:
                if self._heard:
                    log.warning("budget_claims.unheard", detail=str(away))
                self._heard = False
            except Exception:
                if self._heard:
                    log.exception("budget_claims.broken")
                self._heard = False
            else:
                self._heard = True
            await asyncio.sleep(POLL_SECONDS)

    def _hear(self, claim: BudgetClaim) -> None:
        now = self._clock()
        if not claim.counts(now):
            return
        if claim.until > now + LONGEST_SECONDS:
            why = f"it lasts longer than {LONGEST_SECONDS:g} s"
        elif not self._quota.reserve(claim.name, claim.requests, claim.until):
            why = "workers need the rest of the allowance"
        else:
            log.info(
                "budget_claim.heard",
                claim=claim.name,
                requests=claim.requests,
                seconds=round(max(0.0, claim.until - now), 1),
            )
            return
        log.warning("budget_claim.ignored", claim=claim.name, detail=why)


def _claim(name: str, document: Mapping[str, object]) -> BudgetClaim | None:
    match document:
        case {"requests": int(requests), "until_ms": int(until), "by": str(by)} if requests > 0:
            return BudgetClaim(name, requests, until / 1000, by)
        case _:
            return None
