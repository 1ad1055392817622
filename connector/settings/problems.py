"""Problems of the settings: a path, and what to do."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. Its text never holds a value from the settings."""

    path: str
    text: str

    def __str__(self) -> str:
        """Write the line that a person reads."""
        return f"{self.path}: {self.text}"


class SettingsError(Exception):
    """The settings cannot be used. Raised by `load`; the command line prints each problem as a
    line and ends with exit code 2.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def dotted(path: Iterable[str | int]) -> str:
    """Write a path as people do: `sources.crm.topics[0]`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text
