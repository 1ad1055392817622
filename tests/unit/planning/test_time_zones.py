"""Contacts whose time zone the dialler cannot read."""

from dataclasses import replace

import pytest

from connector.domain.change import Row
from connector.domain.reason import Reason, Verdict
from connector.planning.policy import Policy
from tests.support.lane_world import ALL, SOURCE, a_policy
from tests.support.lead_changes import a_quarantine, a_row, an_opt_out, an_upsert
from tests.support.one_lane import OneLane

OSLO = "Europe/Oslo"
VALUES = {"Oslo time": OSLO, "": "Europe/Paris"}
UNREADABLE = (Verdict.APPLIED, Reason.TIME_ZONE_INVALID)
APPLIED = (Verdict.APPLIED, None)


def _zoned(values: dict[str, str] | None = None, *, adopt: bool = True) -> Policy:
    """Return a policy whose list calls `Mobile` by the zone in `Notes`."""
    policy = a_policy(adopt=adopt)
    each = policy.lists[ALL]
    mapped = {SOURCE: {**each.mapped[SOURCE], "Notes": "zone"}}
    each = replace(each, mapped=mapped, time_zones={"Mobile": "Notes"})
    sources = {SOURCE: replace(policy.sources[SOURCE], values={"Notes": values or {}})}
    return replace(policy, lists={ALL: each}, sources=sources, zones=frozenset({OSLO, "UTC"}))


def _row(zone: str | None, mobile: str = "+1550", *, dropped: bool = False) -> Row:
    fields = {**a_row(mobile=mobile).fields, **({} if zone is None else {"zone": zone})}
    return Row(fields, dropped=dropped)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (_row(OSLO), APPLIED),
        (_row("UTC"), APPLIED),
        (_row("Oslo time"), UNREADABLE),
        (_row("europe/oslo"), UNREADABLE),
        (_row(" Europe/Oslo"), UNREADABLE),
        (_row(""), UNREADABLE),
        (_row(None), APPLIED),
        (_row("", mobile=""), (Verdict.UNCHANGED, Reason.NO_PHONE)),
        (_row("nowhere", dropped=True), (Verdict.APPLIED, Reason.PHONE_DROPPED)),
    ],
)
@pytest.mark.parametrize("adopt", [True, False])
def test_a_zone_that_is_no_name_of_the_database_is_told(
    row: Row, expected: tuple[Verdict, Reason | None], *, adopt: bool
) -> None:
    """Empty too; what the change does not name is not judged, nor what has no number."""
    lane = OneLane(_zoned(adopt=adopt))
    assert lane.give(an_upsert(1, row)) == [expected]
    if expected[0] is Verdict.APPLIED and "zone" in row.fields:
        assert lane.contact("L1").data["Notes"] == row.fields["zone"]


@pytest.mark.parametrize(
    ("zone", "cell"),
    [("Oslo time", OSLO), ("  Oslo time ", OSLO), (" ", "Europe/Paris"), (OSLO, OSLO)],
)
def test_values_of_the_settings_come_first(zone: str, cell: str) -> None:
    """What they make of the source's text is judged and written; the empty text can be one."""
    policy = replace(_zoned(VALUES), zones=frozenset({OSLO, "Europe/Paris"}))
    lane = OneLane(policy)
    assert lane.give(an_upsert(1, _row(zone))) == [APPLIED]
    assert lane.contact("L1").data["Notes"] == cell


def test_an_edit_is_told_too_and_a_repeat_of_it_is_not() -> None:
    """The reason is of what was applied."""
    lane = OneLane(_zoned())
    assert lane.give(an_upsert(1, _row(OSLO))) == [APPLIED]
    assert lane.give(an_upsert(2, _row("Mordor"))) == [UNREADABLE]
    assert lane.give(an_upsert(3, _row("Mordor"))) == [(Verdict.UNCHANGED, Reason.SAME_ROW)]


def test_contacts_that_must_not_be_called_are_none_of_it() -> None:
    """The dialler does not pick them anyway."""
    lane = OneLane(_zoned())
    assert lane.give(an_upsert(1, _row(OSLO))) == [APPLIED]
    assert lane.give(a_quarantine(2, _row("Mordor"))) == [APPLIED]
    assert lane.give(an_opt_out(3, "+1550", row=_row("Mordor"))) == [APPLIED]


def test_a_list_that_names_no_column_has_no_zones() -> None:
    """Nothing is judged there."""
    policy = _zoned()
    lane = OneLane(replace(policy, lists={ALL: replace(policy.lists[ALL], time_zones={})}))
    assert lane.give(an_upsert(1, _row("Mordor"))) == [APPLIED]
