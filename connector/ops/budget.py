"""Get room in the request budget before a command calls the platform beside workers.

The client's allowance is one for all: what a command sends, workers must leave (design.md
section 5). So it claims first, waits until every worker has heard and has let that many slots
pass, and only then sends, never more than it claimed.
"""

import asyncio
import math
import uuid
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from connector.ops.group import workers_run
from connector.ops.own_topics import admin_client
from connector.planning.departures import WINDOW
from connector.planning.pace import MOST, Pace, quiet
from connector.settings.model import Settings
from connector.stream.budget_claims import (
    HEARD_SECONDS,
    LONGEST_SECONDS,
    BudgetClaim,
    BudgetClaims,
)
from connector.stream.composition import kafka
from connector.stream.control import Control, written_to
from connector.stream.producer import SendFailedError
from connector.stream.reader import Reader
from connector.stream.reading import ReadFailedError
from connector.stream.steady import steady_clock
from connector.stream.topics import TopicsUnavailableError, find_topics

LONGEST_QUIET = 2 * WINDOW
"""Seconds that `quiet` never passes, since commands claim half of the allowance at most."""

ANSWERS_SECONDS = 60.0
"""How long all answers together may take beyond the pace; then the command has run out of time."""

KNOWN_SECONDS = 45.0
"""How long it may take to read the control topic and to write there, over a broker's failover."""

SKEW_SECONDS = 5.0
"""By how much the clock of a worker may be ahead of ours."""


class NoRoomError(Exception):
    """There is no room beside the workers. The text says why and what to do next."""


class RoomOverError(Exception):
    """A request was about to leave beyond what was claimed, or later; it did not."""


@dataclass(frozen=True, slots=True)
class Need:
    """The most requests that a command makes, and its name."""

    requests: int
    by: str


class Room:
    """What a command may send: in the slots of `pace`, each after `permit`."""

    __slots__ = ("_clock", "_left", "_until", "pace")

    def __init__(self, pace: Pace, left: float, until: float, clock: Callable[[], float]) -> None:
        self.pace = pace
        self._left = left
        self._until = until
        self._clock = clock

    def permit(self) -> None:
        """Count a request that is about to leave.

        Raises:
            RoomOverError: it was not claimed, or comes too late.
        """
        if self._left < 1 or self._clock() >= self._until:
            raise RoomOverError
        self._left -= 1


@asynccontextmanager
async def room(
    settings: Settings, need: Need, tell: Callable[[str], None]
) -> AsyncGenerator[Room, None]:
    """Give a command its room: at once where no worker runs, else once they have left it.

    Raises:
        NoRoomError: workers run, and cannot be told or have no more to spare.
    """
    allowance = settings.genesys.requests_per_minute
    clock = steady_clock()
    if not await asyncio.to_thread(workers_run, settings):
        yield Room(Pace(allowance), math.inf, math.inf, clock)
        return
    claims = await asyncio.to_thread(_claims, settings)
    claim = _claim(need, allowance, clock())
    try:
        async with asyncio.timeout(KNOWN_SECONDS):
            await _make(claims, claim, clock)
    except (ReadFailedError, SendFailedError, TimeoutError) as away:
        raise NoRoomError(
            f"workers run and cannot be told to leave room ({str(away) or 'no answer'}); look at "
            f"{settings.topics.control} and the brokers, or stop the workers first"
        ) from away
    try:
        seconds = HEARD_SECONDS + waits(claims, claim, allowance, clock())
        tell(f"Workers run: waiting {math.ceil(seconds)} s until they have left room.")
        await asyncio.sleep(seconds)
        whole = claim.requests == need.requests
        pace = Pace(allowance if whole else claim.requests)
        yield Room(pace, need.requests, claim.until - SKEW_SECONDS, clock)
    finally:
        await _end(claims, claim, clock(), tell)


def _claims(settings: Settings) -> BudgetClaims:
    """Return the claims in the control topic. Blocks.

    Raises:
        NoRoomError: there is no such topic, or no answer; reading would wait for one for ever.
    """
    topic = settings.topics.control
    admin = admin_client(settings, lambda _trouble: None)
    try:
        found = find_topics(admin, [topic])
    except TopicsUnavailableError as away:
        raise NoRoomError(f"workers run and cannot be told to leave room: {away}") from away
    if not found:
        raise NoRoomError(
            f"workers run and cannot be told to leave room: {topic} is missing; "
            "`connector topics create` makes it"
        )
    reader = Reader(kafka(settings), settings.kafka.application_id)
    return BudgetClaims(Control(reader, topic, written_to(kafka(settings), topic)))


def _claim(need: Need, allowance: float, now: float) -> BudgetClaim:
    """Return the claim of all requests at once, or of half the allowance where they are more.

    Raises:
        NoRoomError: the allowance is too small to share.
    """
    requests = min(need.requests, int(allowance * MOST))
    if requests < 1:
        raise NoRoomError("genesys.requests_per_minute leaves nothing beside workers; stop them")
    sending = 2 * WINDOW * need.requests / (allowance if requests == need.requests else requests)
    lasts = HEARD_SECONDS + LONGEST_QUIET + sending + ANSWERS_SECONDS + SKEW_SECONDS
    if lasts > LONGEST_SECONDS:
        raise NoRoomError(
            f"{need.requests} requests beside workers take too long at "
            "genesys.requests_per_minute; stop the workers first"
        )
    return BudgetClaim(uuid.uuid4().hex, requests, now + lasts, need.by)


async def _make(claims: BudgetClaims, claim: BudgetClaim, clock: Callable[[], float]) -> None:
    """Make *claim* known and learn of those made before it."""
    await claims.refresh()
    await claims.sweep(clock())
    await claims.make(claim)
    await claims.refresh()


def waits(claims: BudgetClaims, claim: BudgetClaim, allowance: float, now: float) -> float:
    """Return for how many seconds workers may be silent for *claim* and those before it.

    Raises:
        NoRoomError: those before it have claimed the most that workers leave.
    """
    requests: list[int] = []
    for each in claims.standing(now):
        if each.until > now + LONGEST_SECONDS:
            continue  # no worker honours it, nor those below
        if sum(requests) + each.requests <= allowance * MOST:
            requests.append(each.requests)
        elif each.name == claim.name:
            raise NoRoomError(
                "other commands have claimed what workers can spare of "
                "genesys.requests_per_minute; try again in a few minutes"
            )
        if each.name == claim.name:
            break
    return quiet(requests, allowance)


async def _end(
    claims: BudgetClaims, claim: BudgetClaim, now: float, tell: Callable[[str], None]
) -> None:
    try:
        await claims.end(claim, now)
    except SendFailedError as away:
        tell(f"Workers could not be told that this is over; they leave room for longer: {away}")
