"""Learn the registry's id of the outcome schema: without it no outcome can be written as Avro.

The registry is asked once before the worker joins, and where it is away again and again behind it:
opt-outs must not wait for a service that only analysts need (docs/decisions/0007). For the same
reason what a registry refuses later ends no worker, but that our schema cannot follow: what stands
in front of one that restarts answers 401, 404 or a page.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from connector.registry.access import RegistryAwayError, RegistryRefusedError
from connector.registry.own_schemas import OUTCOME, schema_text
from connector.registry.subjects import IncompatibleError, Subjects
from connector.stream.startup import LONGEST_PAUSE, RefusedError

FIRST_PAUSE = 1.0
"""Seconds before the second question, doubling from there."""


@dataclass(frozen=True, slots=True)
class OutcomeSchema:
    """The schema under its `subject`. `known` is given its id, once; `away` hears why not yet,
    `fatal` that it never will be.
    """

    subjects: Subjects
    subject: str
    known: Callable[[int], None]
    away: Callable[[str], None]
    fatal: Callable[[BaseException], None]

    async def begin(self) -> list[asyncio.Task[None]]:
        """Ask once; return what goes on asking where the registry is away.

        Raises:
            RefusedError: a person must act.
        """
        if await self._ask(at_start=True):
            return []
        return [asyncio.create_task(self._ask_on())]

    async def _ask(self, *, at_start: bool) -> bool:
        """Ask for the id, and register the schema where it is not; False: ask again."""
        try:
            schema_id = await asyncio.to_thread(
                self.subjects.schema_id, self.subject, schema_text(OUTCOME)
            )
        except RegistryAwayError as away:
            self.away(str(away))
            return False
        except RegistryRefusedError as refused:
            if at_start or isinstance(refused, IncompatibleError):
                raise RefusedError((str(refused),)) from refused
            self.away(str(refused))
            return False
        self.subjects.close()
        self.known(schema_id)
        return True

    async def _ask_on(self) -> None:
        pause = FIRST_PAUSE
        try:
            while True:
                await asyncio.sleep(pause)
                if await self._ask(at_start=False):
                    return
                pause = min(LONGEST_PAUSE, pause * 2)
        except asyncio.CancelledError:
            raise
        except BaseException as failure:  # noqa: BLE001 - else nobody would hear of it
            self.fatal(failure)
