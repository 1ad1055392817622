"""What Faust's consumer hands over, when, and in which order."""

import asyncio
import inspect
from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple

import pytest
from faust.transport import consumer as faust_consumer
from faust.types import TP

from connector.stream.eager import AT_ONCE, EagerConsumer, in_turns, urgent_first


class Place(NamedTuple):
    """A partition, as the client names it."""

    topic: str
    partition: int


ONE, TWO = Place("a", 0), Place("a", 1)


@dataclass(frozen=True)
class Fetched:
    """A record, as far as handing over looks at it."""

    place: Place
    offset: int


class OpenFlow:
    """A flow control that lets everything pass."""

    async def acquire(self) -> None:
        """Let it pass."""


@dataclass
class FakeApp:
    """The app: keeps what it was given; `change_generation_after` so many hand-overs."""

    consumer_generation_id: int = 1
    flow_control: OpenFlow = field(default_factory=OpenFlow)
    given: list[Fetched] = field(default_factory=list)
    crashed: list[BaseException] = field(default_factory=list)
    change_generation_after: int | None = None
    fault: Exception | None = None
    calls: int = 0

    def carry(self, fetched: Sequence[Fetched]) -> None:
        """Take records."""
        if self.fault is not None:
            raise self.fault
        self.given.extend(fetched)
        self.calls += 1
        if self.calls == self.change_generation_after:
            self.consumer_generation_id += 1

    async def crash(self, reason: BaseException) -> None:
        """Take note."""
        self.crashed.append(reason)


class OneFetch(EagerConsumer):
    """A consumer whose broker has just one answer."""

    should_stop = False

    def __init__(self, records: Mapping[Place, Sequence[Fetched]]) -> None:
        """Build no part of Faust's own."""
        self.app = FakeApp()
        self.flow_active = True
        self.active = {ONE, TWO}
        self.sought = 0
        self.seeks: dict[object, int] = {}
        self.change_generation_while_seeking = False
        self.returns = []
        self._records = records
        self._read_offset: defaultdict[Place, int | None] = defaultdict(lambda: None)
        self._buffered_partitions: set[Place] = set()

    async def _wait_next_records(
        self,
        timeout: float,  # noqa: ASYNC109 - Faust's name
    ) -> tuple[Mapping[Place, Sequence[Fetched]], set[Place]]:
        del timeout
        return self._records, self.active

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        """Take note."""
        self.seeks |= partitions
        if self.change_generation_while_seeking:
            self.app.consumer_generation_id += 1

    async def perform_seek(self) -> None:
        """Take note."""
        self.sought += 1

    async def once(self) -> list[tuple[Place, int]]:
        """Fetch once; return what the app was given."""
        self.app.given.clear()
        assert [each async for each in self.getmany(1.0)] == []
        return [(each.place, each.offset) for each in self.app.given]


def some(place: Place, *offsets: int) -> list[Fetched]:
    """Make records of one partition."""
    return [Fetched(place, offset) for offset in offsets]


@dataclass
class Client:
    """What was fetched and not given yet, in the order of its coming, and what was asked of it."""

    fetched: dict[Place, list[int]]
    waited: list[float] = field(default_factory=list)

    async def give(
        self, places: AbstractSet[Place], seconds: float, most: int | None
    ) -> dict[Place, list[int]]:
        """Give as aiokafka does: partition by partition, up to *most* records."""
        assert places, "no partition would mean all"
        self.waited.append(seconds)
        given: dict[Place, list[int]] = {}
        for place in [each for each in self.fetched if each in places]:
            room = None if most is None else most - sum(map(len, given.values()))
            given[place], rest = self.fetched[place][:room], self.fetched[place][room:]
            self.fetched = {**self.fetched, place: rest}
            if not given[place]:
                del given[place]
        return given


URGENT = Place("opt-outs", 0)


@pytest.mark.parametrize(
    ("fetched", "most", "given", "waited"),
    [
        ({ONE: [1, 2, 3], URGENT: [7]}, 3, {URGENT: [7]}, [0.0]),
        ({ONE: [1, 2, 3], URGENT: [7, 8, 9]}, 2, {URGENT: [7, 8]}, [0.0]),
        ({ONE: [1], URGENT: []}, 3, {ONE: [1]}, [0.0, 1.0]),
        ({ONE: [], URGENT: []}, 3, {}, [0.0, 1.0]),
    ],
    ids=["first", "as many as may be", "none", "nothing at all"],
)
async def test_opt_outs_are_given_before_what_was_fetched_earlier(
    fetched: dict[Place, list[int]],
    most: int,
    given: dict[Place, list[int]],
    waited: list[float],
) -> None:
    """The rest comes with the next fetch; only where nothing is urgent is anything waited for."""
    client = Client(fetched)
    found = await urgent_first(client.give, {ONE, TWO, URGENT}, {URGENT}, 1.0, most)
    assert list(found.items()) == list(given.items())
    assert client.waited == waited


