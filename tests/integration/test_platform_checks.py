"""The platform's part of `connector check`, against a simulator whose client lacks something."""

import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from connector.ops.budget import Room
from connector.ops.finding import Finding, Level
from connector.ops.platform_checks import check_platform, requests_at_most
from connector.planning.pace import Pace
from connector.settings.model import Settings
from connector.simulator.seed import Permission
from tests.support.platform_access import QUICK
from tests.support.settings_files import MINIMAL, SECRET, loaded
from tests.support.simulators import (
    CAMPAIGN,
    CLIENT,
    DNC,
    LIST,
    Json,
    Simulator,
    a_seed,
)

ALL = get_args(Permission)
VIEWS = ("outbound:contactList:view", "outbound:contact:view")
CAMPAIGNS = "outbound:campaign:view"
READS = ("/oauth/token", "/contacts/search", "/contacts/bulk")
"""How the paths end that are posted to and change nothing."""


@pytest.fixture
def simulator(running: Simulator) -> Iterator[Simulator]:
    """Give the simulator; nothing but reads may come, and nothing be held against us."""
    running.reset(a_seed())
    yield running
    assert writes(running) == []
    assert running.violations() == []
    assert running.contacts() == []
    assert running.dnc() == {}
    assert running.campaign()["version"] == 1


def settings(simulator: Simulator, tmp_path: Path, *lines: str) -> Settings:
    """Return settings for the simulator, with lines of the list."""
    text = (
        MINIMAL.replace(
            'region = "us_east_1"', f'api_url = "{simulator.url}"\nlogin_url = "{simulator.url}"'
        )
        .replace('client_id = "client"', f'client_id = "{CLIENT["client_id"]}"')
        .replace(f'client_secret = "{SECRET}"', f'client_secret = "{CLIENT["client_secret"]}"')
        .replace('"list-1"', f'"{LIST}"')
        .replace('"dnc-1"', "\n".join((f'"{DNC}"', *lines)))
    )
    return loaded(tmp_path, text)


def holding(*permissions: str, **parts: object) -> Json:
    """Return a seed whose client has these permissions and no others."""
    return a_seed(
        clients=[{**CLIENT, "requests_per_minute": 100_000, "permissions": list(permissions)}],
        **parts,
    )


def writes(simulator: Simulator) -> list[str]:
    """Return the requests since the last reset that an audit log would show as writes."""
    journal = simulator.journal()
    assert journal
    return [
        f"{each.method} {each.path}"
        for each in journal
        if each.method != "GET" and not (each.method == "POST" and each.path.endswith(READS))
    ]


async def checked(given: Settings, requests: float = math.inf) -> dict[str, Finding]:
    """Check the platform; every name is there once."""
    room = Room(Pace(QUICK), requests, math.inf, time.monotonic)
    found = await check_platform(given, room)
    assert len({each.name for each in found}) == len(found)
    return {each.name: each for each in found}


def failed(found: dict[str, Finding]) -> set[str]:
    """Return the names of what failed."""
    return {name for name, each in found.items() if each.level is Level.FAIL}


@pytest.mark.parametrize("campaigns", ["off", "report", "restart"])
@pytest.mark.parametrize("removal", ["quarantine", "remove"])
@pytest.mark.parametrize("held", [ALL, ()], ids=["all", "none"])
async def test_a_check_sends_nothing_but_reads(
    simulator: Simulator,
    tmp_path: Path,
    campaigns: str,
    removal: str,
    held: tuple[str, ...],
) -> None:
    """Whatever the settings, whatever is permitted; and no more than it claims."""
    simulator.reset(holding(*held))
    lines = (f'campaigns = "{campaigns}"', f'delete = "{removal}"', f'leave = "{removal}"')
    given = settings(simulator, tmp_path, *lines)
    found = await checked(given, requests_at_most(given))
    assert (failed(found) == set()) is (held == ALL)
    assert writes(simulator) == []
    asked = [each.path.rpartition("/")[2] for each in simulator.journal()]
    assert asked.count("bulk") == 1, "whether contacts may be read is asked all the same"


@pytest.mark.parametrize(
    ("lines", "permissions"),
    [
        (('campaigns = "off"',), VIEWS),
        (('campaigns = "report"',), (*VIEWS, CAMPAIGNS)),
        (('campaigns = "restart"', 'delete = "remove"'), (*VIEWS, CAMPAIGNS)),
    ],
)
async def test_no_more_is_demanded_than_reads_need_and_no_less(
    simulator: Simulator, tmp_path: Path, lines: tuple[str, ...], permissions: tuple[str, ...]
) -> None:
    """With these alone it is well; without any one of them it fails, and names that one."""
    given = settings(simulator, tmp_path, *lines)
    simulator.reset(holding(*permissions))
    found = await checked(given, requests_at_most(given))
    assert failed(found) == set()
    hidden = found[f"dnc list {DNC}"]
    assert hidden.level is Level.WARN, "only the check itself looks at DNC lists"
    assert "outbound:dncList:view" in hidden.detail
    for lacks in permissions:
        simulator.reset(holding(*(each for each in ALL if each != lacks)))
        lacking = [each for each in (await checked(given)).values() if each.level is Level.FAIL]
        assert len(lacking) == 1, lacks
        assert lacks in f"{lacking[0].name} {lacking[0].detail}"
        assert "missing.permissions" in lacking[0].detail


