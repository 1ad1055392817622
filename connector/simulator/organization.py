"""Tell the limits of the organisation: genesys-api section 3.1."""

from connector.simulator.call import Answer, Call, answer
from connector.simulator.errors import no_such_thing
from connector.simulator.limits import OUTBOUND, PLATFORM, outbound, platform_api
from connector.simulator.seed import Limits
from connector.simulator.world import World

_DEFAULT_RATE = 300  # requests a minute; developer blog 2021-02-03
_DEFAULT_BYTES = 512_000


def get_limits(world: World, call: Call) -> Answer:
    """Read the limits of a namespace as they are for the caller."""
    behaviour = world.books.behaviour
    rate = world.quota.allowance(call.client or "")
    return _limits(call, world.books.limits, rate, behaviour.request_bytes)


def get_default_limits(world: World, call: Call) -> Answer:  # noqa: ARG001 - the shape of a path
    """Read the limits of a namespace as they are where nobody asked for others."""
    return _limits(call, Limits(), _DEFAULT_RATE, _DEFAULT_BYTES)


def _limits(call: Call, limits: Limits, rate: int, request_bytes: int) -> Answer:
    namespace = call.parts["namespace"]
    if namespace == OUTBOUND:
        return answer({"entities": outbound(limits)})
    if namespace == PLATFORM:
        return answer({"entities": platform_api(rate, request_bytes)})
    raise no_such_thing(f"limits of the namespace {namespace}")
