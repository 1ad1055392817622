"""Pull brakes at random beside whatever a world plays."""

import random

from connector.planning.gates import EVERYWHERE, Gates, HoldReason, Scope, Stop


class PulledBrakes:
    """Brakes that a person pulls and lets go at random, and all of them in the end.

    They are the same gates for each worker: it reads what is pulled before its first write.
    """

    def __init__(self, pulls: int, seed: int) -> None:
        self.gates = Gates()
        self._pulls = pulls
        self._chance = random.Random(seed)

    def turn(self, *, over: bool) -> None:
        """Pull one or let it go, now and then; all go once the history is *over*."""
        if over or (self.gates.now_held and self._chance.random() < 0.02):
            for scope in self.gates.now_held:
                self.gates.let_go(scope, HoldReason.BRAKE)
        elif self._pulls and self._chance.random() < 0.05:
            self._pulls -= 1
            stop = self._chance.choice([Stop.INSERTS, Stop.UPDATES, Stop.DELETES, Stop.WRITES])
            self.gates.hold(Scope(EVERYWHERE, stop), HoldReason.BRAKE)
