"""Say whether what dials a contact list heeds our DNC list, and what is missing else. Pure.

*Our* DNC list of a contact list is the one that its settings name. An opt-out goes to every DNC
list of the settings, so that another of them would do as well at that moment; but only the
list's own is promised to stay, whatever becomes of the other lists.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from connector.domain.campaign import Campaign
from connector.domain.dnc_list import INTERNAL, DncList
from connector.domain.ids import DncListId
from connector.planning.fill import Alarm, alarm

MOST_ENTRIES = 1_000_000
"""Entries that the platform takes on one DNC list (genesys-api.md section 3.4)."""

RESTING = frozenset({"off", "invalid", "forced_off"})
"""Statuses in which a campaign dials nobody until a person turns it on. All others dial, or go on
by themselves: one that is complete is turned on for new contacts, by us or by a person."""

COUNTS_FOR = 2.0
"""For so many intervals what was seen still counts where the platform cannot be asked again."""

_TAKES_PHONES = (None, "Phone", "Any")


class GapKind(StrEnum):
    """What is missing; the first four leave opted-out numbers to be dialled."""

    UNATTACHED = "unattached"
    EXTERNAL = "external"
    NO_PHONES = "no_phones"
    FULL = "full"
    RESTING = "resting"
    FILLING = "filling"
    UNKNOWN = "unknown"


GRAVE = frozenset({GapKind.UNATTACHED, GapKind.EXTERNAL, GapKind.NO_PHONES, GapKind.FULL})


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is missing: `subject` is the id of the campaign or the DNC list."""

    kind: GapKind
    subject: str
    advice: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What the last look found that saw everything: when, and whether the list was covered."""

    at: float
    covered: bool


def dials(campaign: Campaign) -> bool:
    """Say whether a campaign dials, or may begin to by itself."""
    return campaign.status not in RESTING


def bare(dnc_list: DncListId, campaigns: Iterable[Campaign]) -> tuple[Campaign, ...]:
    """Return the campaigns that do not heed our DNC list, whatever their status."""
    return tuple(each for each in campaigns if dnc_list not in each.dnc_lists)


def campaign_gaps(dnc_list: DncListId, campaigns: Iterable[Campaign]) -> tuple[Gap, ...]:
    """Return a gap for each campaign that does not heed our DNC list."""
    return tuple(
        Gap(
            GapKind.UNATTACHED if dials(each) else GapKind.RESTING,
            each.id,
            f"campaign is {each.status}; attach DNC list {dnc_list} to it",
        )
        for each in bare(dnc_list, campaigns)
    )


def dnc_gaps(found: DncList, most: int = MOST_ENTRIES) -> tuple[Gap, ...]:
    """Return what keeps a DNC list from taking a further phone number, or soon will."""
    if found.source != INTERNAL:
        text = f"it is filled by {found.source} and takes no number from us; name an internal list"
        return (Gap(GapKind.EXTERNAL, found.id, text),)
    if found.method not in _TAKES_PHONES:
        text = f"it holds no phone numbers ({found.method}); name a list of contact method Phone"
        return (Gap(GapKind.NO_PHONES, found.id, text),)
    size = 0 if found.size is None else found.size
    text = (
        f"{size} of {most} entries are used; take out what has expired, or name a new list and "
        "leave this one attached"
    )
    if size >= most:
        return (Gap(GapKind.FULL, found.id, text),)
    if alarm(size, most) is not Alarm.NONE:
        return (Gap(GapKind.FILLING, found.id, text),)
    return ()


def is_covered(gaps: Collection[Gap], last: Seen | None, now: float, interval: float) -> bool:
    """Say whether a list counts as covered by what this look found.

    What is gravely missing decides. Where something could not be seen, what the *last* whole look
    said counts a while longer; with none, nobody can say that the list is covered.
    """
    kinds = {each.kind for each in gaps}
    if kinds & GRAVE:
        return False
    if GapKind.UNKNOWN not in kinds:
        return True
    return last is not None and last.covered and now - last.at <= COUNTS_FOR * interval
