"""Wait for the outcomes of records that a command has produced."""

import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from functools import cache

import fastavro

from connector.domain.ids import OutcomeId
from connector.registry.writer_schemas import WriterSchemas
from connector.settings.model import Settings
from connector.stream.composition import kafka, registry_access
from connector.stream.outcomes import SchemaOf, decode
from connector.stream.reader import Reader
from connector.stream.reading import RawRecord

PATIENCE = 60.0
"""Seconds without any new outcome after which a command that waits gives up."""

_PAUSE = 0.2
_TELL = 2.0


class Following:
    """The outcome topic from this moment on. Make it before the records are produced.

    Every call blocks, but for `await_all`. Raises `ReadFailedError` where the broker refuses, and
    what the registry's client raises.
    """

    def __init__(self, settings: Settings) -> None:
        self._topic = settings.topics.outcomes
        self._reader = Reader(kafka(settings), settings.kafka.application_id)
        self._schema_of = schemas(settings)
        self._halt = threading.Event()
        self._positions: dict[int, int | None] = dict(
            self._reader.ends(self._topic, range(settings.kafka.partitions), self._halt)
        )
        self.verdicts: Counter[str] = Counter()

    async def await_all(
        self, ids: Collection[OutcomeId], patience: float, tell: Callable[[str], None]
    ) -> int:
        """Count the verdicts of *ids*; return how many had none when *patience* was over.

        *patience* is in seconds without a new one; *tell* is told how it goes on.
        """
        open_ids = set(ids)
        begun = told = time.monotonic()
        try:
            while open_ids:
                left = len(open_ids)
                await asyncio.to_thread(self._look, open_ids)
                now = time.monotonic()
                if len(open_ids) < left:
                    begun = now
                if open_ids and now - told > _TELL:
                    told = now
                    tell(f"{len(ids) - len(open_ids)} of {len(ids)} settled.")
                if not open_ids or now - begun > patience:
                    break
                await asyncio.sleep(_PAUSE)
        finally:
            self._halt.set()
        return len(open_ids)

    def _look(self, open_ids: set[OutcomeId]) -> None:
        def take(partition: int, records: Sequence[RawRecord], behind: int) -> None:
            self._positions[partition] = behind
            for each in records:
                outcome = decode(each.value() or b"", self._schema_of)
                found = OutcomeId(str(outcome["outcome_id"]))
                if found in open_ids:
                    open_ids.discard(found)
                    self.verdicts[str(outcome["verdict"])] += 1

        self._reader.read_to_end(self._topic, self._positions, take, self._halt)


class SchemaUnknownError(LookupError):
    """An outcome was written under a schema that cannot be had. The text says what to do."""


def schemas(settings: Settings) -> SchemaOf:
    """Return what knows the schemas of outcomes by their ids, each asked for once."""
    access = registry_access(settings)
    if access is None:
        return _unknown
    registry = WriterSchemas(access)

    @cache
    def schema_of(schema_id: int) -> object:
        found = registry.get(schema_id)
        return (
            _unknown(schema_id) if found is None else fastavro.parse_schema(json.loads(found.text))
        )

    return schema_of


def _unknown(schema_id: int) -> object:
    raise SchemaUnknownError(
        f"outcomes were written under schema {schema_id}, which registry.url does not know, or is "
        "not set: let it name the registry of the workers"
    )
