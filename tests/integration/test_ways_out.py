"""What waits for the platform in one way out holds nothing up in another."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from connector.domain.command import BlockNumber, Command, Urgency
from connector.domain.ids import LeadId
from connector.domain.result import Result
from connector.planning.batch import Batch
from connector.stream.dispatch import IN_THE_AIR
from tests.support.fake_worker import OPT_OUTS, FakeDelivery, FakeWorker
from tests.support.lead_changes import an_opt_out


class ContactsHang(FakeDelivery):
    """A platform whose contact paths take a request and say nothing."""

    async def deliver(
        self,
        batch: Batch,
        sent: Callable[[Command], bool],
        urgency: Urgency,
        stands: Callable[[Command], bool],
        left: Callable[[Command], None],
    ) -> AsyncIterator[tuple[Command, Result]]:
        """Block numbers; let all else wait until the gate opens."""
        del urgency, stands, left
        kept = batch.keep(sent)
        if not isinstance(batch.commands[0], BlockNumber):
            await self.gate.wait()
        for command in kept.commands:
            yield command, self.platform.serve(command)


async def test_numbers_are_blocked_while_reads_of_contacts_hang() -> None:
    """More opt-outs than requests that may be in the air: the DNC list has every number."""
    worker = FakeWorker(delivers=ContactsHang)
    worker.delivery.gate.clear()
    worker.engine.start()
    await worker.assign()
    count = 2 * IN_THE_AIR
    for offset in range(count):
        change = replace(an_opt_out(offset, f"+155{offset}"), lead=LeadId(f"L{offset}"))
        worker.change(offset, change, topic=OPT_OUTS)
        await worker.rest(5)
    await asyncio.sleep(0.05)
    assert len(worker.platform.blocked) >= count
    await worker.engine.stop()
    assert not worker.failures
