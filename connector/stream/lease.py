"""Hold the right to speak to the platform: it lapses unless the broker confirms our membership."""

from collections.abc import Callable

SHARE_OF_SESSION = 0.7
"""A worker that was paused must notice before the broker gives its partitions away."""


class LeaseLapsed(Exception):  # noqa: N818 - it names what happened, and the worker stops for it
    """The worker may have lost its partitions: nothing may leave any more.

    Raised right before a request would leave, and by the commits. The worker ends with exit code
    75; whoever supervises it starts it again.
    """


class Lease:
    """The right to send, renewed by each confirmed commit, counted from the commit's *send* time.

    `clock` is monotonic and goes on while the process is paused; `session` is the consumer group's
    session timeout in seconds.
    """

    __slots__ = ("_clock", "_confirmed", "_span")

    def __init__(self, session: float, clock: Callable[[], float]) -> None:
        self._span = session * SHARE_OF_SESSION
        self._clock = clock
        self._confirmed = clock()

    def confirmed(self, sent_at: float) -> None:
        """Take note that a commit sent at *sent_at* was confirmed."""
        self._confirmed = max(self._confirmed, sent_at)

    @property
    def left(self) -> float:
        """Return for how many seconds the right still lasts, 0 at least."""
        return max(0.0, self._confirmed + self._span - self._clock())

    @property
    def lapsed(self) -> bool:
        """Say whether the right is gone."""
        return self._clock() - self._confirmed > self._span

    def check(self) -> None:
        """Let a request leave.

        Raises:
            LeaseLapsed: no commit was confirmed for 0.7 of the session timeout.
        """
        if self.lapsed:
            raise LeaseLapsed(
                "the broker has confirmed no commit for "
                f"{self._clock() - self._confirmed:.0f} s; the partitions may be another "
                "worker's by now. Restart this worker; if it recurs, look at the network to the "
                "brokers and at kafka.session_timeout"
            )
