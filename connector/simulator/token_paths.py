"""Answer what concerns tokens: genesys-api section 2.2."""

from connector.simulator.call import Answer, Call, answer
from connector.simulator.world import World

_ORGANIZATION = {"id": "00000000-0000-4000-8000-000000000001", "name": "Simulator"}


def give_token(world: World, call: Call) -> Answer:
    """Give a token for client credentials."""
    return world.tokens.issue(call)


def describe_token(world: World, call: Call) -> Answer:  # noqa: ARG001 - the shape of a path
    """Answer the `TokenInfo` of the token that was sent."""
    return answer(
        {
            "organization": _ORGANIZATION,
            "homeOrganization": _ORGANIZATION,
            "authorizedScope": ["outbound"],
            "OAuthClient": {"id": call.client, "name": call.client, "organization": _ORGANIZATION},
        }
    )
