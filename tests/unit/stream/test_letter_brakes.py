"""The brakes `dead_letters` of `A.control`, as a worker's stages see them."""

import asyncio

from connector.domain.reason import Reason
from connector.domain.record import TopicPartition
from connector.planning.brakes import Brake, Brakes
from connector.planning.gates import Gates
from connector.planning.letter_share import Excess
from connector.stream.brake_follower import BrakeFollower, FollowerParts
from connector.stream.brake_news import BrakeNews
from connector.stream.brakes import BrakeBook
from connector.stream.control import Control
from connector.stream.health import Health
from connector.stream.letter_brakes import PulledLetterBrakes, advice
from connector.telemetry.metrics import Metrics
from tests.support.campaign_worker import ControlTopic

ONE, TWO = TopicPartition("crm", 0), TopicPartition("crm", 10)


class _Worker:
    """One worker's brakes on a control topic that others share."""

    def __init__(self, topic: ControlTopic) -> None:
        self.failures: list[BaseException] = []
        gates = Gates()
        self.control = Control(topic, "a.control", topic.write)
        self.follower = BrakeFollower(
            self.control,
            gates,
            Brakes(gates, {}),
            BrakeNews(Health(lambda: 0.0), Metrics({}, "test")),
            FollowerParts({}, "worker", lambda: 1.0, self.failures.append),
        )
        self.brakes = PulledLetterBrakes(0.2, self.follower)

    def standing(self) -> list[bool]:
        """Where it stands."""
        return [self.brakes.stands(each) for each in (ONE, TWO)]


async def test_a_brake_stands_here_at_once_and_in_others_once_they_learn() -> None:
    """For its partition alone, until a person lets it go; other brakes are none of these."""
    topic = ControlTopic()
    one, other = _Worker(topic), _Worker(topic)
    await one.brakes.learn()
    assert one.standing() == [False, False]
    one.brakes.pull(ONE, "too many")
    one.follower.pull(Brake.INSERTS, "all", "a mass")
    assert one.standing() == [True, False]
    running = asyncio.create_task(one.follower.run())
    book = BrakeBook(Control(topic, "a.control", topic.write))
    async with asyncio.timeout(10):
        while book.find(Brake.DEAD_LETTERS, "crm/0") is None:
            await asyncio.sleep(0.01)
            await book.refresh()
    running.cancel()
    await other.brakes.learn()
    assert other.standing() == [True, False]
    (pulled,) = [each for each in book.pulled if each.brake is Brake.DEAD_LETTERS]
    assert (pulled.scope, pulled.detail) == ("crm/0", "too many")
    await book.release(pulled)
    for each in (one, other):
        await each.brakes.learn()
        assert each.standing() == [False, False]
        assert not each.failures


def test_a_person_is_told_how_many_why_and_where_to_look() -> None:
    """Also where only the CRM can say what is missing."""
    assert advice(Excess(201, 640, Reason.PHONE_INVALID, 180), "Mobile: no number") == (
        "201 of the last 640 records are dead letters, 180 of them phone_invalid (Mobile: no "
        "number): a field of mapping.phones holds other things than numbers"
    )
    assert advice(Excess(2, 2, Reason.GAP, 2), "a gap").endswith(
        "the CRM left changes out of it: compare with the CRM what it names"
    )
