"""What covers a list, what leaves it bare, and how long what was seen counts."""

import pytest

from connector.domain.campaign import Campaign
from connector.domain.dnc_list import DncList
from connector.domain.ids import CampaignId, DncListId
from connector.planning.coverage import (
    Gap,
    GapKind,
    Seen,
    campaign_gaps,
    dnc_gaps,
    is_covered,
)

OURS, THEIRS = DncListId("dnc-1"), DncListId("dnc-9")


def a_campaign(status: str, *dnc_lists: DncListId) -> Campaign:
    """Return a campaign."""
    lists = frozenset(dnc_lists)
    return Campaign(CampaignId("c"), status, always_running=False, version=1, dnc_lists=lists)


@pytest.mark.parametrize(
    ("status", "gap"),
    [
        ("on", GapKind.UNATTACHED),
        ("stopping", GapKind.UNATTACHED),
        ("forced_stopping", GapKind.UNATTACHED),
        ("complete", GapKind.UNATTACHED),
        ("a status of tomorrow", GapKind.UNATTACHED),
        ("off", GapKind.RESTING),
        ("forced_off", GapKind.RESTING),
        ("invalid", GapKind.RESTING),
    ],
)
def test_a_campaign_without_our_list_is_a_gap(status: str, gap: GapKind) -> None:
    """A grave one where it dials, or may by itself; another's list is not ours."""
    for lists in ((), (THEIRS,)):
        (found,) = campaign_gaps(OURS, [a_campaign(status, *lists)])
        assert (found.kind, found.subject) == (gap, "c")
        assert found.advice == f"campaign is {status}; attach DNC list dnc-1 to it"
    assert campaign_gaps(OURS, [a_campaign(status, THEIRS, OURS)]) == ()


def test_a_list_that_no_campaign_dials_has_no_gap() -> None:
    """Nobody is called from it."""
    assert campaign_gaps(OURS, []) == ()


@pytest.mark.parametrize(
    ("source", "method", "size", "gap"),
    [
        ("rds", "Phone", 0, None),
        ("rds", None, None, None),
        ("rds", "Any", 799, None),
        ("rds", "Phone", 800, GapKind.FILLING),
        ("rds", "Phone", 999, GapKind.FILLING),
        ("rds", "Phone", 1_000, GapKind.FULL),
        ("rds", "Phone", 1_001, GapKind.FULL),
        ("rds", "Email", 0, GapKind.NO_PHONES),
        ("rds", "WhatsApp", 1_000, GapKind.NO_PHONES),
        ("rds_custom", "Any", 0, GapKind.EXTERNAL),
        ("dnc.com", "Phone", 0, GapKind.EXTERNAL),
        ("gryphon", None, None, GapKind.EXTERNAL),
    ],
)
def test_a_dnc_list_takes_numbers_or_says_why_not(
    source: str, method: str | None, size: int | None, gap: GapKind | None
) -> None:
    """Internal, for phones, with room: a size that nobody tells is no reason to stop."""
    found = dnc_gaps(DncList(OURS, "Do not call", source, method, size), 1_000)
    assert [each.kind for each in found] == ([] if gap is None else [gap])
    assert all(each.subject == OURS for each in found)


def gaps(*kinds: GapKind) -> list[Gap]:
    """Return gaps of these kinds."""
    return [Gap(each, "c", "do something") for each in kinds]


LONG_AGO, LATELY = Seen(0.0, covered=True), Seen(500.0, covered=True)


@pytest.mark.parametrize(
    ("kinds", "last", "covered"),
    [
        ((), None, True),
        ((), Seen(999.0, covered=False), True),
        ((GapKind.RESTING, GapKind.FILLING), None, True),
        ((GapKind.UNATTACHED,), LATELY, False),
        ((GapKind.EXTERNAL,), LATELY, False),
        ((GapKind.NO_PHONES,), LATELY, False),
        ((GapKind.FULL,), LATELY, False),
        ((GapKind.UNKNOWN,), None, False),
        ((GapKind.UNKNOWN,), LATELY, True),
        ((GapKind.UNKNOWN, GapKind.RESTING), LATELY, True),
        ((GapKind.UNKNOWN,), Seen(399.9, covered=True), False),
        ((GapKind.UNKNOWN,), Seen(400.0, covered=True), True),
        ((GapKind.UNKNOWN,), LONG_AGO, False),
        ((GapKind.UNKNOWN,), Seen(999.0, covered=False), False),
        ((GapKind.UNKNOWN, GapKind.UNATTACHED), LATELY, False),
    ],
)
def test_what_cannot_be_seen_counts_as_it_was_seen_for_two_intervals(
    kinds: tuple[GapKind, ...], last: Seen | None, *, covered: bool
) -> None:
    """It is 1,000, and a look is due each 300: before any look nobody can say that it is well."""
    assert is_covered(gaps(*kinds), last, 1_000.0, 300.0) is covered
