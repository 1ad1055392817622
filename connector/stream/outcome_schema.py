"""Learn the registry's id of the outcome schema: without it no outcome can be written as Avro.

The registry is asked once before the worker joins, and where it is away again and again behind it:
opt-outs must not wait for a service that only analysts need (docs/decisions/0007).
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from connector.registry.access import RegistryAwayError, RegistryRefusedError
from connector.registry.own_schemas import OUTCOME, schema_text
from connector.registry.subjects import Subjects
from connector.stream.startup import LONGEST_PAUSE, RefusedError


@dataclass(frozen=True, slots=True)
class OutcomeSchema:
    """The schema under its `subject`. `known` is given its id, once; `away` hears why not yet,
    `fatal` what the registry refuses later.
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
        return [] if await self._ask() else [asyncio.create_task(self._ask_on())]

    async def _ask(self) -> bool:
        """Ask for the id, and register the schema where it is not; False: it is away."""
        try:
            schema_id = await asyncio.to_thread(
                self.subjects.schema_id, self.subject, schema_text(OUTCOME)
            )
        except RegistryAwayError as away:
            self.away(str(away))
            return False
        except RegistryRefusedError as refused:
            raise RefusedError((str(refused),)) from refused
        self.subjects.close()
        self.known(schema_id)
        return True

    async def _ask_on(self) -> None:
        pause = 1.0
        try:
            while True:
                await asyncio.sleep(pause)
                if await self._ask():
                    return
                pause = min(LONGEST_PAUSE, pause * 2)
        except asyncio.CancelledError:
            raise
        except BaseException as failure:  # noqa: BLE001 - else nobody would hear of it
            self.fatal(failure)
