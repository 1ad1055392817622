"""Hold commands that wait: each with its place in a row, each row with its order of arrival."""

from collections import OrderedDict
from typing import TypeAlias

from connector.domain.command import Command
from connector.planning.batch import Pool
from connector.planning.cargo import size_of, stop_of
from connector.planning.gates import Stop

Line: TypeAlias = tuple[Stop, ...]
"""What tells the lines of a row apart: the kinds of gates that hold its commands."""


class Waiting:
    """One command that waits, since when, and under which number it came to stand in its row.

    `came` is when it began to stand there: that may be long after what it is for began to wait.
    """

    __slots__ = ("came", "command", "number", "row", "since", "size", "stop", "withdrawn")

    def __init__(
        self, command: Command, row: "Row", number: int, since: float, came: float
    ) -> None:
        self.command = command
        self.came = came
        self.row = row
        self.number = number
        self.since = since
        self.size = size_of(command)
        self.stop = stop_of(command)
        self.withdrawn = False

    def __lt__(self, other: "Waiting") -> bool:
        return (self.since, self.number) < (other.since, other.number)


class Row:
    """Commands of one pool and urgency in order of arrival, a line for each kind of gate.

    Inserts and updates share requests but not gates, so they stand in lines of their own and are
    merged when a batch is cut. Adding, taking out and asking are O(1). `passed` is since when
    fuller rows are taken before this one, None if none was.
    """

    __slots__ = ("lines", "linger", "most", "passed", "pool", "sizes")

    def __init__(self, pool: Pool, most: int, linger: float) -> None:
        self.pool = pool
        self.most = most
        self.linger = linger
        self.passed: float | None = None
        self.lines: dict[Line, OrderedDict[Command, Waiting]] = {}
        self.sizes: dict[Line, int] = {}

    def add(self, waiting: Waiting) -> None:
        """Let *waiting* stand at the end, or at the head if it has waited longer than that."""
        line = self.lines.get(waiting.stop)
        if line is None:
            line = self.lines[waiting.stop] = OrderedDict()
            self.sizes[waiting.stop] = 0
        head = next(iter(line.values()), None)
        line[waiting.command] = waiting
        if head is not None and waiting.since < head.since:
            waiting.number = head.number
            line.move_to_end(waiting.command, last=False)
        self.sizes[waiting.stop] += waiting.size

    def discard(self, waiting: Waiting) -> None:
        """Take *waiting* out if it stands here."""
        line = self.lines.get(waiting.stop)
        if line is None or line.pop(waiting.command, None) is None:
            return
        self.sizes[waiting.stop] -= waiting.size
        if not line:
            del self.lines[waiting.stop]
            del self.sizes[waiting.stop]
        if not self.lines:
            self.passed = None

    def head(self, stop: Line) -> Waiting:
        """Return the oldest of a line."""
        return next(iter(self.lines[stop].values()))

    def __bool__(self) -> bool:
        return bool(self.lines)
