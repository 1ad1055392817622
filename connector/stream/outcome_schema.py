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
    """The schema under its `subject`. `known` is given its id, once; `away` hears why not yet."""

    subjects: Subjects
    subject: str
    known: Callable[[int], None]
    away: Callable[[str], None]

    async def ask(self) -> bool:
        """Ask the registry, and register the schema where it is not; False: it is away.

        Raises:
            RefusedError: a person must act.
        """
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

    async def await_known(self) -> None:
        """Ask until it is known.

        Raises:
            RefusedError: a person must act.
        """
        pause = 1.0
        while not await self.ask():
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)
