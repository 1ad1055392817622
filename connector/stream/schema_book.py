"""Hold what is known of writers' schemas, and get what is wanted: in a thread, with patience.

A registry that is away is waited for as long as it takes. An id that it does not know is asked
for again for some seconds, since a replica may lag behind the one that the writer asked.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from connector.cdc.avro import NoSchema
from connector.cdc.avro_schema import AvroSchema, UnusableSchemaError, read_schema
from connector.domain.reason import Reason
from connector.registry.access import RegistryAwayError
from connector.registry.writer_schemas import AVRO, SchemaText
from connector.stream.facts import Facts, SchemaAnswer

log = structlog.get_logger("connector.registry")

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 10.0
"""Seconds between two tries while the registry is away."""

LAG_SECONDS = 5.0
"""How long an id that the registry does not know is asked for."""
LAG_PAUSE = 0.5

MEMORY_SECONDS = 60.0
"""How long an id counts as unknown: registered by hand meanwhile, it is found by itself."""
UNKNOWN_KEPT = 10_000
"""Ids in broken records can be any number."""


@dataclass(slots=True)
class _Wish:
    """An id that is wanted: when to ask, whether it was asked for since it is wanted, and until
    when `unknown` is no final answer.
    """

    at: float
    asked: bool = False
    until: float | None = None


class SchemaBook:
    """What is known of schemas by id. On the event loop; `run` is its one task.

    `fetch` blocks; it raises `RegistryAwayError`, and returns None for an id that the registry
    does not know. `clock` returns seconds, `jitter` a number from 0 to 1.
    """

    def __init__(
        self,
        fetch: Callable[[int], SchemaText | None],
        clock: Callable[[], float],
        jitter: Callable[[], float],
        facts: Facts,
        fatal: Callable[[BaseException], None],
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._jitter = jitter
        self._facts = facts
        self._fatal = fatal
        self._known: dict[int, AvroSchema | NoSchema] = {}
        self._unknown: OrderedDict[int, float] = OrderedDict()
        self._wishes: dict[int, _Wish] = {}
        self._news = asyncio.Event()
        self._not_before = self._new_not_before = 0.0
        self._pause = FIRST_PAUSE
        self.away: str | None = None
        """Why the registry gives no answer, None while it does."""
        self.learnt = 0
        """Rises with everything that becomes known."""

    def lookup(self, schema_id: int) -> AvroSchema | NoSchema | None:
        """Tell what is known of a schema id."""
        known = self._known.get(schema_id)
        if known is None and self._unknown.get(schema_id, 0.0) > self._clock():
            return NoSchema(Reason.SCHEMA_UNKNOWN, "the registry does not know it")
        return known

    def want(self, schema_id: int) -> None:
        """Ask the registry for it, unless that is being done."""
        if schema_id not in self._wishes:
            self._wishes[schema_id] = _Wish(self._clock())
            self._news.set()

    def give_up(self) -> None:
        """Ask for nothing any more: whoever wanted it is gone."""
        self._wishes.clear()
        self._forgive()

    async def run(self) -> None:
        """Get what is wanted until cancelled."""
        try:
            while True:
                await self._step()
        except asyncio.CancelledError:
            raise
        except BaseException as failure:  # noqa: BLE001 - a bug here must stop the worker
            self._fatal(failure)

    async def _step(self) -> None:
        due = self._due()
        if due is None:
            self._news.clear()
            await self._news_within(self._rest())
        else:
            await self._ask(due)

    def _due(self) -> int | None:
        now = self._clock()
        due = {each: wish.at for each, wish in self._wishes.items() if self._when(wish) <= now}
        return min(due, key=lambda each: due[each], default=None)

    def _when(self, wish: _Wish) -> float:
        """Return when to ask. What was not asked for yet does not wait for what fails again and
        again: a registry can be in trouble over one schema.
        """
        return max(wish.at, self._not_before if wish.asked else self._new_not_before)

    def _rest(self) -> float | None:
        """Return the seconds until something is due, None where nothing will be."""
        if not self._wishes:
            return None
        return max(0.0, min(map(self._when, self._wishes.values())) - self._clock())

    async def _news_within(self, seconds: float | None) -> None:
        try:
            await asyncio.wait_for(self._news.wait(), seconds)
        except TimeoutError:
            return

    async def _ask(self, schema_id: int) -> None:
        self._wishes[schema_id].asked = True
        try:
            text = await asyncio.to_thread(self._fetch, schema_id)
        except RegistryAwayError as away:
            self._went_unanswered(schema_id, str(away))
            return
        self._answers()
        if text is None:
            self._not_found(schema_id)
        else:
            self._found(schema_id, text)

    def _went_unanswered(self, schema_id: int, why: str) -> None:
        if self.away is None:
            log.warning("registry.unreachable", detail=why)
        self.away = why
        self._facts.schema_asked(SchemaAnswer.AWAY)
        if schema_id in self._wishes:
            self._wishes[schema_id].at = self._clock()  # others first, next time
        self._new_not_before = self._clock() + FIRST_PAUSE
        self._not_before = self._clock() + self._pause * (0.5 + self._jitter() / 2)
        self._pause = min(LONGEST_PAUSE, self._pause * 2)

    def _answers(self) -> None:
        if self.away is not None:
            log.info("registry.reachable")
        self._forgive()

    def _forgive(self) -> None:
        self.away = None
        self._not_before = self._new_not_before = 0.0
        self._pause = FIRST_PAUSE

    def _not_found(self, schema_id: int) -> None:
        self._facts.schema_asked(SchemaAnswer.UNKNOWN)
        wish = self._wishes.get(schema_id)
        now = self._clock()
        if wish is None:
            return
        if wish.until is None:
            wish.until = now + LAG_SECONDS
        if now < wish.until:
            wish.at = now + LAG_PAUSE
            return
        log.error("schema.unknown", schema=schema_id)
        self._unknown[schema_id] = now + MEMORY_SECONDS
        if len(self._unknown) > UNKNOWN_KEPT:
            self._unknown.popitem(last=False)
        self._became_known(schema_id)

    def _found(self, schema_id: int, text: SchemaText) -> None:
        self._unknown.pop(schema_id, None)
        known = self._known[schema_id] = _made(text)
        if isinstance(known, NoSchema):
            log.error("schema.unusable", schema=schema_id, detail=known.text)
            self._facts.schema_asked(SchemaAnswer.UNUSABLE)
        else:
            self._facts.schema_asked(SchemaAnswer.FOUND)
        self._became_known(schema_id)

    def _became_known(self, schema_id: int) -> None:
        self._wishes.pop(schema_id, None)
        self.learnt += 1


def _made(text: SchemaText) -> AvroSchema | NoSchema:
    if text.kind != AVRO:
        return NoSchema(Reason.UNDECODABLE, f"it is of the type {text.kind[:20]}, not AVRO")
    try:
        return read_schema(text.text, text.references)
    except UnusableSchemaError as unusable:
        return NoSchema(Reason.UNDECODABLE, str(unusable))
