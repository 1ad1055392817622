"""Run asyncio code on a clock that jumps: sleeping costs no time, and time is exact."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Jumping(selectors.DefaultSelector):
    """A selector that never waits: it moves the clock by what it should have waited."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everything waits and nothing is due: a deadlock")
        self.now += max(0.0, timeout)
        return super().select(0)


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time starts at 0 and moves only when all tasks wait."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Return the loop's own seconds."""
        return self._jumping.now


def run_jumping(main: Coroutine[Any, Any, T]) -> T:
    """Run *main* to its end on a `JumpingLoop`."""
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(main)


def loop_time() -> float:
    """Return the running loop's time: the clock to hand to what is tested."""
    return asyncio.get_running_loop().time()
