"""A client whose seed names permissions is refused what needs another."""

from collections.abc import Mapping
from typing import get_args

import pytest

from connector.simulator.permissions import NEEDS, lacking
from connector.simulator.routes import PATHS
from connector.simulator.seed import Permission, SeedError, read
from tests.support.platform_in_process import CONTACTS, NUMBERS, code_of, in_process
from tests.support.simulators import CAMPAIGN, CLIENT, LIST, a_seed

ALL = get_args(Permission)
LIST_PATH = f"/api/v2/outbound/contactlists/{LIST}"
CAMPAIGNS = "/api/v2/outbound/campaigns"


def seed(*permissions: str) -> Mapping[str, object]:
    """Return a seed whose one client has these permissions."""
    return a_seed(clients=[{**CLIENT, "permissions": list(permissions)}])


def test_every_path_says_what_it_needs() -> None:
    """A new path is not there until its permission was thought of, and none is for nothing."""
    assert NEEDS.keys() == set(PATHS.values())
    named = {each for needs in NEEDS.values() for group in needs for each in group}
    assert named == set(ALL)


@pytest.mark.parametrize(
    ("method", "path", "permission"),
    [
        ("GET", LIST_PATH, "outbound:contactList:view"),
        ("POST", CONTACTS, "outbound:contact:add"),
        ("POST", f"{CONTACTS}/bulk", "outbound:contact:view"),
        ("PUT", f"{CONTACTS}/1", "outbound:contact:edit"),
        ("DELETE", f"{CONTACTS}?contactIds=1", "outbound:contact:delete"),
        ("POST", NUMBERS, "outbound:dnc:add"),
        ("PATCH", NUMBERS, "outbound:dnc:edit"),
        ("GET", CAMPAIGNS, "outbound:campaign:view"),
        ("PUT", f"{CAMPAIGNS}/{CAMPAIGN}", "outbound:campaign:edit"),
        ("POST", f"{CAMPAIGNS}/{CAMPAIGN}/start", "outbound:campaign:start"),
    ],
)
async def test_the_one_that_lacks_is_named(method: str, path: str, permission: str) -> None:
    """403 `missing.permissions` without it, whatever else is held; with it alone any other answer."""
    async with in_process(seed(*(each for each in ALL if each != permission))) as platform:
        refused = await platform.http.request(method, path, json=[])
        assert code_of(refused) == (403, "missing.permissions")
        assert refused.json()["message"].endswith(permission)
    async with in_process(seed(permission)) as platform:
        assert (await platform.http.request(method, path, json=[])).status_code != 403


def test_of_some_any_is_enough_and_of_others_all_are_needed() -> None:
    """Recycling takes either of two, an export both."""
    recycle = PATHS["DELETE", f"{CAMPAIGNS}/{{campaign}}/progress"]
    export = PATHS["POST", "/api/v2/outbound/contactlists/{list}/export"]
    refused = lacking(recycle, ["outbound:campaign:view"])
    assert refused is not None
    assert refused.code == "missing.any.permissions"
    assert lacking(recycle, ["outbound:campaign:recycle"]) is None
    assert lacking(recycle, ["outbound:campaign:edit"]) is None
    assert lacking(export, ["outbound:contact:view"]) is not None
    assert lacking(export, ["outbound:contact:view", "outbound:contactList:view"]) is None
    assert lacking(export, None) is None


def test_a_permission_that_there_is_not_is_told() -> None:
    """A slip in the seed must not pass for a role that lacks something."""
    with pytest.raises(SeedError) as raised:
        read(seed("outbound:contacts:add"))
    assert raised.value.problems[0].startswith("clients.0.permissions.0: ")
