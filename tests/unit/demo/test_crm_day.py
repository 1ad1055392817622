"""The day of the demo's CRM."""

import itertools
import json
from collections import Counter

import phonenumbers
import pytest

from connector.demo.crm_day import crm_day
from connector.demo.crm_table import CrmRecord, Kind

DAY = crm_day(7, 1_795_000_000_000)
RECORDS = (*DAY.morning, *DAY.day)


def _envelopes(*kinds: Kind) -> list[dict[str, object]]:
    found = (record for record in RECORDS if record.kind in kinds and record.value is not None)
    return [json.loads(record.value or b"") for record in found]


def test_a_day_has_some_of_everything() -> None:
    """New leads, edits, disqualifications, opt-outs, deletes, repeats and broken records."""
    counts = DAY.counts
    assert set(counts) == set(Kind)
    assert 3_000 < sum(counts.values()) < 6_000
    assert counts[Kind.DELETE] == counts[Kind.TOMBSTONE]


def test_the_same_seed_is_the_same_day() -> None:
    """Nothing but seed and beginning decide what happens."""
    assert crm_day(7, 1_795_000_000_000) == DAY
    assert crm_day(8, 1_795_000_000_000) != DAY


def test_records_have_the_shape_that_debezium_writes() -> None:
    """Envelope, source block and operation are those of a PostgreSQL connector."""
    (first, *_) = _envelopes(Kind.NEW)
    assert set(first) == {
        "before",
        "after",
        "source",
        "transaction",
        "op",
        "ts_ms",
        "ts_us",
        "ts_ns",
    }
    assert {each["op"] for each in _envelopes(Kind.NEW)} == {"c"}
    assert {each["op"] for each in _envelopes(Kind.EDIT, Kind.OPT_OUT)} == {"u"}
    assert {each["op"] for each in _envelopes(Kind.DELETE)} == {"d"}


def test_positions_of_a_lead_rise() -> None:
    """No lead's changes go back in the log, repeats aside, which say the same again."""
    highest: Counter[str] = Counter()
    for record in RECORDS:
        position = _position(record)
        if position is None:
            continue
        if record.kind is Kind.REPEAT:
            assert position == highest[record.lead]
        else:
            assert position > highest[record.lead]
        highest[record.lead] = position


def _position(record: CrmRecord) -> int | None:
    if record.value is None or record.kind is Kind.BROKEN:
        return None
    position = json.loads(record.value)["source"]["lsn"]
    assert isinstance(position, int)
    return position


def test_a_delete_is_followed_by_its_tombstone() -> None:
    """As Debezium does it, with the same key."""
    for record, following in itertools.pairwise(RECORDS):
        if record.kind is Kind.DELETE:
            of_lead = [each for each in RECORDS if each.lead == record.lead]
            assert following.kind in (Kind.TOMBSTONE, Kind.BROKEN)
            assert of_lead[-1].kind is Kind.TOMBSTONE
            assert of_lead[-1].key == record.key


def test_opt_outs_use_both_settings() -> None:
    """Some set the flag, others the status."""
    rows = [each["after"] for each in _envelopes(Kind.OPT_OUT)]
    asks = {
        (row["do_not_call"], row["status"] == "DNC_Requested")
        for row in rows
        if isinstance(row, dict)
    }
    assert asks == {(True, False), (False, True)}


def test_numbers_are_possible_and_nobody_s() -> None:
    """Every number could be dialled, none is given to anyone, and no two leads share one."""
    given = [number for numbers in DAY.numbers.values() for number in numbers]
    parsed = [phonenumbers.parse(number, "US") for number in given]
    assert all(phonenumbers.is_possible_number(number) for number in parsed)
    nationals = [str(number.national_number) for number in parsed]
    assert all(number[3:8] == "55501" for number in nationals)
    assert len(set(nationals)) == len(nationals)


@pytest.mark.parametrize("part", ["morning", "day", "loaded", "numbers"])
def test_a_day_shows_nobody_s_data(part: str) -> None:
    """Its repr has no personal data, nor has a record's."""
    assert part not in repr(DAY)
    assert "555" not in repr(DAY.morning[0])
