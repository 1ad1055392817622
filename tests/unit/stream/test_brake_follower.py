"""How a worker follows the brakes of `A.control`, and what it writes there itself."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from connector.planning.brakes import Brake, Brakes
from connector.planning.gates import EVERYWHERE, Gates, HoldReason, Scope, Stop
from connector.stream.brake_follower import BrakeFollower, FollowerParts
from connector.stream.brake_news import BrakeNews
from connector.stream.brakes import ALL, BrakeBook, Pulled
from connector.stream.control import Control
from connector.stream.health import Health
from connector.stream.held_reports import RECENT_SECONDS, HeldReports
from connector.stream.producer import SendFailedError
from connector.stream.reading import ReadFailedError
from connector.telemetry.metrics import Metrics
from tests.support.campaign_worker import ControlTopic

NOW = 1_800_000_000.0
INSERTS = Scope(EVERYWHERE, Stop.INSERTS)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connector.stream.brake_follower.POLL_SECONDS", 0.01)


@dataclass
class Worker:
    """One worker's brakes, with a limit of one insert a minute."""

    topic: ControlTopic
    failures: list[BaseException] = field(default_factory=list)
    name: str = "worker one"

    def __post_init__(self) -> None:
        self.gates, self.health = Gates(), Health(lambda: NOW)
        self.metrics = Metrics({}, "test")
        self.brakes = Brakes(self.gates, {Brake.INSERTS: 1})
        self.follower = BrakeFollower(
            Control(self.topic, "a.control", self.topic.write),
            self.gates,
            self.brakes,
            BrakeNews(self.health, self.metrics),
            FollowerParts({"west": "id-of-west"}, self.name, lambda: NOW, self.failures.append),
        )

    def insert(self, lead: str) -> bool:
        """Ask for an insert."""
        return self.brakes.passes((Stop.INSERTS, Stop.WRITES, Stop.ALL), ("west", lead), NOW)

    @property
    def held(self) -> set[Scope]:
        """What it holds back."""
        return set(self.gates.now_held)

    async def until(self, done: Callable[[], bool]) -> None:
        """Wait for something that it follows."""
        async with asyncio.timeout(10):
            while not done():
                assert not self.failures
                await asyncio.sleep(0.005)

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Let it follow meanwhile."""
        await self.follower.begin()
        task = asyncio.create_task(self.follower.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


@pytest.fixture
def topic() -> ControlTopic:
    """Give an empty topic."""
    return ControlTopic()


def book(topic: ControlTopic) -> BrakeBook:
    """Return what a command sees."""
    return BrakeBook(Control(topic, "a.control", topic.write))


def by_hand(brake: Brake = Brake.WRITES, scope: str = ALL) -> Pulled:
    """Return a brake that a person pulls."""
    return Pulled(brake, scope, 1_700_000_000_000, "Ines", "a first load")


async def test_what_was_pulled_before_the_start_holds_from_the_first_moment(
    topic: ControlTopic,
) -> None:
    """Once `begin` returns; the ready page names what, since when, by whom, and the way out."""
    await book(topic).pull(by_hand())
    await book(topic).pull(by_hand(Brake.DELETES, "west"))
    worker = Worker(topic)
    await worker.follower.begin()
    assert worker.held == {Scope(EVERYWHERE, Stop.WRITES), Scope("id-of-west", Stop.DELETES)}
    everywhere, lists = worker.health.ready().warnings
    assert lists.startswith("brake deletes/west: pulled since 2023-11-14T22:13:20.000Z by Ines: ")
    assert lists.endswith("`connector brakes release deletes --scope west`")
    assert everywhere.endswith("`connector brakes release writes`")


async def test_one_worker_trips_all_stop_and_a_release_lets_all_go_on(topic: ControlTopic) -> None:
    """Both hear of both; the one that tripped counts anew."""
    one, other = Worker(topic), Worker(topic)
    async with one.following(), other.following():
        assert [one.insert("a"), one.insert("b")] == [True, False]
        assert one.held == {INSERTS}
        await other.until(lambda: other.held == {INSERTS})
        seen = book(topic)
        await seen.refresh()
        (pulled,) = seen.pulled
        assert (pulled.brake, pulled.scope, pulled.by) == (Brake.INSERTS, ALL, "worker one")
        assert pulled.since == NOW * 1000
        assert pulled.detail.startswith("2 inserts were asked for within a minute")
        await seen.release(pulled)
        await one.until(lambda: not one.held)
        await other.until(lambda: not other.held)
        assert one.health.ready().warnings == other.health.ready().warnings == ()
        assert [one.insert("b"), one.insert("c")] == [True, False]


async def test_each_is_told_once(topic: ControlTopic) -> None:
    """In the log, however often it is heard; and counted by its scopes."""
    worker = Worker(topic)
    with capture_logs() as lines:
        async with worker.following():
            for scope in (ALL, "west", ALL):
                await book(topic).pull(by_hand(scope=scope))
            await worker.until(lambda: len(worker.held) == 2)
            text = worker.metrics.render()[0].decode()
            assert 'connector_pulled_brakes{brake="writes"} 2.0' in text
            await book(topic).release(by_hand())
            await book(topic).release(by_hand(scope="east"))
            await worker.until(lambda: len(worker.held) == 1)
    assert [(each["event"], each["scope"]) for each in lines] == [
        ("brake.pulled", "all"),
        ("brake.pulled", "west"),
        ("brake.released", "all"),
    ]


async def test_a_trip_that_cannot_be_written_is_written_later(topic: ControlTopic) -> None:
    """It holds here meanwhile."""
    worker = Worker(topic)
    topic.trouble = SendFailedError("away")
    with capture_logs() as lines:
        async with worker.following():
            assert [worker.insert("a"), worker.insert("b")] == [True, False]
            seen = book(topic)
            async with asyncio.timeout(10):
                while not seen.pulled:
                    await seen.refresh()
    assert worker.held == {INSERTS}
    assert "brakes.unheard" in [each["event"] for each in lines]


async def test_a_release_heard_before_a_trip_was_written_ends_it(topic: ControlTopic) -> None:
    """Another worker tripped by the same mass, and a person has let it go since."""
    worker = Worker(topic)
    await worker.follower.begin()
    await book(topic).pull(by_hand(Brake.INSERTS))
    await book(topic).release(by_hand(Brake.INSERTS))
    assert [worker.insert("a"), worker.insert("b")] == [True, False]
    async with worker.following():
        await worker.until(lambda: not worker.held)
    seen = book(topic)
    await seen.refresh()
    assert seen.pulled == ()


async def test_a_topic_that_cannot_be_read_holds_the_start(
    topic: ControlTopic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told once, and tried again."""
    await book(topic).pull(by_hand())
    failures = iter([ReadFailedError("away")] * 3)
    read = topic.read_to_end

    def fails(*arguments: object) -> object:
        for failure in failures:
            raise failure
        return read(*arguments)  # type: ignore[arg-type]  # handed through

    monkeypatch.setattr(topic, "read_to_end", fails)
    worker = Worker(topic)
    with capture_logs() as lines:
        await worker.follower.begin()
    assert [each["event"] for each in lines] == ["brakes.unheard", "brake.pulled"]
    assert worker.held == {Scope(EVERYWHERE, Stop.WRITES)}


