"""Produce to our own topics: the stages' sends on the durable producer."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from connector.domain.change import LeadChange, LeadOptOut
from connector.domain.dead_letter import DeadLetter
from connector.domain.outcome import Outcome
from connector.domain.record import Record
from connector.stream import dead_letters, lead_changes, outcomes
from connector.stream.countdown import countdown
from connector.stream.facts import Facts
from connector.stream.packing import lead_key
from connector.stream.producer import Headers, OnAck
from connector.stream.state_rows import StateRow


@dataclass(frozen=True, slots=True)
class OwnTopics:
    """Where each kind of record goes."""

    lead_changes: str
    opt_outs: str
    outcomes: str
    dead_letters: str
    changelog: str


class Produces(Protocol):
    """Sends records durably: `producer.Producer`."""

    def send(  # noqa: PLR0913 - the parts of a record
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        on_ack: OnAck,
        *,
        partition: int | None = None,
        headers: Headers = (),
        on_too_large: Callable[[], None] | None = None,
    ) -> None:
        """Send a record; *on_ack* gets its offset once it is durable."""

    def purge(self) -> None:
        """Give up what has not left yet."""


class Fetches(Protocol):
    """Reads single records again: `reader.Reader`."""

    def fetch_record(self, topic: str, partition: int, offset: int) -> Record | None:
        """Return one record as it was written, None if the topic no longer has it."""


class Sender:
    """`Sends` on the durable producer. `facts` hears of outcomes and letters that are durable.

    Until it `encodes`, outcomes are held, and with them all that may only follow them: rows and
    offsets. Opt-outs go out all the same (docs/decisions/0007).
    """

    __slots__ = (
        "_encode",
        "_facts",
        "_fatal",
        "_held",
        "_letters",
        "_producer",
        "_reader",
        "_topics",
        "_version",
    )

    def __init__(
        self,
        producer: Produces,
        reader: Fetches,
        topics: OwnTopics,
        version: str,
        *,
        facts: Facts,
        fatal: Callable[[BaseException], None],
    ) -> None:
        self._producer = producer
        self._reader = reader
        self._topics = topics
        self._version = version
        self._facts = facts
        self._fatal = fatal
        self._letters: set[asyncio.Task[None]] = set()
        self._encode: outcomes.Encode | None = None
        self._held: list[tuple[Outcome, Callable[[], None]]] = []

    def encodes(self, encode: outcomes.Encode) -> None:
        """Write outcomes by *encode* from now on, those that are held first."""
        self._encode = encode
        held, self._held = self._held, []
        for outcome, durable in held:
            self.outcome(outcome, durable)

    def purge(self) -> None:
        """Give up what has not left yet: its tenure is over, and nobody is called back."""
        self._held.clear()
        self._producer.purge()

    def outcome(self, outcome: Outcome, durable: Callable[[], None]) -> None:
        """Produce an outcome."""
        if self._encode is None:
            self._held.append((outcome, durable))
            return

        def acknowledged(_offset: int) -> None:
            self._facts.told(outcome)
            durable()

        self._producer.send(
            self._topics.outcomes,
            outcomes.key(outcome),
            self._encode(outcome),
            acknowledged,
        )

    def change(self, change: LeadChange, durable: Callable[[], None]) -> None:
        """Produce a change to `lead-changes`."""
        self._change(self._topics.lead_changes, change, durable)

    def opt_out(self, change: LeadChange, durable: Callable[[], None]) -> None:
        """Produce an opt-out to `opt-outs` alone."""
        self._change(self._topics.opt_outs, change, durable)

    def following(self, change: LeadOptOut, durable: Callable[[], None]) -> None:
        """Produce an opt-out to `opt-outs` and its fence to `lead-changes`."""
        report = countdown(2, durable)
        self._change(self._topics.opt_outs, change, report)
        self._change(self._topics.lead_changes, change, report)

    def _change(self, topic: str, change: LeadChange, durable: Callable[[], None]) -> None:
        self._producer.send(
            topic, lead_key(change.lead), lead_changes.encode(change), _without_offset(durable)
        )

    def row(self, partition: int, row: StateRow, durable: Callable[[int], None]) -> None:
        """Produce a state row to its partition of the changelog; tells its offset."""
        self._producer.send(
            self._topics.changelog, row.key, row.value, durable, partition=partition
        )

    def letter(self, letter: DeadLetter, durable: Callable[[], None]) -> None:
        """Produce a dead letter, cut where the broker refuses its size."""

        def acknowledged() -> None:
            self._facts.buried(letter.reason, letter.stage)
            durable()

        self._letter(dead_letters.encode(letter, self._version), acknowledged)

    def _letter(self, letter: dead_letters.Letter, durable: Callable[[], None]) -> None:
        def too_large() -> None:
            smaller = dead_letters.cut(letter)
            if smaller is None:
                self._fatal(
                    ValueError(
                        f"{self._topics.dead_letters}: refuses even an empty letter; "
                        "raise its max.message.bytes"
                    )
                )
            else:
                self._letter(smaller, durable)

        self._producer.send(
            self._topics.dead_letters,
            letter.key,
            letter.value,
            _without_offset(durable),
            headers=letter.headers,
            on_too_large=too_large,
        )

    def late_letter(self, letter: DeadLetter, durable: Callable[[], None]) -> None:
        """Produce a dead letter whose record is read again: apply never had its bytes."""
        task = asyncio.create_task(self._late_letter(letter, durable))
        self._letters.add(task)
        task.add_done_callback(self._letters.discard)

    async def _late_letter(self, letter: DeadLetter, durable: Callable[[], None]) -> None:
        place = letter.record
        try:
            found = await asyncio.to_thread(
                self._reader.fetch_record, place.topic, place.partition, place.offset
            )
        except Exception as failure:  # noqa: BLE001 - a letter that is lost must stop the worker
            self._fatal(failure)
            return
        self.letter(replace(letter, record=_same_record(place, found)), durable)


def _same_record(place: Record, found: Record | None) -> Record:
    """Return what was found if it is the record meant: a topic made anew can hold another."""
    if found is None or found.timestamp != place.timestamp:
        return place
    return found


def _without_offset(durable: Callable[[], None]) -> Callable[[int], None]:
    return lambda _offset: durable()
