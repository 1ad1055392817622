"""Tell the time: seconds since 1970 that never go backwards."""

import time
from collections.abc import Callable


def steady_clock() -> Callable[[], float]:
    """Return a clock of seconds since 1970, set once and carried on by the monotonic clock.

    Latencies and pauses must not jump when the machine's time is corrected.
    """
    offset = time.time() - time.monotonic()
    return lambda: time.monotonic() + offset
