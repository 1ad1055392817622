"""How long a change takes from its commit in SQL to the platform, by the simulator's journal."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.support.control import JournalLine

Mark = tuple[str, str]
"""What tells the change: a lead and its new last name, or a DNC list and a number."""


@dataclass(frozen=True, slots=True)
class Delays:
    """Seconds from commit to platform, sorted; `lost` are changes that never came."""

    seconds: tuple[float, ...]
    lost: tuple[Mark, ...]

    def percentile(self, percent: int) -> float:
        """Give the smallest delay that *percent* of a hundred do not exceed; inf without any."""
        if not self.seconds:
            return float("inf")
        rank = -(-len(self.seconds) * percent // 100)
        return self.seconds[max(rank, 1) - 1]


def delays(committed: Mapping[Mark, float], journal: Sequence[JournalLine]) -> Delays:
    """Measure each change until the first applied request that carries it.

    *committed* and the journal are in seconds since the epoch, of one clock.
    """
    arrived: dict[Mark, float] = {}
    for line in journal:
        if line.applied:
            for mark in _marks(line):
                arrived.setdefault(mark, line.at)
    return Delays(
        tuple(sorted(arrived[mark] - at for mark, at in committed.items() if mark in arrived)),
        tuple(mark for mark in committed if mark not in arrived),
    )


def _marks(line: JournalLine) -> Iterator[Mark]:
    """Name every contact and number that a request writes."""
    place, _, what = line.path.removeprefix("/api/v2/outbound/").partition("/")
    if line.method == "GET":
        return
    if place == "dnclists" and isinstance(line.body, list):
        yield from ((what.partition("/")[0], str(number)) for number in line.body)
    if place == "contactlists":
        for contact in line.body if isinstance(line.body, list) else [line.body]:
            data = contact.get("data") if isinstance(contact, dict) else None
            if isinstance(data, dict):
                yield str(data.get("CRM_Lead_ID")), str(data.get("LastName"))
