"""Read the opt-outs that are accepted and not settled, before a new owner applies anything.

Without it a worker that takes a partition over could send an insert whose opt-out had landed but
whose state row had not (engine.md B: 60 upserts after an opt-out in one run).
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace

from connector.domain.belief import OptOutBelief
from connector.domain.change import LeadChange, LeadOptOut, NumbersOptOut, OptOutLift
from connector.domain.ids import LeadId
from connector.planning.order import raised
from connector.stream import lead_changes
from connector.stream.reading import LogReader, RawRecord

Backlog = Mapping[int, Mapping[LeadId, OptOutBelief]]
"""Partition → lead → its opt-out, as if settled, without the numbers that it blocks."""


def read_backlog(
    reader: LogReader, topic: str, positions: Mapping[int, int | None], halt: threading.Event
) -> Backlog:
    """Return the opt-outs of *topic* from *positions* to the end of this moment.

    A fold: a lift takes the opt-outs before it away. Blocks; call it from a thread.

    Raises:
        ReadFailedError: the broker refused or did not answer.
        UnknownFormError: a record that this version cannot read.
    """
    found: dict[int, dict[LeadId, OptOutBelief]] = {partition: {} for partition in positions}

    def take(partition: int, records: Sequence[RawRecord], _position: int) -> None:
        for each in records:
            change = lead_changes.decode(each.value() or b"")
            offset = each.offset() or 0
            change = lead_changes.placed(change, topic, partition, offset, change.origin.timestamp)
            # A lift that was sent again covers what stood before its first copy alone.
            if not isinstance(change, OptOutLift) or change.origin.offset == offset:
                fold(found[partition], change)

    reader.read_to_end(topic, positions, take, halt)
    return found


def fold(known: dict[LeadId, OptOutBelief], change: LeadChange) -> None:
    """Take one change of `opt-outs` into what is *known* of its partition."""
    match change:
        case LeadOptOut() | NumbersOptOut():
            origin = change.origin
            old = known.get(change.lead) or OptOutBelief(origin.timestamp, origin.outcome_id)
            marks = raised(old.marks, origin, change.revision, newer=True)
            known[change.lead] = replace(old, marks=marks)
        case OptOutLift():
            known.pop(change.lead, None)
        case _:
            raise TypeError(f"{type(change).__name__} in the opt-outs topic")
