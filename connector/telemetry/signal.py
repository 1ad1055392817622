"""Hold what a signal is: one metric of the catalogue, with its closed sets of labels."""

from dataclasses import dataclass
from enum import StrEnum

OTHER = "other"
"""What a label says where a value outside its set turns up; never the value itself."""

NONE = "none"
"""What a label says where there is no value, such as an outcome without a reason."""


class Kind(StrEnum):
    """How a signal moves."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Label:
    """One label. `values` is its closed set; None: names from the settings file, and `other`."""

    name: str
    values: tuple[str, ...] | None
    meaning: str

    def text(self, value: str | None) -> str:
        """Return the label's text for *value*: itself if it belongs to the set."""
        if value is None:
            return NONE
        return value if self.values is None or value in self.values else OTHER


@dataclass(frozen=True, slots=True)
class Signal:
    """One metric: its name, what it counts or measures, and what an operator does about it."""

    kind: Kind
    name: str
    meaning: str
    act: str
    labels: tuple[Label, ...] = ()
    buckets: tuple[float, ...] = ()
