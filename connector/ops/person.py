"""Carry a person's word to the workers: an opt-out that reached the company, or a lift.

It goes through `A.opt-outs`, with a fence in `A.lead-changes`, as if a source had said it. Its
place there is its source and the id of its outcome (docs/decisions/0009).
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.domain.change import (
    Flaw,
    LeadOptOut,
    NumbersOptOut,
    OptOutLift,
    Row,
)
from connector.domain.ids import LeadId, OutcomeId
from connector.domain.origin import NO_OFFSET, PERSON, Origin
from connector.domain.reason import Reason, Stage
from connector.domain.revision import NO_REVISION
from connector.ops.group import workers_run
from connector.ops.opt_out_lines import Line
from connector.ops.own_outcomes import PATIENCE, Following
from connector.ops.own_topics import admin_client
from connector.planning.digest import Digests
from connector.settings.model import Settings
from connector.stream.composition import kafka
from connector.stream.control import PARTITION, ControlEntry
from connector.stream.lead_changes import encode, placed
from connector.stream.packing import lead_key
from connector.stream.producer import Delivery, Producer
from connector.stream.topics import TopicsUnavailableError, topic_ids

SEND_SECONDS = 30.0
NOBODY_SECONDS = 3.0
"""How long outcomes are waited for where no worker is seen: one may just be joining."""

Said = LeadOptOut | NumbersOptOut | OptOutLift


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of what was said: `sent` records, `open` of them without an outcome so far."""

    sent: int
    verdicts: dict[str, int]
    open: int
    working: bool
    refused: tuple[int, ...] = field(default=())

    @property
    def well(self) -> bool:
        """Say whether all of it is settled, and none was refused."""
        return not (self.open or self.refused or self.verdicts.get("rejected"))

    def document(self) -> dict[str, object]:
        """Return it as `opt-outs add --json` has it (contract.md section 7)."""
        return {
            "sent": self.sent,
            "verdicts": self.verdicts,
            "open": self.open,
            "refused": list(self.refused),
        }


def opt_out_of(line: Line, origin: Origin, digests: Digests) -> LeadOptOut | NumbersOptOut | None:
    """Return what a line opts out; None where all that it has is an unusable number.

    The lead of an unusable number is honoured, and its outcome says that the number was not.
    """
    numbers = frozenset(() if line.number is None else (line.number,))
    if line.lead is not None:
        flaw = Flaw(Reason.PHONE_INVALID, Stage.VALIDATE) if line.bad else None
        row = Row({}, whole=False)
        return LeadOptOut(line.lead, origin, NO_REVISION, row, numbers, flaw)
    if line.number is None:
        return None
    return NumbersOptOut(digests.lead_of(line.number), origin, NO_REVISION, numbers)


def lift_of(lead: LeadId, origin: Origin, at: int) -> OptOutLift:
    """Return the lift of a lead's opt-outs."""
    return OptOutLift(lead, origin, NO_REVISION, at)


def place_to_come(settings: Settings, now_ms: int) -> Origin:
    """Return the origin of what is about to be written to `A.opt-outs`. Blocks.

    Raises:
        TopicsUnavailableError: a topic is missing, or the broker did not answer.
    """
    names = settings.topics
    ours = (names.opt_outs, names.lead_changes, names.outcomes, names.control)
    found = topic_ids(admin_client(settings, lambda _trouble: None), ours)
    for each in ours:
        if each not in found:
            raise TopicsUnavailableError(f"{each} is missing; `connector topics create` makes it")
    topic = names.opt_outs
    return Origin(PERSON, topic, found[topic], 0, NO_OFFSET, now_ms)


async def say(
    settings: Settings,
    said: Sequence[Said],
    entries: Sequence[ControlEntry],
    tell: Callable[[str], None],
) -> Ended:
    """Write *entries* to `A.control`, then *said*, and wait until the workers have settled it.

    Raises:
        ReadFailedError, SendFailedError, RegistryAwayError: it may have been said in part; saying
            it again does no harm.
    """
    following = await asyncio.to_thread(Following, settings)
    working = await asyncio.to_thread(workers_run, settings)
    ids = await _send(settings, said, entries)
    tell(f"{len(ids)} sent, durable in {settings.topics.opt_outs}.")
    patience = PATIENCE if working else NOBODY_SECONDS
    left = await following.await_all(ids, patience, tell)
    return Ended(len(ids), dict(following.verdicts), left, working)


async def _send(
    settings: Settings, said: Sequence[Said], entries: Sequence[ControlEntry]
) -> list[OutcomeId]:
    failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def fail(why: Exception) -> None:
        if not failed.done():
            failed.set_exception(why)

    delivery = Delivery(timeout=SEND_SECONDS, linger=0.005)
    producer = Producer(kafka(settings), delivery, fail, lambda _why: None)
    polling = asyncio.create_task(producer.run())
    sending = asyncio.create_task(_all(producer, settings, said, entries))
    try:
        either: list[asyncio.Future[Any]] = [sending, failed]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if failed.done():
            failed.result()
        return sending.result()
    finally:
        sending.cancel()
        failed.cancel()
        polling.cancel()
        producer.close()


async def _all(
    producer: Producer, settings: Settings, said: Sequence[Said], entries: Sequence[ControlEntry]
) -> list[OutcomeId]:
    """Write who says it first: nothing may be said that nobody answers for."""
    names = settings.topics

    async def one(change: Said) -> OutcomeId:
        key = lead_key(change.lead)
        place = await producer.put(names.opt_outs, key, encode(change))
        change = placed(change, names.opt_outs, *place, change.origin.timestamp)
        if not isinstance(change, NumbersOptOut):
            await producer.put(names.lead_changes, key, encode(change))
        return change.origin.outcome_id

    await asyncio.gather(
        *(producer.put(names.control, e.key, e.value, partition=PARTITION) for e in entries)
    )
    return await asyncio.gather(*(one(change) for change in said))


def now_ms() -> int:
    """Return the moment of what is said now."""
    return time.time_ns() // 1_000_000
