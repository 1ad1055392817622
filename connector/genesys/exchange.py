"""Carry one request to its answer: with a token, in a slot, repeated where a moment helps.

Only two things are repeated here, both known to have done nothing: a 401 once, with a new token,
and a 429 whose silence is short. All else goes back to the caller at once, and from there to the
outbox with a time not to come before: what waits there can be withdrawn, so that an opt-out never
waits for the pause of an insert.
"""

from collections.abc import Callable
from typing import TypeAlias

from tenacity import AsyncRetrying, RetryCallState, retry_if_result, stop_after_attempt

from connector.domain.command import Urgency
from connector.genesys.answer import Environment, Throttled, TokenSpent, Unavailable, Unclear
from connector.genesys.asking import Asking, Told
from connector.genesys.auth import Token, Tokens
from connector.genesys.call import SIDE_CALLS
from connector.genesys.client import CalledBackError, Leaves, always
from connector.genesys.quota import Quota
from connector.genesys.requests import Request
from connector.planning.gates import EVERYWHERE, GateReason

SHORT_SILENCE = 1.0
"""Seconds of silence after a 429 that are waited out with the commands in hand; a longer one is
waited out in the outbox."""

_ATTEMPTS = 4

Build: TypeAlias = Callable[[], Request | None]
"""Makes the request at the last moment, when token and slot are there; None: no longer wanted."""


class Exchange:
    """Ask the platform and bring back the answer."""

    __slots__ = ("_asking", "_quota", "_tokens")

    def __init__(self, asking: Asking, tokens: Tokens, quota: Quota) -> None:
        self._asking = asking
        self._tokens = tokens
        self._quota = quota

    async def ask(
        self, build: Build, urgency: Urgency, leaves: Leaves = always, *, granted: bool = False
    ) -> Told | None:
        """Return what the platform says to what *build* makes; None where it makes nothing.

        `granted` says that the caller holds a slot; it is used or given back here. Each further
        request takes its own. *build* is called before every attempt, the latest call counts. It
        may not be called at all: where no token is to be had, and while the platform demanded
        silence, the answer says that nothing was done. Where *leaves* says False as the first
        byte is about to leave, or silence was demanded meanwhile, *build* is asked once more.
        """
        turn = _Turn(self._asking, self._tokens, self._quota, build, urgency, leaves)
        turn.granted = granted
        try:
            told = await turn.attempt()
            return await _repeated(turn) if turn.again(told) else told
        finally:
            turn.give_back()

    async def answer(self, request: Request, urgency: Urgency) -> Told:
        """Return what the platform says to a *request* that nobody withdraws."""
        told = await self.ask(lambda: request, urgency)
        if told is None:
            raise RuntimeError("a request that nobody withdrew was not sent; report this as a bug")
        return told


class _Turn:
    """One request on its way, over its attempts."""

    __slots__ = (
        "_asking",
        "_build",
        "_leaves",
        "_quota",
        "_spent",
        "_tokens",
        "_urgency",
        "granted",
    )

    def __init__(
        self,
        asking: Asking,
        tokens: Tokens,
        quota: Quota,
        build: Build,
        urgency: Urgency,
        leaves: Leaves,
    ) -> None:
        self._asking = asking
        self._tokens = tokens
        self._quota = quota
        self._build = build
        self._urgency = urgency
        self._leaves = leaves
        self._spent: Token | None = None
        self.granted = False

    async def attempt(self) -> Told | None:
        """Send once, as soon as a token and a slot are there together."""
        while True:
            try:
                return await self._once()
            except CalledBackError:
                self.granted = True

    async def _once(self) -> Told | None:
        token = await self._token()
        if isinstance(token, Told):
            return _nothing_done(token)
        if self._quota.silence <= SHORT_SILENCE and not self.granted:
            await self._quota.slot(self._urgency)
            self.granted = True
        if silence := self._quota.silence:
            self.give_back()
            return Told(Throttled(silence))
        request = self._build()
        if request is None:
            return None
        self.granted = False
        told = await self._asking.once(request, token.authorization, self._urgency, self._goes)
        return self._judged(told, token, request)

    def _goes(self) -> bool:
        return not self._quota.silence and self._leaves()

    def again(self, told: Told | None) -> bool:
        """Say whether another attempt right away is due."""
        match told:
            case Told(answer=TokenSpent()):
                return True
            case Told(answer=Throttled(after=after)):
                return after <= SHORT_SILENCE
            case _:
                return False

    def give_back(self) -> None:
        """Return a slot that was not used."""
        if self.granted:
            self.granted = False
            self._quota.refund()

    async def _token(self) -> Token | Told:
        """Return the token to use. A slot is not held over a wait: requests that were saved up
        would leave together and break the budget.
        """
        held = self._tokens.held
        if held is not None and held is not self._spent:
            return held
        self.give_back()
        if self._spent is not None:
            return await self._tokens.renew(self._spent)
        return await self._tokens.current()

    def _judged(self, told: Told, token: Token, request: Request) -> Told:
        """Take a 401 as a spent token once; the second time the credentials are at fault."""
        answer = told.answer
        if isinstance(answer, TokenSpent):
            if self._spent is None:
                self._spent = token
                return told
            answer = Environment(GateReason.CREDENTIALS, answer.code)
            self._park(EVERYWHERE, request, answer, told)
            return Told(answer, told.receipt)
        if isinstance(answer, Environment):
            self._park(request.place, request, answer, told)
        return told

    def _park(self, scope: str, request: Request, answer: Environment, told: Told) -> None:
        """Say that *scope* refuses, where leads go there: a side job holds up none of them."""
        if request.call not in SIDE_CALLS:
            self._asking.park(scope, request.call, answer, told.receipt)


async def _repeated(turn: _Turn) -> Told | None:
    """Attempt again; nearly no request comes here, and tenacity's objects cost a tenth of one."""
    retrying = AsyncRetrying(
        retry=retry_if_result(turn.again),
        stop=stop_after_attempt(_ATTEMPTS - 1),
        retry_error_callback=_last,
    )
    return await retrying(turn.attempt)


def _nothing_done(token_request: Told) -> Told:
    """Return what a failed token request means for the request that never left."""
    answer = token_request.answer
    if isinstance(answer, Unclear):
        answer = Unavailable(answer.after)
    return Told(answer, token_request.receipt, broken=token_request.broken)


def _last(state: RetryCallState) -> Told | None:
    if state.outcome is None:
        raise RuntimeError("tenacity gave up before the first attempt; report this as a bug")
    told: Told | None = state.outcome.result()
    return told
