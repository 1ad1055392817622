"""Hold one finding of a check: what was looked at, how bad it is, and what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is; only `fail` keeps a worker from running."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `connector check`. `detail` says what was found, and what to do where it is
    not well.
    """

    name: str
    level: Level
    detail: str

    @property
    def well(self) -> bool:
        """Whether a worker can run in spite of it."""
        return self.level is not Level.FAIL

    def document(self) -> dict[str, object]:
        """Return the finding as `--json` has it (contract.md section 7)."""
        return {
            "name": self.name,
            "ok": self.well,
            "level": self.level.value,
            "detail": self.detail,
        }


def well(name: str, detail: str) -> Finding:
    """Return a finding that all is well."""
    return Finding(name, Level.OK, detail)


def doubtful(name: str, detail: str) -> Finding:
    """Return a finding that wants a look."""
    return Finding(name, Level.WARN, detail)


def bad(name: str, detail: str) -> Finding:
    """Return a finding that keeps a worker from running."""
    return Finding(name, Level.FAIL, detail)