@pytest.mark.parametrize("held", [{URGENT}, {ONE, TWO}, {TWO}])
async def test_a_held_partition_is_not_asked_for(held: set[Place]) -> None:
    """Neither the opt-outs nor the rest: a client that is asked for nothing would give all."""
    active = {ONE, TWO, URGENT} - held
    client = Client({ONE: [1], URGENT: [7]})
    found = await urgent_first(client.give, active, {URGENT} & active, 1.0, 5)
    assert set(found) == ({URGENT} - held or {ONE})


def test_partitions_take_turns_and_keep_their_order() -> None:
    """Some of each partition in turn, all of them once, each partition in its order."""
    turns = list(in_turns({"a": [1, 2, 3, 4, 5], "b": [6], "c": []}, 2))
    assert turns == [("a", [1, 2]), ("b", [6]), ("a", [3, 4]), ("a", [5])]
    assert list(in_turns({}, 2)) == []


async def test_what_was_fetched_is_handed_over_in_order() -> None:
    """Every record reaches the app once, and the loop turns in between."""
    many = range(2 * AT_ONCE)
    consumer = OneFetch({ONE: some(ONE, *many), TWO: some(TWO, 7)})
    turned: list[int] = []
    asyncio.get_running_loop().call_soon(lambda: turned.append(len(consumer.app.given)))
    given = await consumer.once()
    assert [offset for place, offset in given if place == ONE] == list(many)
    assert given.count((TWO, 7)) == 1
    assert turned[0] < len(given)


async def test_a_stopped_flow_hands_nothing_over() -> None:
    """While partitions move nothing is handed over: the next owner reads from the commit."""
    consumer = OneFetch({ONE: some(ONE, 1)})
    consumer.flow_active = False
    assert await consumer.once() == []
    assert consumer.sought == 1


async def test_another_generation_ends_the_hand_over() -> None:
    """What was fetched in a generation that is over is not handed over in the next."""
    consumer = OneFetch({ONE: some(ONE, 1), TWO: some(TWO, 1)})
    consumer.app.change_generation_after = 1
    assert await consumer.once() == [(ONE, 1)]


async def test_held_partitions_keep_what_was_fetched_and_paused_ones_lose_it() -> None:
    """Holding stops the reading, not the hand-over; only what is neither read nor held is cut."""
    consumer = OneFetch({ONE: some(ONE, 1), TWO: some(TWO, 1)})
    consumer.active = set()
    consumer._buffered_partitions = {TWO}
    assert await consumer.once() == [(TWO, 1)]


async def test_a_topic_made_anew_is_not_dropped_up_to_where_the_old_one_was_read() -> None:
    """A fetch that reaches back is handed over: the ledger stops the worker, nothing is lost."""
    consumer = OneFetch({ONE: some(ONE, 0, 1)})
    consumer._read_offset[ONE] = 9
    assert await consumer.once() == [(ONE, 0), (ONE, 1)]
    assert consumer._read_offset[ONE] == 1


async def test_a_partition_is_read_again_from_where_it_was_asked_for() -> None:
    """Between two fetches: what was fetched before is handed over before, the rest after it."""
    consumer = OneFetch({ONE: some(ONE, 7)})
    gone: list[int] = []
    consumer.go_back(ONE, 3, lambda: gone.append(len(consumer.app.given)))
    assert consumer.seeks == {}
    await consumer.once()
    assert (consumer.seeks, gone) == ({ONE: 3}, [0])
    consumer.seeks.clear()
    await consumer.once()
    assert consumer.seeks == {}


async def test_a_generation_that_is_over_moves_nothing_in_the_next() -> None:
    """It would skip what lies between the commit and the offset of the old one."""
    consumer = OneFetch({})
    consumer.go_back(ONE, 3, pytest.fail)
    consumer.app.consumer_generation_id += 1
    await consumer.once()
    assert consumer.seeks == {}


async def test_a_rebalance_amid_a_seek_ends_the_worker() -> None:
    """Nobody knows whether the partition is read from its commit or from the seek."""
    consumer = OneFetch({})
    consumer.change_generation_while_seeking = True
    consumer.go_back(ONE, 3, pytest.fail)
    with pytest.raises(RuntimeError, match="moved while it was read again"):
        await consumer.once()
    assert len(consumer.app.crashed) == 1


async def test_a_bug_in_the_engine_ends_the_worker() -> None:
    """Faust would go on without the record; here the app is told to crash."""
    consumer = OneFetch({ONE: some(ONE, 1)})
    consumer.app.fault = bug = ValueError("a bug")
    with pytest.raises(ValueError, match="a bug"):
        await consumer.once()
    assert consumer.app.crashed == [bug]


def test_faust_still_has_the_names_that_are_leaned_on() -> None:
    """Another release of Faust that renames them must be noticed before it runs."""
    source = inspect.getsource(faust_consumer.Consumer)
    names = ("async def getmany", "_wait_next_records", "_read_offset", "_buffered_partitions")
    assert [name for name in names if name not in source] == []
    assert "async for tp, message in ait" in source
