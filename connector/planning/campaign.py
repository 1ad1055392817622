"""Say what to do about a campaign of a list on which new contacts were accepted.

Turning a completed campaign on dials from its first record again (genesys-api.md section 8.4). So
it is done from exactly `complete`, for contacts that no run of the campaign can have reached, and
once in a cool-down.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from connector.domain.campaign import COMPLETE, Campaign


class LeftFor(StrEnum):
    """Why a campaign is left as it is."""

    STATUS = "status"
    ALWAYS_RUNNING = "always_running"
    NOTHING_NEW = "nothing_new"


@dataclass(frozen=True, slots=True)
class Leave:
    """Do nothing: only new contacts can change that."""

    why: LeftFor


@dataclass(frozen=True, slots=True)
class Cooling:
    """It would be turned on, but not before `until`: look again then."""

    until: float


@dataclass(frozen=True, slots=True)
class Revive:
    """Turn it on."""


Decision: TypeAlias = Leave | Cooling | Revive


@dataclass(frozen=True, slots=True)
class Guard:
    """What is known beside the campaign itself; times are seconds of one clock, None: never.

    `accepted` is when the newest callable contact was accepted on its list, `at_work` when it was
    last seen in a status other than `complete`, `restarted` when it was last turned on again,
    by whomever of us.
    """

    cooldown: float
    accepted: float | None = None
    at_work: float | None = None
    restarted: float | None = None


def decide(campaign: Campaign, guard: Guard, now: float) -> Decision:
    """Say what to do about *campaign* as it was just read.

    The platform does not tell when a campaign completed. What was accepted before it was last
    seen at work, or before it was last turned on, that run reaches or has reached: such contacts
    are not new.
    """
    if campaign.status != COMPLETE:
        return Leave(LeftFor.STATUS)
    if campaign.always_running:
        return Leave(LeftFor.ALWAYS_RUNNING)
    if guard.accepted is None or guard.accepted <= _reached(guard):
        return Leave(LeftFor.NOTHING_NEW)
    if guard.restarted is not None and now < guard.restarted + guard.cooldown:
        return Cooling(guard.restarted + guard.cooldown)
    return Revive()


def _reached(guard: Guard) -> float:
    return max(
        float("-inf") if each is None else each for each in (guard.at_work, guard.restarted)
    )
