"""Build the simulator: the platform's paths and the control API in one application."""

import time

from starlette.applications import Starlette
from starlette.routing import Mount

from connector.simulator.control import Control
from connector.simulator.moments import Clock
from connector.simulator.platform_app import PlatformApp
from connector.simulator.seed import Seed
from connector.simulator.simulation import Simulation


def build(seed: Seed, clock: Clock = time.time) -> Starlette:
    """Return the application; `app.state.simulation` is what it serves."""
    simulation = Simulation(seed, clock)
    app = Starlette(
        routes=[
            Mount("/_control", routes=Control(simulation).routes()),
            Mount("", app=PlatformApp(simulation)),
        ]
    )
    app.state.simulation = simulation
    return app
