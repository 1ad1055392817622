"""Remember in `A.control` from where on each gate may have deferred changes (design.md section 6).

Such a record is durable before the first change is deferred, so whoever owns the partition next
knows where to begin. It goes when nothing is left to bring.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from connector.planning.gates import Scope, Stop
from connector.stream.control import Control, ControlEntry

KIND = "deferred"


@dataclass(frozen=True, slots=True)
class DeferredFrom:
    """The lowest offset of a partition of `lead-changes` that `gate`, one of a single list, may
    have deferred. What is brought there ends in outcomes of `replay_id`.
    """

    gate: Scope
    partition: int
    offset: int
    replay_id: str

    @property
    def name(self) -> str:
        """Return the name of its record: each partition has one owner, so no two write it."""
        return f"{self.gate.place}/{self.gate.stop}/{self.partition}"


class DeferredRecords:
    """The records of all partitions, as far as they were read. `new_id` gives replay ids."""

    __slots__ = ("_control", "_known", "_new_id")

    def __init__(self, control: Control, new_id: Callable[[], str]) -> None:
        self._control = control
        self._new_id = new_id
        self._known: dict[str, DeferredFrom] = {}
        control.hears(KIND, self._hear)

    async def read(self, partitions: Collection[int]) -> tuple[DeferredFrom, ...]:
        """Return those of *partitions*, as they are durable by now.

        Raises:
            ReadFailedError: the broker refused or did not answer.
        """
        await self._control.refresh()
        return tuple([each for each in self._known.values() if each.partition in partitions])

    def begun(self, gate: Scope, partition: int, offset: int) -> DeferredFrom:
        """Return what to write before a gate defers anything of a partition."""
        return DeferredFrom(gate, partition, offset, self._new_id())

    def again(self, known: DeferredFrom) -> DeferredFrom:
        """Return the same for a new attempt, whose outcomes are not those of the last one."""
        return replace(known, replay_id=self._new_id())

    async def write(self, each: DeferredFrom) -> None:
        """Write a record; returns once it is durable.

        Raises:
            SendFailedError: it may be known or not: do not go on.
        """
        document: dict[str, object] = {
            "list": each.gate.place,
            "stop": str(each.gate.stop),
            "partition": each.partition,
            "offset": each.offset,
            "replay_id": each.replay_id,
        }
        await self._control.write(ControlEntry(KIND, each.name, document))

    async def remove(self, each: DeferredFrom) -> None:
        """Say that nothing is left to bring.

        Raises:
            SendFailedError: it may stand there still.
        """
        await self._control.write(ControlEntry(KIND, each.name, None))

    def _hear(self, entry: ControlEntry) -> None:
        known = None if entry.document is None else _deferred_from(entry.document)
        if known is None:
            self._known.pop(entry.name, None)
        else:
            self._known[entry.name] = known


def _deferred_from(document: Mapping[str, object]) -> DeferredFrom | None:
    match document:
        case {
            "list": str(place),
            "stop": str(stop),
            "partition": int(partition),
            "offset": int(offset),
            "replay_id": str(replay_id),
        } if stop in tuple(Stop):
            return DeferredFrom(Scope(place, Stop(stop)), partition, offset, replay_id)
        case _:
            return None
