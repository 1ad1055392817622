"""What commands claim of the request budget, and what a worker makes of it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import pytest
from structlog.testing import capture_logs

from connector.domain.command import Urgency
from connector.genesys.quota import Quota
from connector.planning.departures import WINDOW
from connector.planning.pace import Pace
from connector.stream.budget_claims import (
    KIND,
    LONGEST_SECONDS,
    BudgetClaim,
    BudgetClaims,
    RoomForCommands,
)
from connector.stream.control import Control, ControlEntry
from connector.stream.reading import ReadFailedError
from tests.support.campaign_worker import ControlTopic

NOW = 1_800_000_000.0


def a_claim(name: str = "one", requests: int = 10, lasts: float = 30.0) -> BudgetClaim:
    """Return a claim that was made just now."""
    return BudgetClaim(name, requests, NOW + lasts, "a test")


@pytest.fixture
def topic() -> ControlTopic:
    """Give an empty topic."""
    return ControlTopic()


def control(topic: ControlTopic) -> Control:
    """Return somebody's view of it."""
    return Control(topic, "a.control", topic.write)


async def follow(
    topic: ControlTopic, pace: Pace, done: Callable[[list[str]], bool]
) -> list[dict[str, object]]:
    """Let a worker follow the claims until *done* with the events of its log; give the lines."""
    room = RoomForCommands(control(topic), Quota(pace, lambda: NOW), lambda: NOW)
    with capture_logs() as lines:
        task = asyncio.create_task(room.run())
        async with asyncio.timeout(10):
            while not done([str(line["event"]) for line in lines]):
                assert not task.done()
                await asyncio.sleep(0.01)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    return [dict(line) for line in lines]


async def test_a_claim_stands_until_its_last_request_counts_no_more(topic: ControlTopic) -> None:
    """For whoever reads it, in the order in which claims were made."""
    mine, other = BudgetClaims(control(topic)), BudgetClaims(control(topic))
    for each in (a_claim("b"), a_claim("a", lasts=60)):
        await mine.make(each)
    await other.refresh()
    assert [each.name for each in other.standing(NOW)] == ["b", "a"]
    assert [each.name for each in other.standing(NOW + 30 + WINDOW)] == ["a"]
    await mine.end(a_claim("a", lasts=60), NOW + 1)
    await other.refresh()
    assert [each.until for each in other.standing(NOW)] == [NOW + 30, NOW + 1]


async def test_a_claim_is_written_as_people_and_programs_read_it(topic: ControlTopic) -> None:
    """`until` in both forms."""
    heard: list[ControlEntry] = []
    view = control(topic)
    view.hears(KIND, heard.append)
    await BudgetClaims(control(topic)).make(a_claim())
    await view.refresh()
    (entry,) = heard
    assert entry.key == b"budget-claim/one"
    assert entry.document == {
        "by": "a test",
        "requests": 10,
        "until": "2027-01-15T08:00:30.000Z",
        "until_ms": 1_800_000_030_000,
    }


async def test_a_worker_leaves_room_for_what_it_hears(topic: ControlTopic) -> None:
    """The slots of the claimed requests pass in silence."""
    topic.append(0, b"budget-claim/one", ControlEntry(KIND, "one", a_claim().document()).value)
    pace = Pace(122)
    (line,) = await follow(topic, pace, lambda events: "budget_claim.heard" in events)
    assert (line["requests"], line["seconds"]) == (10, 30.0)
    assert pace.wait(NOW, Urgency.BLOCK) > 10 * WINDOW / 120


@pytest.mark.parametrize(
    "document",
    [
        {"requests": "many"},
        a_claim(requests=0).document(),
        a_claim(requests=-5).document(),
        a_claim(requests=62).document(),
        a_claim(lasts=LONGEST_SECONDS + 1).document(),
    ],
    ids=["no claim", "of nothing", "negative", "too much", "too long"],
)
async def test_an_absurd_claim_is_ignored_with_a_line(
    topic: ControlTopic, document: dict[str, object]
) -> None:
    """No record of others may stop a worker."""
    topic.append(0, b"budget-claim/one", ControlEntry(KIND, "one", document).value)
    pace = Pace(122)
    (line,) = await follow(topic, pace, lambda events: "budget_claim.ignored" in events)
    assert line["log_level"] == "warning"
    assert pace.wait(NOW, Urgency.WRITE) < WINDOW / 120


async def test_a_claim_that_is_over_says_nothing(topic: ControlTopic) -> None:
    """Each start reads the old ones again; only what still counts is heard."""
    for name, lasts in (("old", -WINDOW), ("new", 5.0)):
        claim = a_claim(name, lasts=lasts)
        topic.append(
            0, f"{KIND}/{name}".encode(), ControlEntry(KIND, name, claim.document()).value
        )
    lines = await follow(topic, Pace(122), bool)
    assert [line["claim"] for line in lines] == ["new"]


async def test_a_topic_that_cannot_be_read_is_told_once_and_tried_again(
    topic: ControlTopic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker goes on, and hears what was claimed meanwhile once it can read again."""
    monkeypatch.setattr("connector.stream.budget_claims.POLL_SECONDS", 0.01)
    failures = iter([ReadFailedError("away")] * 3)
    read = topic.read_to_end

    def fails(*arguments: object) -> object:
        for failure in failures:
            raise failure
        return read(*arguments)  # type: ignore[arg-type]  # handed through

    monkeypatch.setattr(topic, "read_to_end", fails)
    topic.append(0, b"budget-claim/one", ControlEntry(KIND, "one", a_claim().document()).value)
    lines = await follow(topic, Pace(122), lambda events: "budget_claim.heard" in events)
    assert [line["event"] for line in lines] == ["budget_claims.unheard", "budget_claim.heard"]


async def test_what_counts_no_more_is_swept_away(topic: ControlTopic) -> None:
    """The topic holds no more records than there are commands at work."""
    claims = BudgetClaims(control(topic))
    await claims.make(a_claim("old", lasts=-WINDOW))
    await claims.make(a_claim("new"))
    await claims.refresh()
    await claims.sweep(NOW)
    later: list[ControlEntry] = []
    view = control(topic)
    view.hears(KIND, later.append)
    await view.refresh()
    assert [(each.name, each.document is None) for each in later][-1] == ("old", True)
    await claims.refresh()
    assert [each.name for each in claims.standing(NOW - 1)] == ["new"]
