"""Bring changes from our own topics to their lanes: comply honours, apply follows in order."""

from collections.abc import Callable

from connector.domain.change import is_opt_out
from connector.domain.ids import LeadId
from connector.domain.record import Record
from connector.planning.ledger import Entry
from connector.planning.pending import Door, Pending, Progress
from connector.stream import lead_changes
from connector.stream.lanes import Lanes
from connector.stream.ports import Sends

FENCE_SECONDS = 30.0
"""A fence that comply has not met for so long: its opt-out is produced again (design.md 2)."""


class Comply:
    """The door of `opt-outs`."""

    __slots__ = ("_clock", "_lanes", "_open")

    def __init__(self, lanes: Lanes, clock: Callable[[], float]) -> None:
        self._lanes = lanes
        self._clock = clock
        self._open: list[tuple[int, Entry]] = []

    def take(self, record: Record, entry: Entry) -> None:
        """Let an opt-out wait at the head of its lane."""
        change = lead_changes.placed(
            lead_changes.decode(record.value or b""),
            record.topic,
            record.partition,
            record.offset,
            record.timestamp,
        )
        since = change.origin.timestamp
        self._open.append((since if since >= 0 else record.timestamp, entry))
        pending = Pending(change, Door.COMPLY, entry, Progress(self._clock()))
        self._lanes.admit(pending, record.partition)

    def oldest(self) -> tuple[int, float]:
        """Return how many opt-outs are not settled, and the age of the oldest in seconds, 0
        without one: from the record's append to the source topic. Call it about once a second.
        """
        self._open = [each for each in self._open if not each[1].settled]
        since = min((since for since, _ in self._open), default=None)
        age = 0.0 if since is None else max(0.0, self._clock() - since / 1000)
        return len(self._open), age


class Apply:
    """The door of `lead-changes`.

    The two topics have no common order: after a broker's death a change can be acknowledged before
    its opt-out, and the opt-out be lost with the producer. A fence that waits too long has its
    opt-out produced again.
    """

    __slots__ = ("_alarm", "_clock", "_fences", "_lanes", "_sends")

    def __init__(
        self,
        lanes: Lanes,
        sends: Sends,
        clock: Callable[[], float],
        alarm: Callable[[LeadId], None],
    ) -> None:
        self._lanes = lanes
        self._sends = sends
        self._clock = clock
        self._alarm = alarm
        self._fences: dict[int, tuple[Pending, Entry]] = {}

    def take(self, record: Record, entry: Entry) -> None:
        """Let a change wait in its lane; an opt-out as a fence."""
        change = lead_changes.decode(record.value or b"")
        pending = Pending(change, Door.APPLY, entry, Progress(self._clock()))
        if is_opt_out(change):
            self._fences[id(pending)] = (pending, entry)
        self._lanes.admit(pending, record.partition)

    def look_after_fences(self) -> None:
        """Produce again the opt-out of every fence that waited too long. Call it now and then."""
        now = self._clock()
        for key, (pending, entry) in list(self._fences.items()):
            if entry.settled:
                del self._fences[key]
            elif now - pending.progress.arrived > FENCE_SECONDS:
                del self._fences[key]
                self._alarm(pending.change.lead)
                self._sends.opt_out(pending.change, _sent_again)


def _sent_again() -> None:
    """Do nothing: the fence settles when comply has met the opt-out."""
