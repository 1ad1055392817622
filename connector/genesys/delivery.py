"""Deliver one batch: every command that was sent ends in exactly one result.

Worked as a pile of parts. A part whose request was refused because of one of its commands is cut
in halves and both go back on the pile, until the culprit stands alone; its mates go through. What
cannot be decided now (no answer, outage, silence, environment) is given back at once with the
seconds to wait: the outbox repeats it, and until then it can be withdrawn.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias, assert_never

from connector.domain.command import Command, Urgency
from connector.domain.contact import Contact
from connector.domain.ids import ListId
from connector.domain.result import (
    NO_RECEIPT,
    Receipt,
    Refused,
    Result,
    Unknown,
)
from connector.genesys import responses
from connector.genesys.answer import (
    Applied,
    Busy,
    Collided,
    Doubted,
    Environment,
    Missing,
    Outdated,
    Oversized,
    Throttled,
    TokenSpent,
    Unavailable,
    Unclear,
    Unfit,
)
from connector.genesys.asking import Told
from connector.genesys.client import Leaves
from connector.genesys.culprit import Alone, alone
from connector.genesys.exchange import Build, Exchange
from connector.genesys.list_book import ListBook
from connector.genesys.quota import Quota
from connector.genesys.refusals import Refusals
from connector.genesys.requests import Request, list_request, request
from connector.genesys.responses import Contacts
from connector.genesys.streaks import Streaks
from connector.planning.batch import Batch, BatchKind
from connector.planning.gates import GateReason

TARGET_BYTES = 6_000
"""Longest request line we send: 250 ids in a DELETE would pass the 8 KB that proxies allow."""

Sent: TypeAlias = Callable[[Command], bool]
"""Asked right before a command leaves, at every attempt: may it? False withdraws it."""

Stands: TypeAlias = Callable[[Command], bool]
"""Asked as the first byte is about to leave: does the word of `Sent` hold? If not, it is asked."""

Left: TypeAlias = Callable[[Command], None]
"""Told of one command of each request as its first byte leaves: requests are counted by it."""

Answered: TypeAlias = tuple[Command, Result]


@dataclass(frozen=True, slots=True)
class _Part:
    """Commands that share a request. For a further page of a look-up, `asked` is what the first
    page asked for (the pages are cut from that) and `found` what the pages before held.
    """

    batch: Batch
    asked: Batch | None = None
    page: int = 1
    found: tuple[Contact, ...] = field(default=(), repr=False)

    def halves(self) -> "tuple[_Part, _Part]":
        first, second = self.batch.halves()
        return _Part(first), _Part(second)


class Delivery:
    """Delivers batches; one for a worker. Holds no command between two deliveries, and of refused
    requests a digest.
    """

    __slots__ = ("_book", "_request_bytes", "exchange", "quota", "refusals", "streaks")

    def __init__(
        self,
        exchange: Exchange,
        quota: Quota,
        book: ListBook,
        request_bytes: int,
        jitter: Callable[[], float],
    ) -> None:
        self.exchange = exchange
        self.quota = quota
        self._book = book
        self._request_bytes = request_bytes
        self.streaks = Streaks(jitter)
        self.refusals = Refusals()

    def request(self, part: _Part) -> Request:
        """Return the request of *part*; a further page asks what the first one asked."""
        return request(part.asked or part.batch, self._book, part.page)

    def too_large(self, made: Request) -> bool:
        """Say whether the platform, or a proxy before it, would not take a request."""
        return len(made.body or b"") > self._request_bytes or made.target_bytes > TARGET_BYTES

    async def deliver(
        self,
        batch: Batch,
        sent: Sent,
        urgency: Urgency = Urgency.WRITE,
        stands: Stands = lambda _command: True,
        left: Left = lambda _command: None,
    ) -> AsyncIterator[Answered]:
        """Yield each command of *batch* with its result, as soon as it is known.

        The slot of the first request was granted to the caller; it is used or given back here.
        `sent` is asked for every command right before each request that carries it, so more than
        once where a batch is split or repeated; by then nothing was done with the command.
        Commands for which the latest answer is True end in exactly one result, those for which it
        is False in none. What `permit` of the client raises goes through; commands without a
        result have then not been sent, and after a cancellation they may have been.
        """
        run = _Run(self, batch, sent, urgency, _Leaving(stands, left))
        try:
            while run.parts:
                for answered in await run.step():
                    yield answered
        finally:
            run.give_back()


@dataclass(frozen=True, slots=True)
class _Leaving:
    """What is asked and told as the first byte of a request is about to leave."""

    stands: Stands
    left: Left

    def __call__(self, batch: Batch) -> bool:
        if not all(map(self.stands, batch.commands)):
            return False
        return self.counted(batch)

    def counted(self, batch: Batch) -> bool:
        """Let a request leave for *batch* that does nothing with it: it is counted, not asked."""
        self.left(batch.commands[0])
        return True


class _Run:
    """One delivery on its way. `standing` are the commands whose latest `sent` was True."""

    __slots__ = ("_granted", "_leaving", "_of", "_sent", "_standing", "_urgency", "parts")

    def __init__(
        self, of: Delivery, batch: Batch, sent: Sent, urgency: Urgency, leaving: _Leaving
    ) -> None:
        self._of = of
        self._sent = sent
        self._leaving = leaving
        self._urgency = urgency
        self._standing: set[Command] = set()
        self._granted = True
        self.parts = [_Part(batch)] if len(batch) else []

    async def step(self) -> list[Answered]:
        """Take one part to its next answer; return the results that are known by it."""
        part = self.parts.pop()
        prepared = self._of.request(part)
        if self._of.too_large(prepared):
            return self._cut(part, Oversized("request.entity.too.large"), NO_RECEIPT)
        if (refused := self._of.refusals.of(prepared)) is not None:
            return self._cut(part, refused, NO_RECEIPT)
        kept = part

        def build() -> Request | None:
            nonlocal kept
            kept = replace(part, batch=part.batch.keep(self._may_leave))
            if len(kept.batch) == len(part.batch):
                return prepared
            made = self._of.request(kept) if len(kept.batch) else None
            return None if made is None or self._of.refusals.of(made) is not None else made

        begun = self._of.streaks.at(part.batch.pool.place)
        told = await self._ask(build, lambda: self._leaving(kept.batch))
        if told is not None:
            return await self._judged(kept, told, begun)
        return self._cut(kept, Unfit(), NO_RECEIPT) if len(kept.batch) else []

    def give_back(self) -> None:
        """Return the first slot if nothing used it."""
        if self._granted:
            self._granted = False
            self._of.quota.refund()

    async def _ask(self, build: Build, leaves: Leaves) -> Told | None:
        granted, self._granted = self._granted, False
        return await self._of.exchange.ask(build, self._urgency, leaves, granted=granted)

    def _may_leave(self, command: Command) -> bool:
        may = self._sent(command)
        (self._standing.add if may else self._standing.discard)(command)
        return may

    async def _judged(self, part: _Part, told: Told, begun: int) -> list[Answered]:
        match told.answer:
            case Applied():
                return self._applied(part, told, begun)
            case Doubted() if len(part.batch) == 1:
                return await self._doubted(part, begun)
            case Environment(reason=GateReason.LIMIT) if self._asks_for_no_room(part):
                # An update of a contact that is gone would be a new one: its mates go through.
                return self._cut(part, Missing(), told.receipt)
            case Unfit() | Oversized() | Collided() | Missing() | Doubted():
                self._of.streaks.ended(part.batch.pool.place)
                if isinstance(told.answer, Unfit):
                    self._of.refusals.note(self._of.request(part), told.answer)
                return self._cut(part, told.answer, told.receipt)
            case (
                Unclear()
                | Unavailable()
                | Busy()
                | Environment()
                | Throttled()
                | TokenSpent()
                | Outdated()  # only of a campaign: no command meets it
            ):
                return self._postponed(part, told, begun)
            case _:
                assert_never(told.answer)

    def _asks_for_no_room(self, part: _Part) -> bool:
        """Say whether a `POST` only writes contacts that are there, as far as we know; the `PUT`
        of a lone quarantine makes none.
        """
        kind = part.batch.pool.kind
        post = kind is BatchKind.UPSERT or (kind is BatchKind.QUARANTINE and len(part.batch) > 1)
        return post and not part.batch.inserts

    def _applied(self, part: _Part, told: Told, begun: int) -> list[Answered]:
        reading, place = told.reading, part.batch.pool.place
        if isinstance(reading, Contacts) and part.batch.pool.kind is BatchKind.FIND:
            found = (*part.found, *reading.contacts)
            if reading.more_after(part.found):
                asked = part.asked or part.batch
                self.parts.append(_Part(part.batch, asked, part.page + 1, found))
                return []
            reading = Contacts(found)
        commands = part.batch.commands
        results = responses.results(commands, reading, told.receipt)
        if any(isinstance(each, Unknown) for each in results.values()):
            after = self._of.streaks.pause(place, begun, Unclear())
            results = responses.results(commands, reading, told.receipt, after)
        else:
            self._of.streaks.ended(place)
        return list(results.items())

    async def _doubted(self, part: _Part, begun: int) -> list[Answered]:
        """Ask for the list itself: it tells a contact that is gone from a list that is."""
        asked = list_request(ListId(part.batch.pool.place))
        told = await self._ask(lambda: asked, lambda: self._leaving.counted(part.batch))
        if told is None or isinstance(told.answer, Unclear):
            told = Told(Unavailable())
        if isinstance(told.answer, Applied):
            return self._cut(part, Missing(), told.receipt)
        return self._postponed(part, told, begun)

    def _cut(self, part: _Part, answer: Alone, receipt: Receipt) -> list[Answered]:
        """Cut a part that failed because of one of its commands; alone, it is that one."""
        if len(part.batch) > 1:
            self.parts.extend(reversed(part.halves()))
            return []
        return self._given(part.batch, lambda command: alone(command, answer, receipt))

    def _postponed(self, part: _Part, told: Told, begun: int) -> list[Answered]:
        """Give back this part, and with it all that had still to follow."""
        after = self._of.streaks.pause(part.batch.pool.place, begun, told.answer)
        refused = Refused(after, receipt=told.receipt)
        unclear = isinstance(told.answer, Unclear)
        result = Unknown(after, told.receipt) if unclear else refused
        given = self._given(part.batch, lambda _: result)
        while self.parts:
            given += self._given(self.parts.pop().batch, lambda _: refused)
        return given

    def _given(self, batch: Batch, result: Callable[[Command], Result]) -> list[Answered]:
        """Pair the commands with their result; one that never came to leave is asked for now."""
        return [
            (command, result(command))
            for command in batch.commands
            if command in self._standing or self._may_leave(command)
        ]
