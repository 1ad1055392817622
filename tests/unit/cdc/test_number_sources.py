"""What records of a source of numbers mean: a company's own do-not-call table."""

from dataclasses import replace

import pytest

from connector.cdc.decoding import Changes, Decoded, Decoder
from connector.cdc.source import SourceSpec
from connector.domain.change import NumbersOptOut
from connector.domain.reason import Reason, Stage
from connector.domain.record import Record
from connector.planning.digest import Digests
from tests.support.decoded import no_change, refused
from tests.support.records import a_record, debezium, envelope
from tests.support.sources import FLAT, NUMBERS

DIGESTS = Digests(b"secret")
ONE, TWO = "+12125550101", "+12125550102"
ACTIVE = {"active": True}


def _decode(record: Record, spec: SourceSpec = NUMBERS) -> Decoded:
    return Decoder(spec, DIGESTS).decode(record, "topic-id")


def _numbers(decoded: Decoded) -> list[tuple[str, set[str]]]:
    """Return the outcome id's tail and the numbers of each change."""
    assert isinstance(decoded, Changes), decoded
    told: list[tuple[str, set[str]]] = []
    for change in decoded.changes:
        assert isinstance(change, NumbersOptOut)
        assert change.flaw is None
        (number,) = change.numbers
        assert change.lead == DIGESTS.lead_of(number)
        told.append((change.origin.outcome_id.rsplit("/", 3)[-1], set(change.numbers)))
    return told


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"phone": "(212) 555-0101"}, [("0", {ONE})]),
        ({"phone": "(212) 555-0101", "fax": ""}, [("0", {ONE})]),
        ({"phone": None, "fax": "212 555 0102"}, [("0", {TWO})]),
        ({"phone": ONE, "fax": "212-555-0101"}, [("0", {ONE})]),
        ({"phone": 2125550101.0}, [("0", {ONE})]),
        ({"fax": ONE, "phone": TWO}, [("0", {TWO}), ("2", {ONE})]),
    ],
)
def test_each_number_is_a_change_of_its_own(
    fields: dict[str, object], expected: list[tuple[str, set[str]]]
) -> None:
    """The first of the settings' fields has the record's outcome, the next one's ends in /2."""
    assert _numbers(_decode(a_record(fields | ACTIVE))) == expected


@pytest.mark.parametrize("fields", [{}, {"phone": ""}, {"phone": None, "fax": "  "}])
def test_a_row_without_a_number_says_so(fields: dict[str, object]) -> None:
    """Nothing to block is no mistake."""
    assert no_change(_decode(a_record(fields | ACTIVE))).reason is Reason.NO_PHONE


@pytest.mark.parametrize("active", [False, "no", None, 0])
def test_only_rows_that_meet_when_count(active: object) -> None:
    """Not even a bad number is a mistake there."""
    found = no_change(_decode(a_record({"phone": "12", "active": active})))
    assert (found.reason, found.key) == (Reason.NOT_A_LEAD_CHANGE, None)


def test_a_record_with_a_bad_number_is_refused_and_its_good_ones_are_honoured() -> None:
    """One outcome, rejected; the text names the field and not the number."""
    found = refused(_decode(a_record({"phone": "12", "fax": ONE} | ACTIVE)))
    assert (found.reason, found.stage, found.lead) == (
        Reason.PHONE_INVALID,
        Stage.VALIDATE,
        None,
    )
    assert "phone" in found.text
    assert isinstance(found.opt_out, NumbersOptOut)
    assert found.opt_out.numbers == {ONE}
    assert found.opt_out.flaw is not None
    assert found.opt_out.flaw.reason is Reason.PHONE_INVALID
    alone = refused(_decode(a_record({"phone": "12"} | ACTIVE)))
    assert alone.opt_out is None


def test_numbers_in_a_broken_record_are_honoured() -> None:
    """NaN beside them hides nothing; there is one outcome for the record."""
    value = b'{"active": true, "phone": "+12125550101", "fax": "+12125550102", "x": NaN}'
    found = refused(_decode(a_record(value, key=b"7")))
    assert (found.reason, found.lead) == (Reason.UNDECODABLE, None)
    assert isinstance(found.opt_out, NumbersOptOut)
    assert found.opt_out.numbers == {ONE, TWO}
    assert found.opt_out.flaw is not None


DEBEZIUM = replace(NUMBERS, envelope="debezium", when={})


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(a_record(None, {"id": 7}), id="tombstone"),
        pytest.param(debezium("d", before={"id": 7, "phone": ONE}), id="delete"),
        pytest.param(debezium("c", {"other": "table"}), id="other table"),
        pytest.param(debezium("t"), id="truncate"),
        pytest.param(a_record({"ts_ms": 1}), id="heartbeat"),
    ],
)
def test_what_takes_away_or_says_nothing_names_no_lead(record: Record) -> None:
    """A delete leaves the number where it is; no outcome of this source has a lead's key."""
    found = no_change(_decode(record, DEBEZIUM))
    assert (found.reason, found.key) == (Reason.NOT_A_LEAD_CHANGE, None)


def test_a_flat_tombstone_names_no_lead_either() -> None:
    """Its key is the table's, not a lead's."""
    found = no_change(_decode(a_record(None, b"7")))
    assert (found.reason, found.key) == (Reason.NOT_A_LEAD_CHANGE, None)


@pytest.mark.parametrize("op", ["c", "u", "r"])
def test_rows_of_a_debezium_table_are_read_as_they_are_now(op: str) -> None:
    """Snapshots count; a row that has one of the fields is of this table."""
    value = envelope(op, {"id": 7, "fax": ONE}, {"id": 7, "fax": TWO})
    assert _numbers(_decode(a_record(value), DEBEZIUM)) == [("0", {ONE})]


def test_a_source_of_numbers_needs_digests() -> None:
    """Without them no lane could be named."""
    with pytest.raises(ValueError, match="dnc: numbers without a lead"):
        Decoder(NUMBERS)
    Decoder(FLAT)
