"""Show on standard error how far a long command is: a bar on a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

_EVERY = 5.0
"""Seconds between two plain lines."""

Tell: TypeAlias = Callable[[int, int], None]
"""Told how much is done, and of how much."""


@contextmanager
def progress(what: str) -> Iterator[Tell]:
    """Give what shows how far *what* is; a short one shows nothing off a terminal."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if not console.is_terminal:
        yield _lines(console, what)
        return
    columns = (TextColumn("{task.description}"), BarColumn(40), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, whole: bar.update(task, completed=done, total=whole)


def _lines(console: Console, what: str) -> Tell:
    told = time.monotonic()

    def tell(done: int, whole: int) -> None:
        nonlocal told
        if time.monotonic() - told >= _EVERY:
            told = time.monotonic()
            console.print(f"{what}: {done:,} of {whole:,}", markup=False)

    return tell
