"""Hold how values are distributed, in bounded memory, for percentiles."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence

_BITS = 16
"""Values keep so many leading bits: a latency is exact up to 65 s, within 0.01 % above."""


class Distribution:
    """Whole numbers, 0 upwards; the largest is exact."""

    __slots__ = ("_counts", "count", "largest")

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self.count = 0
        self.largest: int | None = None

    def add(self, value: int) -> None:
        """Take *value* in."""
        cut = max(0, value.bit_length() - _BITS)
        self._counts[value >> cut << cut] += 1
        self.count += 1
        self.largest = value if self.largest is None else max(self.largest, value)

    def percentile(self, percent: int) -> int | None:
        """Return the smallest value that so many percent of all do not exceed; None of none."""
        rank, below = -(-self.count * percent // 100), 0
        for value in sorted(self._counts):
            below += self._counts[value]
            if below >= rank:
                return value
        return None

    def below(self, bounds: Sequence[int]) -> list[int]:
        """Return how many lie below each of *bounds*, which rise, and not below the one before;
        last come those beyond all.
        """
        counts = [0] * (len(bounds) + 1)
        for value, count in self._counts.items():
            counts[bisect_right(bounds, value)] += count
        return counts

    def document(self) -> dict[str, int | None]:
        """Return the percentiles as the reports have them (contract.md section 7)."""
        return {"p50": self.percentile(50), "p99": self.percentile(99), "max": self.largest}
