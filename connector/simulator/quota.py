"""Count each client's requests against its allowance."""

import math
from collections import deque
from collections.abc import Iterable

from connector.simulator.seed import ClientSeed

WINDOW = 60.0  # seconds; limit keys are per minute. Sliding: the stricter reading of "per minute"


class Quota:
    """Hold the requests of the last 60 seconds, for each OAuth client over all its tokens.

    Whether the platform counts by token or by client is disputed; by client is the stricter.
    A refused request takes nothing from the allowance, else a client that waits as told could
    find it spent.
    """

    def __init__(self, clients: Iterable[ClientSeed]) -> None:
        self._allowances = {client.client_id: client.requests_per_minute for client in clients}
        self._taken: dict[str, deque[float]] = {client: deque() for client in self._allowances}

    def take(self, client: str, now: float) -> int | None:
        """Count a request; return the seconds to wait where it is beyond the allowance."""
        taken = self._taken[client]
        while taken and taken[0] <= now - WINDOW:
            taken.popleft()
        if len(taken) >= self._allowances[client]:
            return max(1, math.ceil(taken[0] + WINDOW - now))
        taken.append(now)
        return None
