"""What the decoder makes of Avro that real connectors wrote: the same as of its JSON twins."""

from collections import defaultdict
from dataclasses import replace

import pytest

from connector.cdc.decoding import Changes, Decoded, Decoder, NotALeadChange
from connector.domain.change import LeadChange, LeadDelete, LeadOptOut, LeadUpsert
from tests.support.recordings import AVRO_RECORDINGS, Recorded, recorded_schemas, recording
from tests.support.sources import RECORDED

SCHEMAS = recorded_schemas()
AVRO = Decoder(replace(RECORDED, encoding="avro"), schemas=SCHEMAS.get)
JSON = Decoder(RECORDED)


def _changes(decoded: Decoded) -> tuple[LeadChange, ...]:
    assert isinstance(decoded, Changes | NotALeadChange), decoded
    return decoded.changes if isinstance(decoded, Changes) else ()


@pytest.mark.parametrize(
    ("name", "each"),
    [
        pytest.param(name, each, id=f"{name}-{each.line}")
        for name in AVRO_RECORDINGS
        for each in recording(name)
    ],
)
def test_every_recorded_line_means_what_its_manifest_says(name: str, each: Recorded) -> None:
    """Kind and lead of each line are those that the SQL behind it made."""
    decoded = AVRO.decode(each.record, name)
    changes = _changes(decoded)
    if isinstance(decoded, NotALeadChange):
        assert each.kind in ("ignore", "other"), each.expect
        assert decoded.key == each.lead_id
        return
    (change,) = changes
    assert change.lead == each.lead_id
    match each.kind:
        case "delete":
            assert isinstance(change, LeadDelete)
            assert change.moved_to is None
        case "rekey-out":
            assert isinstance(change, LeadDelete)
            assert change.moved_to is not None
        case "optout":
            assert isinstance(change, LeadOptOut)
        case "duplicate":
            assert isinstance(change, LeadUpsert | LeadOptOut | LeadDelete)
        case _:
            assert isinstance(change, LeadUpsert | LeadOptOut), each.expect


def _by_lead(name: str, decoder: Decoder) -> dict[str | None, list[object]]:
    """Give what each lead's records say, without positions: they are of other runs."""
    said: dict[str | None, list[object]] = defaultdict(list)
    for each in recording(name):
        if each.kind in ("baseline", "ignore", "other"):
            continue
        for change in _changes(decoder.decode(each.record, name)):
            row = getattr(change, "row", None)
            fields = None if row is None else row.fields
            numbers, moved = getattr(change, "numbers", None), getattr(change, "moved_to", None)
            said[each.lead_id].append(
                (each.kind, type(change), change.lead, fields, numbers, moved)
            )
    return said


def test_avro_says_the_same_as_json_with_its_schema() -> None:
    """One table, one day of SQL: every change has the same kind, texts, numbers and moves."""
    avro, json = _by_lead("pg-avro", AVRO), _by_lead("pg-json-schemas", JSON)
    assert avro == json
    assert sum(map(len, avro.values())) > 30


def test_every_type_of_the_table_is_readable() -> None:
    """Decimals, dates, times and arrays of the first row are what a person would write."""
    first = next(each for each in recording("pg-avro") if each.lead_id == "L-1001")
    (change,) = _changes(AVRO.decode(first.record, "t"))
    assert isinstance(change, LeadUpsert)
    fields = change.row.fields
    assert fields["amount"] == "1250.50"
    assert fields["balance"] == "0.125"
    assert fields["birth_date"] == "1980-02-29"
    assert fields["callback_at"] == "09:30:00"
    assert fields["updated_at"] == "2026-11-01T09:15:30.654321"
    assert fields["tags"] == '["hot","web"]'


def test_the_recordings_are_complete() -> None:
    """No line is missing, and every schema is used by its id."""
    assert {name: len(recording(name)) for name in AVRO_RECORDINGS} == {
        "pg-avro": 125,
        "pg-avro-edge": 77,
    }