async def test_what_is_no_brake_of_ours_is_ignored_with_a_line(topic: ControlTopic) -> None:
    """A later version's brake, a list that the settings no longer have."""
    topic.append(0, b"brake/hiccups/all", b"{}")
    topic.append(0, b"brake/writes/gone", b"{}")
    worker = Worker(topic)
    with capture_logs() as lines:
        await worker.follower.begin()
    assert worker.held == set()
    assert [each["event"] for each in lines] == ["brake.ignored", "brake.ignored"]


async def test_others_hear_of_brakes_that_hold_no_gate(topic: ControlTopic) -> None:
    """Of a partition's dead letters, too."""
    worker = Worker(topic)
    heard: list[tuple[Brake, str, bool]] = []
    worker.follower.hears(lambda brake, scope, pulled: heard.append((brake, scope, bool(pulled))))
    worker.follower.pull(Brake.DEAD_LETTERS, "crm/3", "201 of 1,000 records")
    assert heard == [(Brake.DEAD_LETTERS, "crm/3", True)]
    async with worker.following():
        seen = book(topic)
        await worker.until(lambda: topic.given > 0)
        async with asyncio.timeout(10):
            while not seen.pulled:
                await seen.refresh()
        await seen.release(seen.pulled[0])
        await worker.until(lambda: heard[-1] == (Brake.DEAD_LETTERS, "crm/3", False))
    assert worker.held == set()


async def test_a_worker_tells_how_much_waits(topic: ControlTopic) -> None:
    """While a brake is pulled, and that it is over; what one told that is gone counts no more."""
    one, other = Worker(topic), Worker(topic, name="worker two")
    one.follower.held_by = lambda scope: 7 if scope == INSERTS else 0
    other.follower.held_by = lambda _scope: 5
    view = Control(topic, "a.control", topic.write)
    seen, reports = BrakeBook(view), HeldReports(view)
    pulled = by_hand(Brake.INSERTS)
    ms = round(NOW * 1000)
    async with one.following(), other.following():
        await seen.pull(pulled)
        async with asyncio.timeout(10):
            while reports.of(pulled, ms) != 12:
                await seen.refresh()
        later = ms + round(RECENT_SECONDS * 1000)
        assert reports.of(pulled, later) is None
        gone = {each.name for each in reports.gone(later)}
        assert gone == {"worker one", "worker two"}
        assert reports.gone(ms) == []
        await seen.release(pulled)
        async with asyncio.timeout(10):
            while reports.of(pulled, ms) is not None:
                await seen.refresh()
    assert reports.gone(later) == []


async def test_a_bug_ends_the_worker(topic: ControlTopic, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that does not hear of brakes must not write."""
    worker = Worker(topic)
    await worker.follower.begin()

    def breaks(*_arguments: object) -> object:
        raise ZeroDivisionError

    monkeypatch.setattr(topic, "read_to_end", breaks)
    await worker.follower.run()
    assert [type(each) for each in worker.failures] == [ZeroDivisionError]


def test_a_gate_of_another_hold_stays() -> None:
    """Releasing a brake says nothing of coverage."""
    gates = Gates()
    gates.hold(INSERTS, HoldReason.UNCOVERED)
    gates.hold(INSERTS, HoldReason.BRAKE)
    gates.let_go(INSERTS, HoldReason.BRAKE)
    assert gates.now_held == {INSERTS: {HoldReason.UNCOVERED}}
