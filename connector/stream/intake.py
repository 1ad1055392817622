"""Take source records in: decode, validate, canonicalise. No HTTP call, so it reads far ahead.

An opt-out leaves for its own topic before the change itself: within milliseconds it stands where
comply finds it, whatever waits in `lead-changes`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import assert_never

from connector.cdc.decoding import (
    Changes,
    Decoded,
    Decoder,
    NotALeadChange,
    SchemaWanted,
    Told,
    Unreadable,
)
from connector.domain.change import LeadChange, LeadDelete, NumbersOptOut, is_opt_out
from connector.domain.dead_letter import DeadLetter
from connector.domain.ids import LeadId
from connector.domain.origin import Origin
from connector.domain.outcome import Latency, Outcome
from connector.domain.reason import Reason, Verdict
from connector.domain.record import Record, TopicPartition
from connector.planning.ledger import Entry
from connector.stream.countdown import countdown
from connector.stream.ports import NoRegistry, Schemas, Sends


class Intake:
    """The first stage. `topic_ids` tells Kafka's id of each source topic, `schemas` gets those
    that the decoders want.
    """

    __slots__ = ("_clock", "_decoders", "_gone", "_sends", "_topic_ids", "schemas")

    def __init__(
        self,
        decoders: Mapping[str, Decoder],
        topic_ids: Mapping[str, str],
        sends: Sends,
        clock: Callable[[], float],
        schemas: Schemas | None = None,
    ) -> None:
        self._decoders = decoders
        self._topic_ids = topic_ids
        self._sends = sends
        self._clock = clock
        self.schemas = schemas or NoRegistry()
        self._gone: dict[TopicPartition, tuple[int, bytes]] = {}
        """Offset and key of the delete that was read last, tombstones apart."""

    def source(self, topic: str) -> str:
        """Return the settings' name of the source that reads *topic*."""
        return self._decoders[topic].source

    def decode(self, record: Record) -> Decoded:
        """Say what *record* says, or which schema must be known first."""
        return self._decoders[record.topic].decode(record, self._topic_ids[record.topic])

    def wants(self, record: Record) -> int | None:
        """Return the schema id that must be known before *record* can be taken, if any."""
        decoded = self.decode(record)
        return decoded.schema_id if isinstance(decoded, SchemaWanted) else None

    def take(self, record: Record, told: Told, entry: Entry) -> None:
        """Send on what *record* says, as it was decoded; *entry* settles when all of it is
        durable.
        """
        match told:
            case Changes(changes=(LeadDelete(tombstone=True, lead=lead),)) if self._echoes(record):
                self._pass(record, (lead,), entry)
            case Changes(changes=changes):
                self._remember(record, changes)
                self._forward(changes, entry)
            case NotALeadChange(key=key, reason=reason, also=also):
                leads = (None if key is None else LeadId(key), *also)
                self._pass(record, leads, entry, reason)
            case Unreadable():
                self._refuse(record, told, entry)
            case _:
                assert_never(told)

    def look_ahead(self, told: Told, entry: Entry) -> None:
        """Send on the opt-outs of a record that is read again later, and nothing else of it.

        Their fences, its outcome and its letter come then. To comply it is as if the worker had
        died between the two copies of an opt-out (architecture.md section 5): it honours this one,
        and the next one is a `duplicate`.
        """
        match told:
            case Changes(changes=changes):
                opt_outs = [change for change in changes if is_opt_out(change)]
            case Unreadable():
                opt_outs = list(told.opt_outs)
            case NotALeadChange():
                opt_outs = []
            case _:
                assert_never(told)
        report = countdown(len(opt_outs) + 1, entry.settle)
        for change in opt_outs:
            self._sends.opt_out(change, report)
        report()

    def _remember(self, record: Record, changes: tuple[LeadChange, ...]) -> None:
        match changes:
            case (LeadDelete(tombstone=False),) if record.key is not None:
                place = TopicPartition(record.topic, record.partition)
                self._gone[place] = (record.offset, record.key)

    def _echoes(self, tombstone: Record) -> bool:
        """Say whether the record before it in its partition is the delete of the same key.

        Where that cannot be seen (a restart, a gap of offsets), the lead's state decides.
        """
        place = TopicPartition(tombstone.topic, tombstone.partition)
        return self._gone.get(place) == (tombstone.offset - 1, tombstone.key)

    def _pass(
        self,
        record: Record,
        leads: tuple[LeadId | None, ...],
        entry: Entry,
        reason: Reason = Reason.NOT_A_LEAD_CHANGE,
    ) -> None:
        report = countdown(len(leads), entry.settle)
        self._end(record, leads, Verdict.UNCHANGED, reason, report)

    def _forward(self, changes: tuple[LeadChange, ...], entry: Entry) -> None:
        if len(changes) == 1 and not is_opt_out(changes[0]):
            self._sends.change(changes[0], entry.settle)
            return
        opt_outs = [change for change in changes if is_opt_out(change)]
        fenced = [change for change in changes if not isinstance(change, NumbersOptOut)]
        report = countdown(len(opt_outs) + len(fenced), entry.settle)
        for change in opt_outs:
            self._sends.opt_out(change, report)
        for change in fenced:
            self._sends.change(change, report)

    def _refuse(self, record: Record, found: Unreadable, entry: Entry) -> None:
        """Set the record aside. What it opts out is honoured; comply gives the outcome then."""
        now_ms = round(self._clock() * 1000)
        letter = DeadLetter(record, found.reason, found.stage, found.text, now_ms, found.lead)
        opt_outs, leads = found.opt_outs, (found.lead, *found.also)
        fences = [each for each in opt_outs if not isinstance(each, NumbersOptOut)]
        sends = len(opt_outs) + len(fences) if opt_outs else len(leads)
        report = countdown(sends + 1, entry.settle)
        for opt_out in opt_outs:
            self._sends.opt_out(opt_out, report)
        for fence in fences:
            self._sends.change(fence, report)
        if not opt_outs:
            self._end(record, leads, Verdict.REJECTED, found.reason, report)
        self._sends.letter(letter, report)

    def _end(
        self,
        record: Record,
        leads: tuple[LeadId | None, ...],
        verdict: Verdict,
        reason: Reason,
        report: Callable[[], None],
    ) -> None:
        """Give the record an outcome for each of *leads*, in their order."""
        first = Origin(
            "",
            record.topic,
            self._topic_ids[record.topic],
            record.partition,
            record.offset,
            record.timestamp,
        )
        now_ms = round(self._clock() * 1000)
        waited = None if record.timestamp < 0 else max(0, now_ms - record.timestamp)
        latency = Latency(kafka_to_decided_ms=waited)
        for part, lead in enumerate(leads, 1):
            origin = replace(first, part=part)
            outcome = Outcome(
                origin.outcome_id,
                origin,
                lead,
                None,
                verdict,
                reason,
                latency=latency,
                decided_at=now_ms,
            )
            self._sends.outcome(outcome, report)
