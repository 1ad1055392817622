"""Hold the world that requests meet, and replace it."""

from connector.simulator.flights import Flights
from connector.simulator.moments import Clock
from connector.simulator.seed import Seed
from connector.simulator.world import World, open_world


class Simulation:
    """The simulator's state: what outlives a reset, and the world that does not."""

    def __init__(self, seed: Seed, clock: Clock) -> None:
        self.clock = clock
        self.flights = Flights()
        self.seed = seed
        self.world: World = open_world(seed, clock, self.flights)

    def reset(self, seed: Seed) -> None:
        """Begin anew with a seed: empty books and journal, no violations, no old faults.

        Tokens of clients that stay as they were stay valid, so that a worker may go on.
        """
        self.seed = seed
        self.world = open_world(seed, self.clock, self.flights, self.world.tokens)
