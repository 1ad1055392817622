"""Say what holds of every result of a decoder, whatever the record was."""

import time
from collections.abc import Iterable

from connector.cdc.decoding import (
    Changes,
    Decoded,
    Decoder,
    NotALeadChange,
    SchemaWanted,
    Unreadable,
)
from connector.domain.change import LeadChange
from connector.domain.dead_letter import DeadLetter
from connector.domain.record import Record
from connector.stream import dead_letters, lead_changes
from connector.stream.packing import lead_key
from tests.support.leaks import leaks
from tests.support.mutation import MARKER

TOPIC_ID = "topic-id"
SLOWEST = 2.0
"""Seconds of CPU that a record of a megabyte may cost: a slow one stops a partition."""


class LawBrokenError(AssertionError):
    """A result is not what every result must be."""


def judged(decoder: Decoder, record: Record, unknown: Iterable[int]) -> tuple[Decoded, float]:
    """Decode *record*; return the result, which kept all laws, and the CPU seconds it took.

    *unknown* are the ids of schemas of which the decoder knows nothing yet.

    Raises:
        LawBrokenError: it broke one; whatever the decoder raises is one too, and stays as it is.
    """
    before = time.process_time()
    decoded = decoder.decode(record, TOPIC_ID)
    took = time.process_time() - before
    _law(took < SLOWEST, f"{took:.1f} s of CPU for one record")
    _law(decoder.decode(record, TOPIC_ID) == decoded, "the same record means something else again")
    match decoded:
        case Changes(changes=changes):
            _law(bool(changes), "a record of changes without one")
            _of_changes(changes, record)
        case NotALeadChange():
            _law(_is_clean(decoded.why), f"no text, or content: {decoded.why!r}")
            _different((decoded.key, *decoded.also))
        case Unreadable():
            _law(_is_clean(decoded.text), f"no text, or content: {decoded.text!r}")
            _different((decoded.lead, *decoded.also))
            _of_changes(decoded.opt_outs, record)
            _of_letter(decoded, record)
        case SchemaWanted():
            _law(decoded.schema_id in unknown, "a schema is asked for that is known")
            _law(_names(record, decoded.schema_id), "a schema is asked for that nothing names")
    return decoded, took


def _of_changes(changes: tuple[LeadChange, ...], record: Record) -> None:
    _different([change.lead for change in changes])
    _different([change.origin.outcome_id for change in changes])
    for change in changes:
        origin = change.origin
        _law(bool(change.lead.strip()), "a lead without an id")
        _law((origin.topic, origin.offset) == (record.topic, record.offset), "another origin")
        lead_key(change.lead)
        _law(lead_changes.decode(lead_changes.encode(change)) == change, "written, it is another")


def _of_letter(refused: Unreadable, record: Record) -> None:
    letter = DeadLetter(record, refused.reason, refused.stage, refused.text, 1, refused.lead)
    encoded = dead_letters.encode(letter, "0")
    _law(encoded.size > 0, "a letter without a size")
    _law((encoded.key, encoded.value) == (record.key, record.value), "a letter of another record")
    ours = {name: (data or b"").decode() for name, data in encoded.ours}
    told = " ".join(text for name, text in ours.items() if name != "connector.lead_id")
    _law(MARKER not in told, "content in a header")


def _different(keys: Iterable[str | None]) -> None:
    named = [each for each in keys if each is not None]
    _law(len(set(named)) == len(named), "one lead or outcome twice")


def _is_clean(text: str) -> bool:
    return bool(text.strip()) and MARKER not in text and not leaks({"text": text}, ())


def _names(record: Record, schema_id: int) -> bool:
    frame = b"\0" + schema_id.to_bytes(4, "big")
    framed = [record.key, record.value, *(data for _, data in record.headers)]
    return any(data is not None and data.startswith(frame) for data in framed)


def _law(holds: bool, broken: str) -> None:  # noqa: FBT001 - it reads as an assertion
    if not holds:
        raise LawBrokenError(broken)
