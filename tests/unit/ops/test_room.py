"""What a command may send in the room that it got."""

import pytest

from connector.ops.budget import NoRoomError, Room, RoomOverError, waits
from connector.planning.pace import Pace, quiet
from connector.stream.budget_claims import BudgetClaim, BudgetClaims
from connector.stream.control import Control
from tests.support.campaign_worker import ControlTopic


def test_a_room_lets_through_what_was_claimed_and_no_more() -> None:
    """One request more would be beyond what workers left."""
    room = Room(Pace(300), left=2, until=10.0, clock=lambda: 0.0)
    room.permit()
    room.permit()
    with pytest.raises(RoomOverError):
        room.permit()


def test_a_room_ends_in_time() -> None:
    """Behind its end workers use the allowance again."""
    now = 9.9
    room = Room(Pace(300), left=2, until=10.0, clock=lambda: now)
    room.permit()
    now = 10.0
    with pytest.raises(RoomOverError):
        room.permit()


async def test_a_command_waits_for_claims_that_workers_honour_and_no_others() -> None:
    """Claims before its own are waited for; absurd ones and later ones are not; one that does
    not fit is refused.
    """
    topic, now = ControlTopic(), 1_800_000_000.0
    claims = BudgetClaims(Control(topic, "a.control", topic.write))
    own = BudgetClaim("own", 20, now + 60, "a test")
    for each in (
        BudgetClaim("before", 30, now + 60, "a test"),
        BudgetClaim("huge", 5_000, now + 60, "a test"),
        BudgetClaim("for ever", 5, now + 1e6, "a test"),
        own,
        BudgetClaim("after", 10, now + 60, "a test"),
    ):
        await claims.make(each)
    await claims.refresh()
    assert waits(claims, own, 120, now) == quiet([30, 20], 120)
    with pytest.raises(NoRoomError, match="try again"):
        waits(claims, own, 90, now)
