"""Name the exit codes, and the exception that ends a command with one of them."""

from collections.abc import Iterable
from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ends (contract.md section 2)."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    REFUSED = 3
    UNSAFE = 4
    LAPSED = 75
    INTERRUPTED = 130


class CommandFailed(Exception):  # noqa: N818 - it names what happened
    """A command cannot go on. `main` prints the lines and ends with the code."""

    def __init__(self, code: ExitCode, lines: Iterable[str]) -> None:
        self.code = code
        self.lines = tuple(lines)
        super().__init__("; ".join(self.lines))
