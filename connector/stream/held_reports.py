"""Tell in `A.control` how much each worker holds back for a brake, while one is pulled."""

from collections.abc import Mapping
from dataclasses import dataclass

from connector.stream.brakes import Pulled
from connector.stream.control import Control, ControlEntry
from connector.stream.moments import rfc3339

KIND = "brake-held"

REPORT_SECONDS = 5.0
"""How often a worker tells it."""

RECENT_SECONDS = 4 * REPORT_SECONDS
"""What is older was told by a worker that is gone."""


@dataclass(frozen=True, slots=True)
class HeldReport:
    """One worker's word: how many writes wait there, by the name of the brake's record.

    `at` is in ms since 1970.
    """

    worker: str
    at: int
    held: Mapping[str, int]

    def entry(self) -> ControlEntry:
        """Return its record."""
        document: dict[str, object] = {
            "at": rfc3339(self.at),
            "at_ms": self.at,
            "held": dict(self.held),
        }
        return ControlEntry(KIND, self.worker, document)


def over(worker: str) -> ControlEntry:
    """Return the record of a worker that holds nothing back any more."""
    return ControlEntry(KIND, worker, None)


class HeldReports:
    """What the workers told last, as far as the topic was read."""

    __slots__ = ("_reports",)

    def __init__(self, control: Control) -> None:
        self._reports: dict[str, HeldReport] = {}
        control.hears(KIND, self._hear)

    def of(self, pulled: Pulled, now_ms: int) -> int | None:
        """Return how many writes wait for a brake, in all workers; None: no worker tells."""
        told = [
            each.held[pulled.name]
            for each in self._reports.values()
            if pulled.name in each.held and each.at > now_ms - RECENT_SECONDS * 1000
        ]
        return sum(told) if told else None

    def gone(self, now_ms: int) -> list[ControlEntry]:
        """Return the records that end what workers told which are gone."""
        oldest = now_ms - RECENT_SECONDS * 1000
        return [over(each.worker) for each in self._reports.values() if each.at <= oldest]

    def _hear(self, entry: ControlEntry) -> None:
        report = None if entry.document is None else _report(entry.name, entry.document)
        if report is None:
            self._reports.pop(entry.name, None)
        else:
            self._reports[entry.name] = report


def _report(worker: str, document: Mapping[str, object]) -> HeldReport | None:
    match document:
        case {"at_ms": int(at), "held": dict(held)}:
            counts = {name: count for name, count in held.items() if isinstance(count, int)}
            return HeldReport(worker, at, counts)
        case _:
            return None
