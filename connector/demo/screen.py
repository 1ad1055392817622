"""Show people the demo: a live display on a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table

from connector.demo.settlement_table import Line
from connector.demo.watching import Tally

_EVERY = 2.0
"""Seconds between two plain lines."""


class Meter(Protocol):
    """Where the progress of the demo is shown."""

    def show(self, tally: Tally) -> None:
        """Show how far it is."""
        ...


class Screen:
    """What people see; with `--json` all of it goes to standard error."""

    def __init__(self, *, to_errors: bool) -> None:
        self._console = Console(stderr=to_errors, highlight=False, soft_wrap=True)

    def say(self, text: str) -> None:
        """Say one thing in a line."""
        self._console.print(text, markup=False)

    def meter(self) -> AbstractContextManager[Meter]:
        """Give the progress display."""
        return self._live() if self._console.is_terminal else self._plain()

    def table(self, lines: Iterable[Line]) -> None:
        """Show the proof."""
        table = Table(title="What the outcomes say, and what the platform's own books say")
        table.add_column("")
        for column in ("outcomes", "books", "agree"):
            table.add_column(column, justify="right")
        for line in lines:
            agree = "yes" if line.agree else "NO"
            table.add_row(line.what, f"{line.outcomes:,}", f"{line.books:,}", agree)
        self._console.print(table)

    @contextmanager
    def _live(self) -> Iterator[Meter]:
        columns = (TextColumn("{task.description:<26}"), BarColumn(40), MofNCompleteColumn())
        with Progress(*columns, console=self._console) as progress:
            yield _Bars(progress)

    @contextmanager
    def _plain(self) -> Iterator[Meter]:
        yield _Lines(self)


class _Bars:
    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def show(self, tally: Tally) -> None:
        for name, (settled, whole) in tally.groups.items():
            if name not in self._tasks:
                self._tasks[name] = self._progress.add_task(name, total=None)
            self._progress.update(self._tasks[name], completed=settled, total=whole or None)


class _Lines:
    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._next = 0.0

    def show(self, tally: Tally) -> None:
        if tally.done or time.monotonic() >= self._next:
            self._next = time.monotonic() + _EVERY
            groups = (f"{name} {a:,}/{b:,}" for name, (a, b) in tally.groups.items() if b)
            self._screen.say("settled: " + ", ".join(groups))
