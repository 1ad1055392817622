"""See that what dials our lists heeds our DNC lists, and hold new contacts back until it does.

Each worker that holds looks for itself: it costs a request for each list and each DNC list in an
interval, and nothing that another worker saw, or that stood somewhere when all were down, can let
a contact through that this worker has no reason to send (docs/operations.md).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from connector.domain.campaign import Campaign
from connector.domain.dnc_list import DncList
from connector.domain.ids import DncListId, ListId
from connector.genesys.campaigns import CampaignCalls
from connector.genesys.dnc_lists import DncLists
from connector.genesys.failed import Failed
from connector.planning.coverage import (
    COUNTS_FOR,
    MOST_ENTRIES,
    Gap,
    GapKind,
    Seen,
    campaign_gaps,
    dnc_gaps,
    is_covered,
)
from connector.planning.gates import GateReason, Gates, HoldReason, Scope, Stop
from connector.stream.coverage_news import CoverageNews
from connector.stream.lease import LeaseLapsed
from connector.stream.repeating import Repeating

_T = TypeVar("_T")

FIRST_PAUSE = 5.0
"""Seconds after a first look that failed; they double up to the interval."""


@dataclass(frozen=True, slots=True)
class CoverageTerms:
    """What the settings say: our DNC list of each list, whether new contacts are held back where
    it is not heeded, and the seconds from one look to the next. `most` entries fill a DNC list.
    """

    lists: Mapping[ListId, DncListId]
    hold: bool
    interval: float
    most: int = MOST_ENTRIES


@dataclass(frozen=True, slots=True)
class CoverageParts:
    """What looking takes. `clock` is in seconds; `fatal` is told of a lease that has lapsed."""

    campaigns: CampaignCalls
    dnc_lists: DncLists
    gates: Gates
    news: CoverageNews
    clock: Callable[[], float]
    fatal: Callable[[BaseException], None]


class CoverageRounds:
    """Looks as soon as a tenure begins, and then each interval; sooner after a look that failed.

    With `hold` each list is shut to new contacts from the beginning of a tenure on, unless it was
    found covered lately, and opens when a look finds it covered.
    """

    def __init__(self, terms: CoverageTerms, parts: CoverageParts) -> None:
        self._terms = terms
        self._campaigns, self._dnc_lists = parts.campaigns, parts.dnc_lists
        self._gates, self._news, self._clock = parts.gates, parts.news, parts.clock
        self._seen: dict[ListId, Seen] = {}
        self._failures = 0
        self._repeating = Repeating(self._round, parts.fatal)

    @property
    def holds(self) -> bool:
        """Whether new contacts are held back where a list is not covered."""
        return self._terms.hold

    def begin(self) -> None:
        """Begin to look; what was seen long ago counts no more."""
        if self._terms.hold:
            for list_id in self._terms.lists:
                self._await(list_id)
        self._repeating.begin()

    async def end(self) -> None:
        """Look no more, and say nothing of what was seen. What is held stays so."""
        await self._repeating.end()
        self._news.forget()

    def cut_off(self) -> None:
        """Look no more, at once."""
        self._repeating.cut_off()
        self._news.forget()

    def _await(self, list_id: ListId) -> None:
        """Hold a list that nobody has seen to be covered lately."""
        seen = self._seen.get(list_id)
        oldest = self._clock() - COUNTS_FOR * self._terms.interval
        if seen is None or not seen.covered or seen.at < oldest:
            self._gates.hold(_new_contacts(list_id), HoldReason.UNCOVERED)
            self._news.awaits(list_id)

    async def _round(self) -> float:
        """Look at each list once; return the seconds to the next round."""
        failures: list[Failed] = []
        dnc_lists = {
            each: await self._told(self._dnc_lists.read(each))
            for each in dict.fromkeys(self._terms.lists.values())
        }
        for list_id, dnc_list in self._terms.lists.items():
            campaigns = await self._told(self._campaigns.of_list(list_id))
            found = dnc_lists[dnc_list]
            gaps = self._gaps(dnc_list, campaigns, found)
            failures += [each for each in (campaigns, found) if isinstance(each, Failed)]
            self._judge(list_id, gaps)
        if not failures:
            self._failures = 0
            return self._terms.interval
        self._failures += 1
        pause = min(self._terms.interval, FIRST_PAUSE * 2.0 ** min(self._failures - 1, 16))
        return max(pause, *(each.after for each in failures))

    async def _told(self, asked: Awaitable[_T | Failed]) -> _T | Failed:
        """Return what came of a question; a bug of ours leaves it unanswered."""
        try:
            return await asked
        except LeaseLapsed:
            raise
        except Exception as bug:  # noqa: BLE001 - told with its trace; a side job stops no worker
            self._news.broken(bug)
            return Failed("bug", "see the log, and report it", "bug")

    def _gaps(
        self,
        dnc_list: DncListId,
        campaigns: tuple[Campaign, ...] | Failed,
        found: DncList | Failed,
    ) -> tuple[Gap, ...]:
        """Return all that is missing, what cannot be seen included."""
        gaps: list[Gap] = []
        if isinstance(campaigns, Failed):
            advice = campaigns.advice
            if campaigns.reason is GateReason.PERMISSION:
                advice = "give the OAuth client's role outbound:campaign:view"
            gaps.append(_unknown("campaigns", advice, campaigns))
        else:
            gaps += campaign_gaps(dnc_list, campaigns)
        if isinstance(found, Failed):
            gaps.append(_unknown(dnc_list, found.advice, found))
        else:
            gaps += dnc_gaps(found, self._terms.most)
        return tuple(gaps)

    def _judge(self, list_id: ListId, gaps: tuple[Gap, ...]) -> None:
        """Remember and tell what was found; hold the list back or let it go on."""
        now = self._clock()
        covered = is_covered(gaps, self._seen.get(list_id), now, self._terms.interval)
        if all(each.kind is not GapKind.UNKNOWN for each in gaps) or not covered:
            self._seen[list_id] = Seen(now, covered)
        held = self._terms.hold and not covered
        if held:
            self._gates.hold(_new_contacts(list_id), HoldReason.UNCOVERED)
        else:
            self._gates.let_go(_new_contacts(list_id), HoldReason.UNCOVERED)
        self._news.found(list_id, gaps, held=held)


def _new_contacts(list_id: ListId) -> Scope:
    return Scope(list_id, Stop.INSERTS)


def _unknown(subject: str, advice: str, failed: Failed) -> Gap:
    return Gap(GapKind.UNKNOWN, subject, f"cannot be read ({failed.code}); {advice}")
