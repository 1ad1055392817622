"""Write down what a client did that it must never do."""

from dataclasses import dataclass
from enum import StrEnum


class ViolationKind(StrEnum):
    """What can be held against a client; a closed set that acceptance checks read."""

    OVER_QUOTA = "over_quota"
    OVERLAPPING_WRITES = "overlapping_writes"
    CALLABLE_AFTER_OPT_OUT = "callable_after_opt_out"
    RE_ENABLED = "re_enabled"
    DNC_REMOVAL = "dnc_removal"
    UNKNOWN_COLUMNS = "unknown_columns"
    MISSING_COLUMNS = "missing_columns"
    INSIDE_RETRY_AFTER = "inside_retry_after"
    RETRIED_400 = "retried_400"
    PERSONAL_DATA_IN_URL = "personal_data_in_url"


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing held against a client; `n` is the number of its request in the journal."""

    n: int
    kind: ViolationKind
    detail: str


class Violations:
    """Hold the violations since the last reset, in the order in which they were seen."""

    def __init__(self) -> None:
        self._all: list[Violation] = []

    def record(self, n: int, kind: ViolationKind, detail: str) -> None:
        """Write one down; `detail` names ids only, never a number or a name."""
        self._all.append(Violation(n, kind, detail))

    def all(self) -> tuple[Violation, ...]:
        """Return them all."""
        return tuple(self._all)
