"""Count requests against what each client is allowed."""

import math
from collections import deque
from collections.abc import Iterable

from connector.simulator.seed import Behaviour, ClientSeed

WINDOW = 60.0  # seconds; limit keys are per minute


class Quota:
    """Hold the requests of the last 60 seconds, by OAuth client or by token.

    Whether the platform counts by token or by client is disputed, and whether its minute slides
    is not known; the defaults of `Behaviour` are the stricter readings: by client, sliding.
    A refused request takes nothing from the allowance, else a client that waits as told could
    find it spent.
    """

    def __init__(self, clients: Iterable[ClientSeed], behaviour: Behaviour) -> None:
        self._allowances = {client.client_id: client.requests_per_minute for client in clients}
        self._taken: dict[tuple[str, str | None], deque[float]] = {}
        self._by_token = behaviour.rate_limit_of == "token"
        self._fixed = behaviour.rate_window == "fixed"

    def allowance(self, client: str) -> int:
        """Return how many requests a client has in a minute."""
        return self._allowances[client]

    def take(self, client: str, token: str | None, now: float) -> int | None:
        """Count a request; return the seconds to wait where it is beyond the allowance.

        A request for a token has none: those of a client count together.
        """
        whose = (client, token if self._by_token else None)
        taken = self._taken.setdefault(whose, deque())
        while taken and self._ends(taken[0]) <= now:
            taken.popleft()
        if len(taken) >= self._allowances[client]:
            return max(1, math.ceil(self._ends(taken[0]) - now))
        taken.append(now)
        return None

    def _ends(self, taken_at: float) -> float:
        """Return when a request counts no more; fixed windows are whole minutes of the clock."""
        return (taken_at // WINDOW + 1) * WINDOW if self._fixed else taken_at + WINDOW
