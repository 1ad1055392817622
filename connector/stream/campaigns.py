"""Look after the campaigns of our lists: the worker whose new contact was accepted asks.

A side job in one task. Whatever becomes of it, no lead waits: a failure is told and tried again
with growing pauses. It speaks to the platform in a tenure only, in slots of the ordinary budget.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from connector.domain.campaign import COMPLETE, Campaign
from connector.domain.command import Command, UpsertContact
from connector.domain.ids import CampaignId, ListId
from connector.domain.result import Accepted, Result
from connector.genesys.campaign_body import WholeCampaign
from connector.genesys.campaigns import (
    CampaignCalls,
    Changed,
    Gone,
    Turned,
    TurnedOn,
)
from connector.genesys.failed import Failed
from connector.planning.campaign import Cooling, Decision, Guard, Leave, Revive, decide
from connector.planning.looks import Looks
from connector.stream.campaign_news import CampaignNews
from connector.stream.lease import LeaseLapsed
from connector.stream.producer import SendFailedError
from connector.stream.reading import ReadFailedError
from connector.stream.restart_claims import RestartClaims

ATTEMPTS = 5
"""How often one look decides again on a campaign that changes under its hands."""

_CUT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class CampaignTerms:
    """What the settings say of one list: `cooldown` in seconds; without `restart` it is only
    said what would be done.
    """

    restart: bool
    cooldown: float


@dataclass(frozen=True, slots=True)
class CampaignParts:
    """What looking after campaigns takes. `fatal` is told of what ends the worker: a lease that
    has lapsed. `clock` is in seconds since 1970, `jitter` gives numbers from 0 up to 1.
    """

    calls: CampaignCalls
    claims: RestartClaims
    news: CampaignNews
    clock: Callable[[], float]
    jitter: Callable[[], float]
    fatal: Callable[[BaseException], None]


@dataclass(slots=True)
class _List:
    """One list: when to look, when its campaigns were seen at work or told of, and the version of
    each that the platform refused to turn on.
    """

    id: ListId
    terms: CampaignTerms
    looks: Looks = field(default_factory=Looks)
    at_work: dict[CampaignId, float] = field(default_factory=dict)
    told: dict[CampaignId, float] = field(default_factory=dict)
    refused: dict[CampaignId, tuple[int, Failed]] = field(default_factory=dict)


Again: TypeAlias = float | None
"""When to look again though no contact comes: at the end of a cool-down."""


class CampaignCare:
    """Looks after the campaigns of the lists that *terms* names; those of others it leaves alone.

    Lives as long as the worker, so that what a rebalance interrupts is done afterwards; `begin`
    and `end` frame each tenure.
    """

    def __init__(self, terms: Mapping[ListId, CampaignTerms], parts: CampaignParts) -> None:
        self._lists = {each: _List(each, of) for each, of in terms.items()}
        self._calls, self._claims, self._news = parts.calls, parts.claims, parts.news
        self._clock, self._jitter, self._fatal = parts.clock, parts.jitter, parts.fatal
        self._woken = asyncio.Event()
        self._ending = False
        self._turning = False
        self._task: asyncio.Task[None] | None = None

    def answered(self, command: Command, result: Result) -> None:
        """Take the result of a command: an accepted insert of a callable contact is a reason."""
        if (
            isinstance(command, UpsertContact)
            and command.new
            and command.callable
            and isinstance(result, Accepted)
        ):
            each = self._lists.get(command.list_id)
            if each is not None and each.looks.accepted(self._clock()):
                self._woken.set()

    def begin(self) -> None:
        """Begin to ask: the partitions are ours."""
        if self._lists and self._task is None:
            self._ending = False
            self._task = asyncio.create_task(self._run())

    async def end(self, seconds: float) -> None:
        """Ask no more. A campaign that is just being turned on is waited for, so long at most."""
        task, self._ending = self._task, True
        if task is None:
            return
        if self._turning:
            self._woken.set()
            await asyncio.wait((task,), timeout=seconds)
        self.cut_off()
        await asyncio.wait((task,), timeout=_CUT_SECONDS)

    def cut_off(self) -> None:
        """Ask no more, at once."""
        self._ending = True
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        while not self._ending:
            self._woken.clear()
            due = [(at, each) for each in self._lists.values() if (at := each.looks.due())]
            at, each = min(due, key=lambda pair: pair[0], default=(None, None))
            wait = None if at is None else at - self._clock()
            if each is not None and wait is not None and wait <= 0:
                await self._look(each)
                continue
            try:
                async with asyncio.timeout(wait):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def _look(self, each: _List) -> None:
        """Look at one list; what goes wrong is told and tried again later."""
        now = self._clock()
        each.looks.begun(now)
        try:
            told = await self._attend(each, now)
        except asyncio.CancelledError:
            each.looks.ended(now)  # due at once in the next tenure
            raise
        except LeaseLapsed as lapsed:
            self._fatal(lapsed)
            self._ending = True
        except (ReadFailedError, SendFailedError) as away:
            self._news.forgetful(each.id, str(away), self._failed(each))
        except Exception as bug:  # noqa: BLE001 - told with its trace; a side job stops no worker
            self._news.broken(each.id, bug, self._failed(each))
        else:
            if isinstance(told, Failed):
                self._news.failed(each.id, told, self._failed(each, told.after))
            else:
                each.looks.ended(told)

    def _failed(self, each: _List, least: float = 0.0) -> float:
        return each.looks.failed(self._clock(), self._jitter(), least)

    async def _attend(self, each: _List, now: float) -> Again | Failed:
        """Read the campaigns of a list and do what each wants; one that fails stops no other."""
        found = await self._calls.of_list(each.id)
        if isinstance(found, Failed):
            return found
        if not each.terms.restart:
            return self._report(each, found, now)
        failed, again = None, []
        for campaign in found:
            if self._ending:
                return now
            told = await self._care(each, campaign, now)
            if isinstance(told, Failed):
                failed = told
            elif told is not None:
                again.append(told)
        if failed is None:
            self._news.waiting(each.id, ())
        return failed or min(again, default=None)

    async def _care(self, each: _List, campaign: Campaign, seen_at: float) -> Again | Failed:
        """Do what a campaign wants, as it was listed: what others did may be still to be read, but
        that can only take a restart away.
        """
        match self._decide(each, campaign, seen_at, self._claims.restarted(campaign)):
            case Leave():
                return None
            case Cooling(until=until):
                return until
            case Revive():
                return await self._revive(each, campaign.id)

    def _decide(
        self, each: _List, campaign: Campaign, seen_at: float, restarted: float | None
    ) -> Decision:
        """Decide on a campaign that was asked for at *seen_at*, and remember how it was."""
        accepted = each.looks.accepted_at
        guard = Guard(each.terms.cooldown, accepted, each.at_work.get(campaign.id), restarted)
        if campaign.status != COMPLETE:
            each.at_work[campaign.id] = seen_at
        return decide(campaign, guard, self._clock())

    def _report(self, each: _List, found: tuple[Campaign, ...], now: float) -> Again:
        """Say what would be done: a note as long as it is so, a line once in a cool-down."""
        waiting = [
            one.id for one in found if isinstance(self._decide(each, one, now, None), Revive)
        ]
        for campaign in waiting:
            told = each.told.get(campaign)
            if told is None or now >= told + each.terms.cooldown:
                each.told[campaign] = now
                self._news.would_restart(each.id, campaign)
        self._news.waiting(each.id, waiting)
        return now + each.terms.cooldown if waiting else None

    async def _revive(self, each: _List, campaign: CampaignId) -> Again | Failed:
        """Turn one campaign on, unless it is another by the time that we know all of it."""
        for _ in range(ATTEMPTS):
            if self._ending:
                return self._clock()
            told = await self._try(each, campaign)
            if not isinstance(told, Changed):
                return told
            self._news.overtaken(each.id, campaign)
        return Failed("outdated", "wait; something else keeps changing the campaign", "HTTP 409")

    async def _try(self, each: _List, campaign: CampaignId) -> Again | Failed | Changed:
        """Read, decide, turn on: once.

        First the campaign is read, then the claims: a restart that this reading shows, or any
        before it, has its claim there.
        """
        seen_at = self._clock()
        whole = await self._calls.read(campaign)
        if isinstance(whole, Failed):
            return whole
        if isinstance(whole, Gone):
            return None
        await self._claims.refresh()
        restarted = self._claims.restarted(whole.campaign)
        match self._decide(each, whole.campaign, seen_at, restarted):
            case Leave():
                return None
            case Cooling(until=until):
                return until
            case Revive():
                return await self._allowed(each, whole)

    async def _allowed(self, each: _List, whole: WholeCampaign) -> Again | Failed | Changed:
        """Turn a campaign on, unless that was refused for what it is and it is no other since."""
        campaign = whole.campaign
        version, refusal = each.refused.get(campaign.id, (None, None))
        if refusal is not None and version == campaign.version:
            return refusal
        turned = await self._turn_on(each, whole)
        if isinstance(turned, Failed) and turned.lasting:
            each.refused[campaign.id] = campaign.version, turned
        return None if isinstance(turned, TurnedOn | Gone) else turned

    async def _turn_on(self, each: _List, whole: WholeCampaign) -> Turned:
        """Claim, ask, and say what came of it; nothing interrupts that but its own deadline."""
        campaign, at = whole.campaign, self._clock()
        self._turning = True
        try:
            await self._claims.claim(campaign, each.id, at)
            turned = await self._calls.turn_on(whole)
            match turned:
                case TurnedOn(already=already):
                    self._news.restarted(each.id, campaign.id, already=already)
                    await self._claims.confirm(campaign, each.id, at)
                case Failed(doubtful=True):
                    pass  # the version tells, at the next look
                case Changed() | Gone() | Failed():
                    self._claims.void(campaign)
        finally:
            self._turning = False
        return turned
