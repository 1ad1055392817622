"""Let shut gates defer once patience is over, and bring their lists up to date once they open.

The lanes of a partition defer by a gate only while a record in `A.control` says from where on, so
a crash between the two costs a second look and loses nothing. A gate that has such a record and
shuts again defers at once: it is behind already.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import structlog

from connector.domain.ids import LeadId, ListId
from connector.domain.record import TopicPartition
from connector.planning.deferral import Deferral
from connector.planning.gates import EVERYWHERE, Gates, Scope, Stop
from connector.planning.ledger import Ledger
from connector.stream.catchup import CatchUp
from connector.stream.deferred import DeferredFrom, DeferredRecords
from connector.stream.lanes import Lanes
from connector.stream.producer import SendFailedError
from connector.stream.reading import LogReader, ReadFailedError

log = structlog.get_logger("connector.worker")

LOOK_SECONDS = 1.0
"""How often the gates are looked at."""

LEADS = 1_000
"""Leads in one pass: twenty full batches. They are held beside `apply.max_pending`."""

AGAIN_SECONDS = 5.0
"""After a broker that did not answer, and between two passes that found leads at work."""

_POLL = 0.1

Key: TypeAlias = tuple[Scope, int]


@dataclass(frozen=True, slots=True)
class DeferringTerms:
    """What deferring takes beside a tenure. `patience` is each list's, in seconds, `names` what
    the settings call it; `log` reads `topic`, which is `lead-changes`.
    """

    records: DeferredRecords
    log: LogReader
    topic: str
    patience: Mapping[ListId, float]
    names: Mapping[ListId, str]


@dataclass(frozen=True, slots=True)
class _Probe:
    """When a gate was tried by us last, and by which leads."""

    at: float
    leads: Collection[LeadId] = ()


@dataclass(frozen=True, slots=True)
class Owned:
    """What a tenure owns: its lanes, the ledger of `lead-changes`, and how many changes of one
    partition may wait there; half of these behind shut gates at most.
    """

    lanes: Lanes
    ledger: Ledger
    limit: int


class Deferring:
    """The deferring of one tenure: of what it *owned*, and with what its predecessors *began*."""

    def __init__(
        self,
        terms: DeferringTerms,
        owned: Owned,
        began: Collection[DeferredFrom],
        gates: Gates,
        clock: Callable[[], float],
    ) -> None:
        self._terms, self._gates, self._clock = terms, gates, clock
        self._lanes, self._ledger, self._limit = owned.lanes, owned.ledger, owned.limit
        self._from: dict[Key, DeferredFrom] = {
            (each.gate, each.partition): each
            for each in began
            if each.gate.place in terms.patience
        }
        self._used: set[Key] = set()
        self._ending: set[Key] = set()
        self._held_since: dict[Scope, float] = {}
        self._deferred: set[Key] = set()
        self._probes: dict[Scope, _Probe] = {}
        self._catch_up = CatchUp(
            terms.log,
            terms.topic,
            owned.lanes,
            lambda each: owned.ledger.next(self._place(each)),
            clock,
        )
        self._writing = asyncio.Lock()
        self._tell(self._shut())

    async def run(self) -> None:
        """Look at the gates, and catch up, until cancelled."""
        async with asyncio.TaskGroup() as both:
            both.create_task(self._again_and_again(self._look, LOOK_SECONDS))
            both.create_task(self._again_and_again(self._bring_all, LOOK_SECONDS))

    def cut_off(self) -> None:
        """Read nothing more, at once."""
        self._catch_up.cut_off()

    async def _again_and_again(self, step: Callable[[], Awaitable[None]], pause: float) -> None:
        while True:
            wait = pause
            try:
                await step()
            except (ReadFailedError, SendFailedError) as away:
                log.warning("deferring.waits", detail=str(away))
                wait = AGAIN_SECONDS
            await asyncio.sleep(wait)

    def _place(self, partition: int) -> TopicPartition:
        return TopicPartition(self._terms.topic, partition)

    def _shut(self) -> dict[Scope, float]:
        """Return the gates that are shut, each as one of a single list, and since when.

        Where everything is parked nothing defers: no opt-out or disqualification would be reached
        by it.
        """
        now = self._clock()
        held = self._gates.now_held
        self._held_since = {each: self._held_since.get(each, now) for each in held}
        since = {each: gate.since for each, gate in self._gates.now_shut.items()}
        since |= {each: min(at, since.get(each, at)) for each, at in self._held_since.items()}
        found: dict[Scope, float] = {}
        for scope, at in since.items():
            if scope.place != EVERYWHERE:
                places: Collection[str] = {scope.place} & self._terms.patience.keys()
            else:
                places = self._terms.patience.keys() if scope.stop is not Stop.ALL else ()
            for place in places:
                gate = Scope(place, scope.stop)
                found[gate] = min(at, found.get(gate, at))
        return found

    def _tell(self, shut: Mapping[Scope, float]) -> None:
        """Tell the lanes what defers now: shut gates whose record is durable."""
        alive = {key for key in self._from if key not in self._ending}
        for partition in {partition for _, partition in self._from}:
            gates = [gate for gate, its in alive if its == partition]
            deferral = Deferral(
                frozenset([each for each in gates if each in shut]),
                frozenset([ListId(each.place) for each in gates]),
            )
            self._deferred |= {(gate, partition) for gate in deferral.gates}
            self._lanes.defer(partition, deferral)

    async def _look(self) -> None:
        shut = self._shut()
        if shut:
            self._tell(shut)
            now = self._clock()
            for partition, held in self._lanes.held_back(Deferral(frozenset(shut))).items():
                full = held.changes * 2 >= self._limit
                for gate in held.gates:
                    patience = self._terms.patience[ListId(gate.place)]
                    if full or now - shut[gate] >= patience:
                        await self._begin(gate, partition)
        self._tell(self._shut())

    async def _begin(self, gate: Scope, partition: int) -> None:
        """Let a gate defer what waits of a partition, and all that comes while it is shut.

        It begins where the others do at the latest: what they deferred can be lacking here too.
        """
        async with self._writing:
            if (gate, partition) in self._from:
                return
            others = [each.offset for (_, its), each in self._from.items() if its == partition]
            offset = min([self._ledger.floor(self._place(partition)), *others])
            begun = self._terms.records.begun(gate, partition, offset)
            await self._terms.records.write(begun)
            self._from[gate, partition] = begun
        log.warning(
            "list.defers",
            list=self._terms.names[ListId(gate.place)],
            stop=str(gate.stop),
            partition=partition,
            offset=offset,
            replay_id=begun.replay_id,
        )

    async def _bring_all(self) -> None:
        """Bring every list up to date whose gate is open; let a lead try one that is shut.

        A partition in which no write leaves waits: what was brought there would keep the others.
        """
        for key in list(self._from):
            if key[1] in self._lanes.stopped:
                continue
            if self._is_open(key[0]):
                await self._bring(key)
            elif self._is_due(key[0]):
                await self._probe(key)

    def _is_open(self, gate: Scope) -> bool:
        return gate not in self._shut() and Scope(EVERYWHERE) not in self._gates.now_shut

    def _is_due(self, gate: Scope) -> bool:
        """Say whether nothing tries a gate that the platform's refusals shut, and the pause is
        over: where all is deferred, nothing waits there by itself.
        """
        now, probe = self._clock(), self._probes.get(gate)
        if self._gates.held(gate.place, (gate.stop,), now) > 0:
            return False
        return probe is None or (
            now >= probe.at + AGAIN_SECONDS
            and not any(self._lanes.tries(lead, gate) for lead in probe.leads)
        )

    async def _probe(self, key: Key) -> None:
        """Let the first lead that lacks something wait behind the gate, to try it."""
        self._probes[key[0]] = _Probe(self._clock())
        start = await self._renewed(key)
        found = await self._catch_up.find(
            start.partition, start.offset, lambda lead: bool(self._lists(lead, start)), most=1
        )
        if not self._is_open(start.gate):
            brought = self._catch_up.bring(
                start, found, lambda lead: self._lists(lead, start), probes=True
            )
            self._probes[key[0]] = _Probe(self._clock(), brought.leads)
            self._used.add(key)

    async def _bring(self, key: Key) -> None:
        """Bring one list up to date, pass by pass, as long as its gate is open."""
        start = await self._renewed(key)
        await self._lower(start)
        tried: set[LeadId] = set()
        offset, leads, changes = start.offset, 0, 0
        self._deferred.discard(key)

        def lacks(lead: LeadId) -> bool:
            return lead not in tried and bool(self._lists(lead, start))

        while True:
            # Lanes that had not heard that the gate is open would put off, behind what is read
            # now, what nobody brings any more.
            self._tell(self._shut())
            found = await self._catch_up.find(start.partition, offset, lacks, LEADS)
            if not self._is_open(start.gate):
                return
            brought = self._catch_up.bring(start, found, lambda lead: self._lists(lead, start))
            self._used.add(key)
            while brought.open:
                if key[1] in self._lanes.stopped:
                    return
                await asyncio.sleep(_POLL)
            leads, changes = leads + len(brought.leads), changes + brought.changes
            tried |= {lead for lead in brought.leads if self._lists(lead, start)}
            if key in self._deferred or not self._is_open(start.gate):
                return
            if found.left is None:
                break
            offset = found.left
            if not brought.leads:
                await asyncio.sleep(LOOK_SECONDS)
        await self._end(key)
        log.info(
            "list.caught_up",
            list=self._terms.names[ListId(start.gate.place)],
            stop=str(start.gate.stop),
            partition=start.partition,
            leads=leads,
            changes=changes,
            replay_id=start.replay_id,
        )

    def _lists(self, lead: LeadId, start: DeferredFrom) -> frozenset[ListId]:
        """Return the lists that a lead is brought to now: that of the gate, and all others that
        lack something but stand behind no gate that defers. A change can need them together.
        """
        lacking = self._lanes.lacking(lead, start.partition)
        if not lacking:
            return lacking
        shut = self._shut()
        away = {
            gate.place
            for gate, partition in self._from
            if partition == start.partition and gate.place != start.gate.place and gate in shut
        }
        return frozenset([each for each in lacking if each not in away])

    async def _renewed(self, key: Key) -> DeferredFrom:
        """Give what is brought now outcomes of its own, where what was brought before has some."""
        if key not in self._used:
            return self._from[key]
        renewed = self._terms.records.again(self._from[key])
        async with self._writing:
            await self._terms.records.write(renewed)
            self._from[key] = renewed
        self._used.discard(key)
        return renewed

    async def _lower(self, start: DeferredFrom) -> None:
        """Let every other gate of the partition begin as early: it may defer this again."""
        for key, other in list(self._from.items()):
            if key[1] == start.partition and other.offset > start.offset:
                lowered = replace(other, offset=start.offset)
                async with self._writing:
                    await self._terms.records.write(lowered)
                    self._from[key] = lowered

    async def _end(self, key: Key) -> None:
        """Forget what a gate deferred: all of it was brought. Nothing defers by it meanwhile."""
        self._ending.add(key)
        self._tell(self._shut())
        try:
            async with self._writing:
                await self._terms.records.remove(self._from[key])
                gone = self._from.pop(key)
        except SendFailedError:
            del self._from[key]  # it may be gone: nothing may be deferred by it any more
            raise
        finally:
            self._ending.discard(key)
        self._used.discard(key)
        if not any(its == gone.partition for _, its in self._from):
            self._lanes.defer(gone.partition, Deferral())
        self._tell(self._shut())
