"""Run asyncio code on a clock that goes faster than time, with real sockets beside it."""

import asyncio
import selectors
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Quick(selectors.DefaultSelector):
    """A selector that waits a part of what it should."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self._factor = factor

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(None if timeout is None else timeout / self._factor)


class QuickLoop(asyncio.SelectorEventLoop):
    """An event loop whose seconds pass *factor* times as fast as those of the world."""

    def __init__(self, factor: float) -> None:
        self._factor = factor
        super().__init__(_Quick(factor))

    def time(self) -> float:
        """Return the loop's own seconds."""
        return time.monotonic() * self._factor


def run_quick(factor: float, main: Coroutine[Any, Any, T]) -> T:
    """Run *main* to its end on a `QuickLoop`."""
    with asyncio.Runner(loop_factory=lambda: QuickLoop(factor)) as runner:
        return runner.run(main)