async def test_all_that_lacks_is_named_at_once(simulator: Simulator, tmp_path: Path) -> None:
    """A role that permits nothing; what only writes need is named, and said not to be seen."""
    simulator.reset(holding())
    lines = ('campaigns = "restart"', 'delete = "remove"')
    found = await checked(settings(simulator, tmp_path, *lines))
    assert failed(found) == {
        "list default",
        "campaigns default",
        "permission outbound:contact:view",
    }
    told = found["permission outbound:contact:view"].detail
    assert "needed for lists.default.contact_list; give it to the role of OAuth" in told
    assert 'campaigns = "off"' in found["campaigns default"].detail
    unseen = {
        name.removeprefix("permission outbound:")
        for name, each in found.items()
        if each.level is Level.OK and "cannot be seen without writing" in each.detail
    }
    assert unseen == {"contact:add", "contact:edit", "contact:delete", "dnc:add", "campaign:edit"}


async def test_a_role_that_lacks_nothing_is_told_so(simulator: Simulator, tmp_path: Path) -> None:
    """Also of the campaigns, by name."""
    found = await checked(settings(simulator, tmp_path, 'campaigns = "restart"'))
    assert {each.level for each in found.values()} == {Level.OK}
    told = found["campaigns default"].detail
    assert told == "Spring is on; all have lists.default.dnc_list attached"


@pytest.mark.parametrize("status", ["on", "complete", "off"])
@pytest.mark.parametrize("campaigns", ["report", "off"])
async def test_a_campaign_without_our_dnc_list_fails(
    simulator: Simulator, tmp_path: Path, status: str, campaigns: str
) -> None:
    """It says which, and what to attach; one that is off can be turned on at any time."""
    bare = {"id": CAMPAIGN, "name": "Spring", "contact_list": LIST, "status": status}
    simulator.reset(a_seed(campaigns=[bare]))
    given = settings(simulator, tmp_path, f'campaigns = "{campaigns}"')
    found = await checked(given, requests_at_most(given))
    assert failed(found) == {"campaigns default"}
    told = found["campaigns default"].detail
    assert told.startswith(f"Spring ({CAMPAIGN}) is {status} without lists.default.dnc_list")
    assert f"attach DNC list {DNC} to it" in told


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ({"source": "dnc.com"}, "filled by dnc.com"),
        ({"source": "rds_custom", "custom_exclusion_column": "Mobile"}, "filled by rds_custom"),
        ({"contact_method": "Email"}, "holds no phone numbers (Email)"),
    ],
)
async def test_a_dnc_list_that_takes_no_numbers_fails(
    simulator: Simulator, tmp_path: Path, kind: dict[str, str], told: str
) -> None:
    """Attached or not: no opt-out would reach it."""
    simulator.reset(a_seed(dnc_lists=[{"id": DNC, "name": "Do not call", **kind}]))
    found = await checked(settings(simulator, tmp_path))
    assert failed(found) == {f"dnc list {DNC}"}
    assert told in found[f"dnc list {DNC}"].detail


@pytest.mark.parametrize("lacks", [CAMPAIGNS, "outbound:dncList:view"])
async def test_to_hold_takes_the_permission_to_see(
    simulator: Simulator, tmp_path: Path, lacks: str
) -> None:
    """New contacts would wait for ever: what is else a warning fails."""
    simulator.reset(holding(*(each for each in ALL if each != lacks)))
    given = settings(simulator, tmp_path, 'campaigns = "off"')
    assert failed(await checked(given)) == set()
    held = given.model_copy(
        update={"compliance": given.compliance.model_copy(update={"uncovered": "hold"})}
    )
    found = await checked(held)
    (name,) = failed(found)
    assert lacks in found[name].detail


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("*/bulk", "permission outbound:contact:view"),
        ("*/campaigns", "campaigns default"),
    ],
)
async def test_what_cannot_be_asked_just_now_is_a_warning(
    simulator: Simulator, tmp_path: Path, path: str, name: str
) -> None:
    """A 503 says nothing of permissions."""
    simulator.arm({"path": path}, {"kind": "status", "status": 503})
    found = await checked(settings(simulator, tmp_path))
    assert failed(found) == set()
    assert found[name].level is Level.WARN
    assert "HTTP 503" in found[name].detail
