"""What stands in the control topic, for those that share it, and the claims there."""

import asyncio
import threading

import pytest
from structlog.testing import capture_logs

from connector.domain.campaign import Campaign
from connector.domain.ids import CampaignId, ListId
from connector.stream.control import Control, ControlEntry
from connector.stream.reading import ReadFailedError
from connector.stream.restart_claims import KIND, RestartClaims
from tests.support.campaign_worker import ControlTopic

LIST_ID = ListId("list")


def a_campaign(version: int) -> Campaign:
    """Return a completed campaign of that version."""
    return Campaign(CampaignId("spring"), "complete", always_running=False, version=version)


@pytest.fixture
def topic() -> ControlTopic:
    """Give an empty topic."""
    return ControlTopic()


def control(topic: ControlTopic) -> Control:
    """Return a worker's view of it."""
    return Control(topic, "a.control", topic.write)


async def test_each_part_hears_its_own_kind_in_order_and_once(topic: ControlTopic) -> None:
    """Others share the topic; what was heard is not heard again."""
    mine: list[ControlEntry] = []
    view = control(topic)
    view.hears("brake", mine.append)
    first = ControlEntry("brake", "inserts/all", {"since": 1})
    await view.write(first)
    await view.write(ControlEntry("replay", "inserts/all", {"since": 2}))
    await view.refresh()
    over = ControlEntry("brake", "inserts/all", None)
    topic.append(0, over.key, over.value)
    assert mine == [first]
    await view.refresh()
    await view.refresh()
    assert mine == [first, over]


async def test_a_topic_that_never_ends_is_given_up(
    topic: ControlTopic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asked hears of it, and the thread that waits is told to end."""
    halts: list[threading.Event] = []

    def waits(_topic: str, _from: object, _take: object, halt: threading.Event) -> None:
        halts.append(halt)
        halt.wait(10)

    monkeypatch.setattr(topic, "read_to_end", waits)
    monkeypatch.setattr("connector.stream.control.READ_SECONDS", 0.05)
    with pytest.raises(ReadFailedError, match="no answer"):
        await control(topic).refresh()
    assert halts[0].is_set()


async def test_what_is_no_object_is_left_out_with_a_line(topic: ControlTopic) -> None:
    """Somebody else wrote there; the rest counts."""
    mine: list[ControlEntry] = []
    view = control(topic)
    view.hears("brake", mine.append)
    for key, value in ((b"brake/a", b"{no"), (b"brake/b", b"[1]"), (b"\xff", b"{}")):
        topic.append(0, key, value)
    topic.append(0, b"brake/c", b"{}")
    with capture_logs() as lines:
        await view.refresh()
    assert [each.name for each in mine] == ["c"]
    assert [line["event"] for line in lines] == ["control.unreadable"] * 2


async def test_a_topic_that_was_made_anew_is_read_from_its_beginning(topic: ControlTopic) -> None:
    """Its offsets begin again."""
    mine: list[ControlEntry] = []
    view = control(topic)
    view.hears("brake", mine.append)
    for _ in range(3):
        topic.append(0, b"brake/a", b"{}")
    await view.refresh()
    topic.remake(0)
    topic.append(0, b"brake/new", b"{}")
    await view.refresh()
    assert [each.name for each in mine] == ["a", "a", "a", "new"]


async def test_a_claim_counts_once_the_campaign_has_another_version(topic: ControlTopic) -> None:
    """For the one who made it, for others, and for those who come later."""
    one, two = (RestartClaims(control(topic), name) for name in ("one", "two"))
    await one.claim(a_campaign(7), LIST_ID, 100.0)
    later = RestartClaims(control(topic), "later")
    for each in (one, two, later):
        await each.refresh()
        assert each.restarted(a_campaign(7)) is None
        assert each.restarted(a_campaign(8)) == 100.0
    await one.confirm(a_campaign(7), LIST_ID, 100.0)
    for each in (one, two, later):
        await each.refresh()
        assert each.restarted(a_campaign(7)) == 100.0


async def test_a_void_claim_hides_nobody_elses(topic: ControlTopic) -> None:
    """Two claim the same version, and the one that was too late forgets its own."""
    one, two = (RestartClaims(control(topic), name) for name in ("one", "two"))
    await asyncio.gather(
        one.claim(a_campaign(7), LIST_ID, 100.0), two.claim(a_campaign(7), LIST_ID, 101.0)
    )
    await two.refresh()
    two.void(a_campaign(7))
    assert two.restarted(a_campaign(8)) == 100.0
    one.void(a_campaign(7))
    assert one.restarted(a_campaign(8)) is None


async def test_the_last_claim_of_a_campaign_survives_compaction(topic: ControlTopic) -> None:
    """One record for each campaign, whoever wrote it."""
    for version, worker in enumerate(("one", "two", "one"), start=1):
        claims = RestartClaims(control(topic), worker)
        await claims.claim(a_campaign(version), LIST_ID, version * 100.0)
    topic.compact(0)
    assert list(topic.rows(0)) == [b"campaign-restart/spring"]
    later = RestartClaims(control(topic), "later")
    await later.refresh()
    assert later.restarted(a_campaign(4)) == 300.0


async def test_a_claim_of_another_form_is_left_out(topic: ControlTopic) -> None:
    """One of a version of ours that we do not know stops nobody."""
    topic.append(0, f"{KIND}/spring".encode(), b'{"by": "one", "moon": true}')
    claims = RestartClaims(control(topic), "two")
    await claims.refresh()
    assert claims.restarted(a_campaign(1)) is None
