"""What the settings need of the platform, and what a person reads of it."""

from pathlib import Path

import pytest

from connector.domain.campaign import Campaign
from connector.domain.ids import CampaignId, DncListId
from connector.genesys.permissions import Permitted, Standing
from connector.ops.campaign_checks import PAGES, findings
from connector.ops.finding import Level
from connector.ops.permission_checks import needs, readable, unseen
from connector.ops.platform_checks import requests_at_most
from tests.support.settings_files import edited, loaded

AT_LIST = 'dnc_list = "dnc-1"'
ADD, EDIT, DELETE, BLOCK, CAMPAIGN = (
    f"outbound:{each}"
    for each in ("contact:add", "contact:edit", "contact:delete", "dnc:add", "campaign:edit")
)
ALWAYS = {
    ADD: ["lists.default.contact_list"],
    EDIT: ["lists.default.contact_list"],
    BLOCK: ["lists.default.dnc_list"],
}
WEST = '\n[lists.west]\ncontact_list = "list-2"\ndnc_list = "dnc-1"\ncampaigns = "restart"'


@pytest.mark.parametrize(
    ("line", "more"),
    [
        ("", {}),
        ('delete = "quarantine"', {}),
        ('delete = "remove"', {DELETE: ['lists.default.delete = "remove"']}),
        ('leave = "remove"', {DELETE: ['lists.default.leave = "remove"']}),
        (
            'delete = "remove"\nleave = "remove"',
            {DELETE: [f'lists.default.{each} = "remove"' for each in ("delete", "leave")]},
        ),
        ('campaigns = "off"', {}),
        ('campaigns = "report"', {}),
        ('campaigns = "restart"', {CAMPAIGN: ['lists.default.campaigns = "restart"']}),
        (
            'campaigns = "restart"' + WEST,
            {
                ADD: ["lists.default.contact_list", "lists.west.contact_list"],
                EDIT: ["lists.default.contact_list", "lists.west.contact_list"],
                BLOCK: ["lists.default.dnc_list", "lists.west.dnc_list"],
                CAMPAIGN: [f'lists.{each}.campaigns = "restart"' for each in ("default", "west")],
            },
        ),
    ],
)
def test_only_what_the_settings_need_is_needed(
    tmp_path: Path, line: str, more: dict[str, list[str]]
) -> None:
    """Each permission to write, once, with every setting that wants it."""
    assert needs(loaded(tmp_path, edited(AT_LIST, f"{AT_LIST}\n{line}"))) == ALWAYS | more


def test_what_is_asked_is_claimed_and_no_more(tmp_path: Path) -> None:
    """Beside workers a check sends no more than it claimed; what it only names costs nothing."""

    def most(*lines: str) -> int:
        return requests_at_most(loaded(tmp_path, edited(AT_LIST, "\n".join((AT_LIST, *lines)))))

    off = most('campaigns = "off"')
    assert off == 2 * 3 + (3 + 1) + 1 + 1 + 1
    assert most('campaigns = "off"', 'delete = "remove"') == off
    assert most('campaigns = "report"') == most('campaigns = "restart"') == off
    assert most('campaigns = "off"', WEST) == off + (3 + 1) + 1


GIVEN = Permitted(Standing.NOT_REFUSED, "HTTP 200")
DENIED = Permitted(Standing.REFUSED, "missing.permissions")
AWAY = Permitted(Standing.UNKNOWN, "HTTP 503")
GIVE = "give it to the role of OAuth client demo, in the division of each list"


@pytest.mark.parametrize(
    ("told", "level", "words"),
    [
        ((GIVEN, GIVEN), Level.OK, "not refused, needed for lists.a, lists.b"),
        (
            (GIVEN, DENIED),
            Level.FAIL,
            f"missing (missing.permissions), needed for lists.b; {GIVE}",
        ),
        (
            (DENIED, AWAY),
            Level.FAIL,
            f"missing (missing.permissions), needed for lists.a; {GIVE}",
        ),
        ((GIVEN, AWAY), Level.WARN, "not known (HTTP 503), needed for lists.b; try again"),
    ],
)
def test_a_line_says_whether_contacts_may_be_read_and_what_to_do(
    told: tuple[Permitted, Permitted], level: Level, words: str
) -> None:
    """One line, whatever the number of lists."""
    found = readable(list(zip(("lists.a", "lists.b"), told, strict=True)), "demo")
    assert (found.name, found.level) == ("permission outbound:contact:view", level)
    assert found.detail == words


@pytest.mark.parametrize(
    ("permission", "shown"), [(EDIT, "list.parked"), (CAMPAIGN, "campaigns.failed")]
)
def test_what_only_a_write_would_show_is_said_to_be_so(permission: str, shown: str) -> None:
    """It is needed, for which settings, not seen, and where a worker will tell of it."""
    found = unseen(permission, ["lists.a", "lists.b"])
    assert (found.name, found.level) == (f"permission {permission}", Level.OK)
    start = (
        "needed for lists.a, lists.b; cannot be seen without writing: where it lacks, a worker's"
    )
    assert found.detail.startswith(start)
    assert f"names it in {shown} (docs/permissions.md)" in found.detail


OURS, THEIRS = DncListId("dnc-1"), DncListId("dnc-9")


def a_campaign(name: str, status: str, *dnc_lists: DncListId) -> Campaign:
    """Return a campaign."""
    lists = frozenset(dnc_lists)
    return Campaign(
        CampaignId(f"id-{name}"),
        status,
        always_running=False,
        version=1,
        name=name,
        dnc_lists=lists,
    )


def test_each_campaign_without_our_dnc_list_is_named() -> None:
    """Dialling or not: it may be turned on at any time."""
    found = findings(
        "west",
        OURS,
        [
            a_campaign("Spring", "on", OURS, THEIRS),
            a_campaign("Summer", "on", THEIRS),
            a_campaign("Autumn", "off"),
        ],
    )
    assert [(each.name, each.level) for each in found] == [("campaigns west", Level.FAIL)] * 2
    assert found[0].detail.startswith("Summer (id-Summer) is on without lists.west.dnc_list")
    assert found[1].detail.endswith("attach DNC list dnc-1 to it")


def test_more_campaigns_than_were_looked_at_are_a_warning() -> None:
    """What was not seen is not called well."""
    many = [a_campaign(str(number), "on", OURS) for number in range(100 * PAGES)]
    (found,) = findings("west", OURS, many)
    assert found.level is Level.WARN
    assert found.detail.startswith("the first 100 have lists.west.dnc_list attached")


def test_campaigns_that_all_have_it_are_one_line() -> None:
    """With the state of each; a list that none dials is well too."""
    (found,) = findings("west", OURS, [a_campaign("A", "on", OURS), a_campaign("B", "off", OURS)])
    assert found.level is Level.OK
    assert found.detail == "A is on, B is off; all have lists.west.dnc_list attached"
    (none,) = findings("west", OURS, [])
    assert (none.level, none.detail) == (Level.OK, "none dials this list")
