"""What the decoder makes of records that real connectors wrote."""

from dataclasses import replace

import pytest

from connector.cdc.decoding import Changes, Decoded, Decoder, NotALeadChange
from connector.domain.change import LeadDelete, LeadOptOut, LeadUpsert
from connector.planning.age import told_at
from tests.support.decoded import one
from tests.support.recordings import RECORDINGS, Recorded, recording
from tests.support.sources import RECORDED

DECODERS = {
    name: Decoder(replace(RECORDED, envelope=envelope)) for name, envelope in RECORDINGS.items()
}
LINES = {
    "pg-json-plain": 116,
    "pg-json-schemas": 117,
    "pg-special": 11,
    "mariadb-json-plain": 53,
    "pg-flattened-json": 111,
}


def _cases() -> list[object]:
    return [
        pytest.param(name, each, id=f"{name}-{each.line}")
        for name in RECORDINGS
        for each in recording(name)
    ]


def _lead(decoded: Decoded) -> str | None:
    if isinstance(decoded, Changes):
        (change,) = decoded.changes
        return change.lead
    assert isinstance(decoded, NotALeadChange), decoded
    return decoded.key


def _agrees(decoded: Decoded, each: Recorded) -> bool:
    """Say whether the kind is right; the row of an opted-out lead opts out with every edit."""
    if each.kind in ("ignore", "other"):
        return isinstance(decoded, NotALeadChange)
    assert isinstance(decoded, Changes), decoded
    change = decoded.changes[0]
    match each.kind:
        case "delete":
            return isinstance(change, LeadDelete) and change.moved_to is None
        case "rekey-out":
            return isinstance(change, LeadDelete) and change.moved_to is not None
        case "optout":
            return isinstance(change, LeadOptOut)
        case _:
            flag = b'"do_not_call":true' in _after(each) or b'"do_not_call":1' in _after(each)
            return isinstance(change, LeadOptOut if flag else LeadUpsert)


def _after(each: Recorded) -> bytes:
    value = each.record.value or b""
    return value[max(0, value.rfind(b'"after":{')) :]


@pytest.mark.parametrize(("name", "each"), _cases())
def test_every_recorded_line_means_what_its_manifest_says(name: str, each: Recorded) -> None:
    """Kind and lead of each line are those that the SQL behind it made."""
    decoded = DECODERS[name].decode(each.record, name)
    assert _lead(decoded) == each.lead_id
    assert _agrees(decoded, each), each.expect


def test_the_recordings_are_complete() -> None:
    """No line is missing, none is without a meaning."""
    assert {name: len(recording(name)) for name in RECORDINGS} == LINES


def test_every_recorded_opt_out_has_its_numbers() -> None:
    """The manifest names the phones of each fresh opt-out that has any."""
    seen = 0
    for name in RECORDINGS:
        for each in recording(name):
            if each.expect.startswith("OPT-OUT"):
                numbers = one(DECODERS[name].decode(each.record, name), LeadOptOut).numbers
                assert numbers
                assert all(number in each.expect for number in numbers)
                seen += 1
    assert seen == 3


def test_both_json_forms_of_one_table_say_the_same() -> None:
    """Names, states and numbers agree; only logical types are readable with the schema."""
    plain, typed = (
        [
            (each.lead_id, change.row.fields)
            for each in recording(name)
            if each.kind == "baseline"
            for change in [one(DECODERS[name].decode(each.record, name), LeadUpsert)]
        ]
        for name in ("pg-json-plain", "pg-json-schemas")
    )
    logical = {"amount", "balance", "birth_date", "callback_at", "updated_at"}
    for (lead, raw), (same, readable) in zip(sorted(plain), sorted(typed), strict=True):
        assert lead == same
        assert {k: v for k, v in raw.items() if k not in logical} == {
            k: v for k, v in readable.items() if k not in logical
        }
    assert typed[0][1]["amount"] == "1250.50"
    assert plain[0][1]["amount"] == "Aeh6"


def test_positions_of_a_key_rise_and_commit_times_do_not_fall() -> None:
    """Per lead and partition the streamed changes come in the order of the log."""
    for name in RECORDINGS:
        last: dict[tuple[str, int], tuple[tuple[int, ...], int]] = {}
        for each in recording(name):
            decoded = DECODERS[name].decode(each.record, name)
            if not isinstance(decoded, Changes):
                continue
            change = decoded.changes[0]
            position, committed = change.revision.position, change.revision.commit_time
            if position is None or committed is None:
                assert change.revision.snapshot
                continue
            place = (change.lead, each.record.partition)
            if place in last:
                assert position.at > last[place][0]
                assert committed >= last[place][1]
            last[place] = (position.at, committed)


def test_a_moment_is_the_same_with_and_without_its_schema() -> None:
    """PostgreSQL's microseconds, MariaDB's milliseconds and the text of a typed column."""
    for name in ("pg-json-plain", "pg-json-schemas", "mariadb-json-plain", "pg-flattened-json"):
        each = next(each for each in recording(name) if each.kind == "baseline")
        fields = one(DECODERS[name].decode(each.record, name), LeadUpsert).row.fields
        moment = told_at(fields["updated_at"])
        assert moment == pytest.approx(1_793_524_530.654, abs=0.001), name
