"""Hand records over as they are fetched, and read committed ones only: Faust's consumer does not.

Faust carries each record through four tasks, a queue and a turn of the event loop before an agent
sees it: most of what a worker of its own costs. Ours waits for nothing, so it gets them straight
from the fetch, some at a time (docs/decisions/0006).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from faust.transport.drivers import aiokafka

FETCH_WAIT_MS = 500
"""How long a fetch may wait for a record; Faust's own 1,500 holds up a stop for so long."""

AT_ONCE = 50
"""Records that are handed over before others get their turn: some 5 ms."""

_NOTHING: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class _Return:
    """A wish to read a partition again from an offset, and the generation that it is of."""

    place: Any
    offset: int
    gone: Callable[[], None]
    generation: int


Place = TypeVar("Place")
Item = TypeVar("Item")
Fetched = TypeVar("Fetched")


class CommittedThread(aiokafka.AIOKafkaConsumerThread):  # type: ignore[misc]  # Faust is untyped here
    """The consumer's thread, reading what transactions committed and nothing else."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        """Set what Faust fixes: it reads uncommitted records unless it is transactional itself."""
        consumer = super()._create_worker_consumer(transport)
        for name in ("_isolation_level", "_fetch_max_wait_ms"):
            if not hasattr(consumer, name):
                raise AttributeError(f"aiokafka's consumer has no {name}: pin another release")
        consumer._isolation_level = "read_committed"  # noqa: SLF001 - set before its start
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS  # noqa: SLF001
        return consumer

    async def _fetch_records(
        self,
        consumer: Any,
        active_partitions: set[Any],
        timeout: float | None = None,  # noqa: ASYNC109 - Faust's name
        max_records: int | None = None,
    ) -> Mapping[Any, Sequence[Any]]:
        """Give what lies in `opt-outs` before all else that was fetched.

        The client gives the answers of fetches in the order in which they came, each to its end:
        behind a backlog that is 24,000 source records, some seconds of intake, before an opt-out.
        """
        fetch = partial(super()._fetch_records, consumer)
        urgent = {each for each in active_partitions if each.topic == self.consumer.app.urgent}
        return await urgent_first(fetch, active_partitions, urgent, timeout or 0.0, max_records)


class EagerConsumer(aiokafka.Consumer):  # type: ignore[misc]  # Faust is untyped here
    """Gives what was fetched to the app's `carry`, and nothing to Faust's own queues."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.returns: list[_Return] = []

    def _new_consumer_thread(self) -> CommittedThread:
        return CommittedThread(self, loop=self.loop, beacon=self.beacon)

    def go_back(self, place: Any, offset: int, gone: Callable[[], None]) -> None:
        """Fetch *place* from *offset* on again, from the next fetch on; call *gone* before it."""
        self.returns.append(_Return(place, offset, gone, self.app.consumer_generation_id))

    async def getmany(self, timeout: float) -> AsyncIterator[Any]:  # noqa: ASYNC109 - Faust's name
        """Fetch once and hand over; yield nothing to the loop that calls this for ever."""
        if self.returns and self.flow_active:
            await self._go_back()
        await self._fetch(timeout)
        for nothing in _NOTHING:
            yield nothing

    async def _fetch(self, seconds: float) -> None:
        """Hand over what comes within *seconds*, under the conditions of Faust's own `getmany`.

        Nothing while the flow is stopped, nothing of another generation than the one that it was
        fetched in, nothing of a partition that is neither read nor held.
        """
        records, active = await self._wait_next_records(seconds)
        generation = self.app.consumer_generation_id
        if records is None or self.should_stop:
            return
        if not self.flow_active:
            await self._seek_back()
            return
        await self.app.flow_control.acquire()
        for place, some in in_turns(records, AT_ONCE):
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return
            if active is None or place in active or place in self._buffered_partitions:
                await self._hand_over(place, some)
            await asyncio.sleep(0)

    async def _go_back(self) -> None:
        """Seek where that was asked for. Nothing that was fetched waits for its hand-over here.

        What was asked in a generation that is over is dropped: the next one begins at the commits,
        and a seek would skip what lies between.
        """
        returns, self.returns = self.returns, []
        for each in returns:
            if each.generation == self.app.consumer_generation_id:
                await self.seek_wait({each.place: each.offset})
                if each.generation != self.app.consumer_generation_id:
                    skipped = RuntimeError(f"{each.place}: moved while it was read again; restart")
                    await self.app.crash(skipped)
                    raise skipped
                each.gone()

    async def _seek_back(self) -> None:
        """Read again from the committed offsets: what was fetched is not handed over."""
        try:
            await self.perform_seek()
        except Exception as failure:  # noqa: BLE001 - the next assignment seeks too
            self.log.warning("cannot seek while the flow is stopped: %r", failure)

    async def _hand_over(self, place: Any, some: Sequence[Any]) -> None:
        """Give *some* records of one partition on, also where they reach back.

        Faust drops those before its read offset. A topic that was made anew begins at 0: all it
        has up to there would be lost in silence. The ledger knows, and stops the worker.
        """
        self._read_offset[place] = some[-1].offset
        try:
            self.app.carry(some)
        except Exception as bug:  # Faust would go on without these records
            await self.app.crash(bug)
            raise


async def urgent_first(
    fetch: Callable[[AbstractSet[Place], float, int | None], Awaitable[Fetched]],
    active: AbstractSet[Place],
    urgent: AbstractSet[Place],
    seconds: float,
    most: int | None,
) -> Fetched:
    """Return what *fetch* has of the *urgent* places; where it has nothing, what comes of any of
    the *active* ones within *seconds*.

    Never both: an error of the second fetch would lose what the first one gave. The rest waits
    for as many opt-outs as may be open: a partition that holds more is not active.
    """
    found = await fetch(urgent, 0.0, most) if urgent else None
    return found or await fetch(active, seconds, most)


def in_turns(
    records: Mapping[Place, Sequence[Item]], size: int
) -> Iterator[tuple[Place, Sequence[Item]]]:
    """Yield *records* some at a time, each partition in turn, so that none waits for another."""
    for start in range(0, max(map(len, records.values()), default=0), size):
        for place, all_of_it in records.items():
            some = all_of_it[start : start + size]
            if some:
                yield place, some


class EagerTransport(aiokafka.Transport):  # type: ignore[misc]  # Faust is untyped here
    """Faust's transport with the consumer above."""

    Consumer = EagerConsumer
