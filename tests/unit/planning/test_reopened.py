"""A contact that somebody makes callable again right after an opt-out's quarantine of it."""

from collections import Counter
from dataclasses import replace

import pytest

from connector.domain.command import Command, QuarantineContact
from connector.domain.ids import ContactId
from connector.domain.outcome import Action, Effect
from connector.domain.reason import Verdict
from connector.domain.result import Accepted, Receipt, Result
from connector.planning.protection import READ_BACK_SECONDS, REOPENED_PAUSES
from tests.support.lane_world import ALL, Platform, a_policy
from tests.support.lead_changes import LEAD, an_opt_out, an_upsert
from tests.support.one_lane import OneLane

PLACE = (ALL, ContactId(LEAD))
MOST = len(REOPENED_PAUSES) + 1


class _Undone(Platform):
    """A platform beside which somebody undoes the first so many quarantines."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.left, self.answers = times, 0

    def serve(self, command: Command) -> Result:
        result = super().serve(command)
        self.answers += 1
        if isinstance(command, QuarantineContact) and self.left > 0:
            self.left -= 1
            self.contacts[PLACE] = replace(self.contacts[PLACE], callable=True)
        if isinstance(result, Accepted):
            return Accepted(Receipt(200, f"answer-{self.answers}"))
        return result


def _lane(times: int, *, verify: bool = True) -> OneLane:
    """Return the lane of a lead that is on `all`; so many quarantines are undone."""
    lane = OneLane(replace(a_policy(), verify=verify), platform=_Undone(times))
    lane.give(an_upsert(1))
    return lane


def _effects(lane: OneLane) -> tuple[list[Action], list[Effect]]:
    """Return what the last change did with contacts, and all its effects."""
    (told,) = [each for each in lane.done[-2:] if each.verdict is Verdict.APPLIED]
    effects = told.pending.effects
    return [each.action for each in effects if each.contact_id is not None], effects


@pytest.mark.parametrize(
    ("undone", "quarantines", "verified", "seconds"),
    [
        (0, 1, True, 0),
        (1, 2, True, 0),
        (2, 3, True, 1),
        (4, 5, True, 7),
        (MOST - 1, MOST, False, READ_BACK_SECONDS),
        (1_000_000, MOST, False, READ_BACK_SECONDS),
    ],
)
def test_it_is_quarantined_again_with_growing_pauses(
    undone: int, quarantines: int, *, verified: bool, seconds: float
) -> None:
    """Until a read-back confirms it; who never stops undoing it ends the repeats, told as such."""
    lane = _lane(undone)
    began = lane.now
    lane.give(an_opt_out(2, "+1550"))
    actions, effects = _effects(lane)
    assert Counter(actions) == Counter(
        {Action.QUARANTINED: quarantines, Action.VERIFIED: int(verified)}
    )
    assert actions[-1] is (Action.VERIFIED if verified else Action.QUARANTINED)
    assert len({each.receipt for each in effects}) >= quarantines
    assert seconds <= lane.now - began < seconds + 1
    assert lane.contact(LEAD).callable is (undone >= MOST)


def test_without_read_back_nobody_finds_it() -> None:
    """The setting `compliance.verify = false` means just that."""
    lane = _lane(1, verify=False)
    lane.give(an_opt_out(2, "+1550"))
    assert _effects(lane)[0] == [Action.QUARANTINED]
    assert lane.contact(LEAD).callable


def test_when_the_lead_is_seen_again_the_repeats_begin_anew() -> None:
    """The first opt-out gave up; the next change finds the contact, and has all its tries."""
    lane = _lane(MOST + 3)
    lane.give(an_opt_out(2, "+1550"))
    assert lane.contact(LEAD).callable
    lane = lane.again()
    assert [verdict for verdict, _ in lane.give(an_upsert(3))] == [Verdict.SUPPRESSED]
    assert not lane.contact(LEAD).callable
