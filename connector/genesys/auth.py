"""Hold the access token of the client-credentials grant, and renew it one at a time."""

import asyncio
import base64
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NewType

from tenacity import AsyncRetrying, RetryCallState, retry_if_result, stop_after_attempt

from connector.domain.command import Urgency
from connector.genesys.answer import Applied, Environment, Unavailable, Unclear, wish
from connector.genesys.asking import Asking, Told
from connector.genesys.call import Call
from connector.genesys.endpoint import Endpoint
from connector.genesys.quota import Quota
from connector.genesys.requests import Request
from connector.genesys.responses import Grant
from connector.planning.gates import EVERYWHERE
from connector.planning.patience import Bounds, Wait, WaitKind, pause

AHEAD = 60.0
"""Seconds before the end of its life at which a token is renewed, a tenth of its life at most
(tokens live 5 minutes to 48 hours, genesys-api.md section 2.2)."""

TRIES = Bounds(first=0.3, longest=2.0, attempts=3)
"""A token request that broke is repeated at once a little: all else waits for it."""

_REST = Bounds(first=1.0, longest=60.0, attempts=None)
"""After those, nobody asks again for a pause that grows while it fails."""

Serial = NewType("Serial", int)


@dataclass(frozen=True, slots=True)
class Token:
    """One access token. `serial` tells it from its successors; `renew_at`, `ends_at` are times of
    the clock.
    """

    serial: Serial
    authorization: str = field(repr=False)
    renew_at: float
    ends_at: float


class Tokens:
    """The token of one OAuth client: renewed ahead of its end and after a 401, by one at a time.

    `clock` returns seconds, `jitter` numbers from 0 up to 1. Each token request takes a slot.
    """

    __slots__ = (
        "_asking",
        "_authorization",
        "_clock",
        "_failed",
        "_failures",
        "_jitter",
        "_quota",
        "_renewing",
        "_rest_until",
        "_serials",
        "_token",
    )

    def __init__(
        self,
        asking: Asking,
        quota: Quota,
        endpoint: Endpoint,
        clock: Callable[[], float],
        jitter: Callable[[], float],
    ) -> None:
        self._asking = asking
        self._quota = quota
        pair = f"{endpoint.client_id}:{endpoint.secret}".encode()
        self._authorization = f"Basic {base64.b64encode(pair).decode('ascii')}"
        self._clock = clock
        self._jitter = jitter
        self._serials = itertools.count(1)
        self._renewing = asyncio.Lock()
        self._token: Token | None = None
        self._failed: Told | None = None
        self._failures = 0
        self._rest_until = 0.0

    @property
    def held(self) -> Token | None:
        """Return a token that needs no renewal yet, None if there is none."""
        token = self._token
        return token if token is not None and self._clock() < token.renew_at else None

    async def current(self) -> Token | Told:
        """Return a token that is good now, or what came of asking for one.

        While one caller renews ahead of the end, the others go on with the old token. After a
        failure the same is told to everybody until its pause is over.
        """
        held = self.held
        if held is not None:
            return held
        old = self._usable()
        if old is not None and self._renewing.locked():
            return old
        async with self._renewing:
            return self.held or await self._renewed()

    async def renew(self, spent: Token) -> Token | Told:
        """Return a token newer than *spent*, which the platform no longer takes."""
        async with self._renewing:
            token = self._token
            if token is not None and token.serial > spent.serial:
                return token
            self._token = None
            return await self._renewed()

    def _usable(self) -> Token | None:
        token = self._token
        return token if token is not None and self._clock() < token.ends_at else None

    async def _renewed(self) -> Token | Told:
        """Ask for a token; an old one that still lives serves where that fails."""
        if self._failed is not None and self._clock() < self._rest_until:
            return self._usable() or self._failed
        told = await self._asked()
        if isinstance(told.answer, Applied) and isinstance(told.reading, Grant):
            self._failed, self._failures = None, 0
            self._token = self._made(told.reading)
            return self._token
        self._rest(told)
        return self._usable() or told

    def _made(self, grant: Grant) -> Token:
        now = self._clock()
        ahead = min(AHEAD, grant.expires_in / 10)
        return Token(
            serial=Serial(next(self._serials)),
            authorization=f"Bearer {grant.token}",
            renew_at=now + grant.expires_in - ahead,
            ends_at=now + grant.expires_in,
        )

    def _rest(self, told: Told) -> None:
        self._failures += 1
        kind = Wait(WaitKind.REFUSED, wish(told.answer))
        rest = pause(kind, self._failures, self._jitter(), _REST) or 0.0
        self._rest_until = self._clock() + rest
        self._failed = told
        if isinstance(told.answer, Environment):
            self._asking.park(EVERYWHERE, Call.TOKEN, told.answer, told.receipt)

    async def _asked(self) -> Told:
        retrying = AsyncRetrying(
            retry=retry_if_result(_passing),
            wait=self._wait,
            stop=stop_after_attempt(TRIES.attempts or 1),
            retry_error_callback=_last,
        )
        return await retrying(self._ask)

    async def _ask(self) -> Told:
        """Send one token request, ahead of everything: all else needs it."""
        await self._quota.slot(Urgency.BLOCK)
        request = Request(
            Call.TOKEN, "POST", "/oauth/token", body=b"grant_type=client_credentials"
        )
        return await self._asking.once(request, self._authorization, Urgency.BLOCK)

    def _wait(self, state: RetryCallState) -> float:
        asked = 0.0 if state.outcome is None else wish(state.outcome.result().answer)
        kind = Wait(WaitKind.UNKNOWN, asked)
        return pause(kind, state.attempt_number, self._jitter(), TRIES) or 0.0

    def __repr__(self) -> str:
        return "Tokens(***)"


def _passing(told: Told) -> bool:
    """Say whether a moment later may be better: a token request may be repeated freely, but a
    longer wish of the login is waited out without any command in hand.
    """
    passing = isinstance(told.answer, Unclear | Unavailable)
    return passing and wish(told.answer) <= TRIES.longest


def _last(state: RetryCallState) -> Told:
    if state.outcome is None:
        raise RuntimeError("tenacity gave up before the first attempt; report this as a bug")
    told: Told = state.outcome.result()
    return told
