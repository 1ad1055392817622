"""What the settings need of the platform, and what a person reads of it."""

from pathlib import Path

import pytest

from connector.domain.campaign import Campaign
from connector.domain.ids import CampaignId, DncListId
from connector.genesys.call import Call
from connector.genesys.permissions import Permitted, Standing
from connector.ops.campaign_checks import findings, watched
from connector.ops.finding import Level
from connector.ops.permission_checks import Need, finding, needs
from connector.ops.platform_checks import requests_at_most
from tests.support.settings_files import edited, loaded

AT_LIST = 'dnc_list = "dnc-1"'
ALWAYS = {
    (Call.BULK_READ, "list-1"),
    (Call.POST_CONTACTS, "list-1"),
    (Call.PUT_CONTACT, "list-1"),
    (Call.POST_NUMBERS, "dnc-1"),
}
REMOVES = {(Call.DELETE_CONTACTS, "list-1")}
WEST = '\n[lists.west]\ncontact_list = "list-2"\ndnc_list = "dnc-1"\ncampaigns = "restart"'


@pytest.mark.parametrize(
    ("line", "more"),
    [
        ("", set()),
        ('delete = "quarantine"', set()),
        ('delete = "remove"', REMOVES),
        ('leave = "remove"', REMOVES),
        ('delete = "remove"\nleave = "remove"', REMOVES),
        ('campaigns = "off"', set()),
        ('campaigns = "report"', set()),
        ('campaigns = "restart"', {(Call.PUT_CAMPAIGN, "")}),
        (
            'campaigns = "restart"' + WEST,
            {
                (Call.PUT_CAMPAIGN, ""),
                (Call.BULK_READ, "list-2"),
                (Call.POST_CONTACTS, "list-2"),
                (Call.PUT_CONTACT, "list-2"),
            },
        ),
    ],
)
def test_only_what_the_settings_need_is_needed(
    tmp_path: Path, line: str, more: set[tuple[Call, str]]
) -> None:
    """Once for each place, whatever several settings want of it."""
    found = needs(loaded(tmp_path, edited(AT_LIST, f"{AT_LIST}\n{line}")))
    assert len(found) == len({(each.call, each.place) for each in found})
    assert {(each.call, each.place) for each in found} == ALWAYS | more


def test_campaigns_are_looked_at_where_somebody_looks_after_them(tmp_path: Path) -> None:
    """A list whose campaigns are `off` takes no permission for them."""
    text = edited(AT_LIST, f'{AT_LIST}\ncampaigns = "off"{WEST}')
    assert list(watched(loaded(tmp_path, text))) == ["west"]


def test_each_call_that_is_needed_is_claimed(tmp_path: Path) -> None:
    """Beside workers a check sends no more than it claimed: one for each, one for campaigns."""

    def most(*lines: str) -> int:
        return requests_at_most(loaded(tmp_path, edited(AT_LIST, "\n".join((AT_LIST, *lines)))))

    off = most('campaigns = "off"')
    assert off == 2 * 3 + 3 + 1 + len(ALWAYS) + 1
    assert most('campaigns = "off"', 'delete = "remove"') == off + 1
    assert most('campaigns = "report"') == off + 1
    assert most('campaigns = "restart"') == off + 2


REMOVE = Need(Call.DELETE_CONTACTS, "l", 'lists.a.delete = "remove"', 'set delete = "quarantine"')
OTHER = Need(Call.DELETE_CONTACTS, "m", 'lists.b.leave = "remove"', 'set leave = "quarantine"')
GIVEN = Permitted(Standing.NOT_REFUSED, "HTTP 200")
DENIED = Permitted(Standing.REFUSED, "missing.permissions")
AWAY = Permitted(Standing.UNKNOWN, "HTTP 503")


@pytest.mark.parametrize(
    ("told", "level", "words"),
    [
        (
            (GIVEN, GIVEN),
            Level.OK,
            'not refused, needed for lists.a.delete = "remove", lists.b.leave = "remove"',
        ),
        (
            (GIVEN, DENIED),
            Level.FAIL,
            (
                'missing (missing.permissions), needed for lists.b.leave = "remove"; give it to '
                "the role of OAuth client demo, in the division of each list, or set leave = "
                '"quarantine"'
            ),
        ),
        ((DENIED, AWAY), Level.FAIL, "missing (missing.permissions), needed for lists.a.delete"),
        (
            (GIVEN, AWAY),
            Level.WARN,
            'not known (HTTP 503), needed for lists.b.leave = "remove"; try again',
        ),
    ],
)
def test_a_line_says_which_permission_for_which_setting_and_what_to_do(
    told: tuple[Permitted, Permitted], level: Level, words: str
) -> None:
    """One line for each permission, whatever the number of lists."""
    found = finding("outbound:contact:delete", zip((REMOVE, OTHER), told, strict=True), "demo")
    assert found.name == "permission outbound:contact:delete"
    assert found.level is level
    assert found.detail.startswith(words)


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
    assert [(each.name, each.level) for each in found] == [("campaigns west", Level.WARN)] * 2
    assert found[0].detail.startswith("Summer (id-Summer) is on without lists.west.dnc_list")
    assert found[1].detail.endswith("attach DNC list dnc-1 to it")


def test_campaigns_that_all_have_it_are_one_line() -> None:
    """With the state of each; a list that none dials is well too."""
    (found,) = findings("west", OURS, [a_campaign("A", "on", OURS), a_campaign("B", "off", OURS)])
    assert found.level is Level.OK
    assert found.detail == "A is on, B is off; all have lists.west.dnc_list attached"
    (none,) = findings("west", OURS, [])
    assert (none.level, none.detail) == (Level.OK, "none dials this list")
