"""Take source records in: decode, validate, canonicalise. No HTTP call, so it reads far ahead.

An opt-out leaves for its own topic before the change itself: within milliseconds it stands where
comply finds it, whatever waits in `lead-changes`.
"""

from collections.abc import Callable, Mapping

from connector.cdc.decoding import Changes, Decoder, NotALeadChange, SchemaWanted, Unreadable
from connector.domain.change import LeadChange, LeadDelete, NumbersOptOut, is_opt_out
from connector.domain.dead_letter import DeadLetter
from connector.domain.ids import LeadId
from connector.domain.origin import Origin
from connector.domain.outcome import Outcome
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

    def wants(self, record: Record) -> int | None:
        """Return the schema id that must be known before *record* can be taken, if any."""
        decoded = self._decoders[record.topic].decode(record, self._topic_ids[record.topic])
        return decoded.schema_id if isinstance(decoded, SchemaWanted) else None

    def take(self, record: Record, entry: Entry) -> int | None:
        """Send on what *record* says; *entry* settles when all of it is durable.

        Nothing is done where the id of a schema is returned: it must be known first.
        """
        decoded = self._decoders[record.topic].decode(record, self._topic_ids[record.topic])
        match decoded:
            case Changes(changes=(LeadDelete(tombstone=True, lead=lead),)) if self._echoes(record):
                self._pass(record, lead, entry)
            case Changes(changes=changes):
                self._remember(record, changes)
                self._forward(changes, entry)
            case NotALeadChange(key=key, reason=reason):
                self._pass(record, None if key is None else LeadId(key), entry, reason)
            case Unreadable():
                self._refuse(record, decoded, entry)
            case SchemaWanted(schema_id=schema_id):
                return schema_id
        return None

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
        lead: LeadId | None,
        entry: Entry,
        reason: Reason = Reason.NOT_A_LEAD_CHANGE,
    ) -> None:
        outcome = self._outcome(record, lead, Verdict.UNCHANGED, reason)
        self._sends.outcome(outcome, entry.settle)

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
        if found.opt_out is None:
            report = countdown(2, entry.settle)
            outcome = self._outcome(record, found.lead, Verdict.REJECTED, found.reason)
            self._sends.outcome(outcome, report)
        else:
            fenced = not isinstance(found.opt_out, NumbersOptOut)
            report = countdown(2 + fenced, entry.settle)
            self._sends.opt_out(found.opt_out, report)
            if fenced:
                self._sends.change(found.opt_out, report)
        self._sends.letter(letter, report)

    def _outcome(
        self, record: Record, lead: LeadId | None, verdict: Verdict, reason: Reason
    ) -> Outcome:
        origin = Origin(
            "",
            record.topic,
            self._topic_ids[record.topic],
            record.partition,
            record.offset,
            record.timestamp,
        )
        return Outcome(
            origin.outcome_id,
            origin,
            lead,
            None,
            verdict,
            reason,
            decided_at=round(self._clock() * 1000),
        )
