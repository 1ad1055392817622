"""The traps of cdc-real.md section 6 that can cost a consumer an opt-out or a row.

Trap 1 is in `test_recordings_in_any_order`, trap 2 in `test_key_changes`. Traps 7 (deletes that
never arrive), 10 (a connector that stopped) and 12 (its own latency) no consumer can see.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from connector.cdc.decoding import Decoder
from connector.domain.change import LeadDelete, LeadOptOut, LeadUpsert
from connector.domain.reason import Reason
from connector.domain.record import Record
from connector.planning.conditions import condition
from tests.support.decoded import no_change, one, refused
from tests.support.record_world import RecordWorld
from tests.support.recordings import RECORDINGS, recording
from tests.support.records import COMMITTED, TOPIC, a_record, debezium, envelope, source_block
from tests.support.sources import DEBEZIUM, DEBEZIUM_FLAT, RECORDED

MOBILE, HOME = "+12125550101", "+12125550151"
ROW: Mapping[str, object] = {"lead_id": "L-1", "phone_mobile": MOBILE, "do_not_call": False}
OUT = {**ROW, "do_not_call": True}
UNAVAILABLE = "__debezium_unavailable_value"
SPECS = {"debezium": DEBEZIUM, "debezium-flat": DEBEZIUM_FLAT}
Written = Callable[[str, Mapping[str, object], int, int], Record]


def _enveloped(op: str, row: Mapping[str, object], lsn: int, offset: int) -> Record:
    snapshot = "incremental" if op == "r" else "false"
    return debezium(op, row, offset=offset, lsn=lsn, ts_us=lsn, snapshot=snapshot)


def _flattened(op: str, row: Mapping[str, object], lsn: int, offset: int) -> Record:
    snapshot = "incremental" if op == "r" else None
    added = {"__op": op, "__source_lsn": lsn, "__source_ts_us": lsn, "__source_snapshot": snapshot}
    return a_record({**row, **added}, {"lead_id": row["lead_id"]}, offset=offset)


WRITTEN: Mapping[str, Written] = {"debezium": _enveloped, "debezium-flat": _flattened}


def _world(name: str) -> RecordWorld:
    return RecordWorld(
        replace(
            SPECS[name],
            topics=(TOPIC,),
            columns={"Name": "first_name", "Mobile": "phone_mobile", "Notes": "notes"},
            phones={"Mobile": "cell"},
        )
    )


@pytest.mark.parametrize("name", ["pg-json-plain", "pg-json-schemas", "pg-flattened-json"])
def test_trap_3_a_delete_under_the_default_replica_identity_has_no_flags(name: str) -> None:
    """What the row says of itself is a column's default: a rule that it meets is not met."""
    defaults = condition({"status": ["NEW"], "do_not_call": [False]})
    decoder = Decoder(replace(RECORDED, envelope=RECORDINGS[name], opt_out=defaults))
    (deleted,) = [
        each for each in recording(name) if each.kind == "delete" and each.lead_id == "D-2101"
    ]
    assert b'"status":"NEW"' in (deleted.record.value or b"")
    assert one(decoder.decode(deleted.record, name), LeadDelete).lead == "D-2101"


@pytest.mark.parametrize("name", WRITTEN)
def test_trap_4_what_the_database_did_not_log_stays_as_it_is(name: str) -> None:
    """The contact keeps its text, and null is really null; the marker is never sent on."""
    world, written = _world(name), WRITTEN[name]
    world.take([written("c", {**ROW, "notes": "long", "first_name": "Ana"}, 1, 0)])
    world.take([written("u", {**ROW, "notes": UNAVAILABLE, "first_name": None}, 2, 1)])
    contact = world.contact("L-1")
    assert contact is not None
    assert (contact.data["Notes"], contact.data["Name"]) == ("long", "")
    world.take([written("u", {**ROW, "notes": None}, 3, 2)])
    cleared = world.contact("L-1")
    assert cleared is not None
    assert cleared.data["Notes"] == ""


@pytest.mark.parametrize("name", WRITTEN)
def test_trap_4_a_number_that_was_not_logged_stays_and_is_blocked(name: str) -> None:
    """It is neither bad nor gone, and an opt-out finds it on the contact."""
    world, written = _world(name), WRITTEN[name]
    world.take([written("c", {**ROW, "first_name": "Ana"}, 1, 0)])
    world.take([written("u", {**ROW, "phone_mobile": UNAVAILABLE, "first_name": "B"}, 2, 1)])
    assert world.callable["L-1"]["Mobile"] == MOBILE
    assert world.callable["L-1"]["Name"] == "B"
    world.take([written("u", {**OUT, "phone_mobile": UNAVAILABLE}, 3, 2)])
    assert world.callable == {}
    assert world.platform.blocked == {MOBILE}


@pytest.mark.parametrize("name", WRITTEN)
def test_trap_4_a_flag_that_was_not_logged_says_nothing(name: str) -> None:
    """It opts nobody out and takes no opt-out back."""
    world, written = _world(name), WRITTEN[name]
    world.take([written("c", ROW, 1, 0)])
    world.take([written("u", {**ROW, "do_not_call": UNAVAILABLE}, 2, 1)])
    assert world.callable.keys() == {"L-1"}
    world.take([written("u", OUT, 3, 2)])
    world.take([written("u", {**ROW, "do_not_call": UNAVAILABLE}, 4, 3)])
    assert world.callable == {}
    assert world.endings.popitem()[1][0] == "suppressed"


@pytest.mark.parametrize("name", WRITTEN)
def test_trap_4_nobody_is_called_by_the_marker(name: str) -> None:
    """A lead id that was not logged names no lead."""
    record = WRITTEN[name]("u", {**OUT, "lead_id": UNAVAILABLE}, 1, 0)
    decoded = refused(Decoder(SPECS[name]).decode(record, "t"))
    assert (decoded.reason, decoded.lead) == (Reason.LEAD_ID_MISSING, None)


@pytest.mark.parametrize("before", [None, ROW, OUT])
def test_trap_5_the_flag_after_the_change_counts(before: Mapping[str, object] | None) -> None:
    """No comparison of before and after is needed, and none is made."""
    decoder = Decoder(DEBEZIUM)
    one(decoder.decode(debezium("u", OUT, before), "t"), LeadOptOut)
    one(decoder.decode(debezium("u", ROW, before), "t"), LeadUpsert)


def test_trap_6_a_column_named_source_makes_no_envelope() -> None:
    """Flattened rows are refused where envelopes are expected, and the text says what to set."""
    decoder = Decoder(DEBEZIUM)
    rows = [each for each in recording("pg-flattened-json") if each.lead_id is not None]
    assert any(b'"source":"web-form"' in (each.record.value or b"") for each in rows)
    for each in rows:
        assert "debezium-flat" in refused(decoder.decode(each.record, "t")).text


@pytest.mark.parametrize("name", ["pg-json-plain", "mariadb-json-plain", "pg-flattened-json"])
def test_trap_8_a_snapshot_that_is_read_again_undoes_nothing(name: str) -> None:
    """It shows the rows as they are now; the changes that led there come again behind it."""
    lines = recording(name)
    topics = tuple({each.record.topic for each in lines})
    columns = {"Name": "first_name", "Mobile": "phone_mobile", "Score": "score"}
    spec = replace(RECORDED, envelope=RECORDINGS[name], topics=topics, columns=columns)
    world = RecordWorld(replace(spec, phones={"Mobile": "cell"}, named=frozenset()))
    world.take([each.record for each in lines])
    once = dict(world.callable)
    opted_out = {each.lead_id for each in lines if each.kind == "optout"}
    last = {each.lead_id: each for each in lines if each.lead_id is not None}
    there = [each.record for each in last.values() if each.lead_id in once or "opt" in each.kind]
    again = [_read_again(record) for record in there]
    again += [each.record for each in lines if each.kind not in ("baseline", "ignore", "other")]
    for offset, record in enumerate(again, 1_000):
        world.take([replace(record, offset=offset)])
        assert not opted_out & world.callable.keys()
    assert len(once) > 2
    assert world.callable == once


def _read_again(record: Record) -> Record:
    """Make a snapshot's row of a streamed one."""
    value = json.loads(record.value or b"")
    if "after" in value:
        value["op"], value["source"]["snapshot"] = "r", "true"
    else:
        value["__op"], value["__source_snapshot"] = "r", "first"
    return replace(record, value=json.dumps(value).encode())


@pytest.mark.parametrize("name", WRITTEN)
def test_a_snapshot_row_hides_no_change_with_a_lower_position(name: str) -> None:
    """A transaction that was open across the snapshot: its opt-out has a lower position than the
    row that the snapshot read before it (cdc-real.md section 5).
    """
    world, written = _world(name), WRITTEN[name]
    world.take([written("r", ROW, 900, 0)])
    world.take([written("u", {**ROW, "first_name": "B"}, 400, 1)])
    assert world.callable["L-1"]["Name"] == "B"
    world.take([written("u", OUT, 500, 2)])
    assert world.callable == {}
    assert [ending for ending, _ in world.endings.values()] == ["applied"] * 3


@pytest.mark.parametrize("name", WRITTEN)
def test_a_snapshot_row_opts_out_and_takes_no_opt_out_back(name: str) -> None:
    """It is a state: the flag in it counts, its absence may be older than the opt-out."""
    world, written = _world(name), WRITTEN[name]
    world.take([written("r", OUT, 900, 0)])
    world.take([written("r", ROW, 950, 1)])
    assert list(world.endings.values()) == [("applied", None), ("suppressed", "opted_out")]
    assert world.platform.blocked == {MOBILE}


def test_trap_9_odd_values_are_text_and_break_nothing() -> None:
    """A number that is none is null or a word, a date beyond all calendars a number."""
    fields = ("ts", "tstz", "d", "n", "v", "f", "t", "blob")
    spec = replace(DEBEZIUM, lead_id="id", named=frozenset(fields), columns={}, phones={})
    decoder = Decoder(replace(spec, opt_out={}, quarantine={}))
    rows = {
        str(change.lead): change.row.fields
        for each in recording("pg-special")
        for change in [one(decoder.decode(each.record, "t"), LeadUpsert)]
    }
    assert len(rows) == 11
    assert (rows["1"]["f"], rows["1"]["blob"]) == ("0.1", "AP8=")
    assert (rows["2"]["tstz"], rows["2"]["d"]) == ("infinity", "-2147472692")
    assert rows["3"]["ts"] == "-9223372036832400000"
    assert rows["4"]["tstz"] == "-0043-03-15T04:56:02.000000Z"
    assert (rows["6"]["f"], rows["7"]["f"]) == ("NaN", "Infinity")
    assert (rows["9"]["v"], rows["10"]["n"], rows["11"]["v"]) == ("", "", "")


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize(
    "kind", ["execute-snapshot", "snapshot-window-open", "snapshot-window-close"]
)
def test_trap_11_signals_are_no_leads(name: str, kind: str) -> None:
    """The table is another one, whatever the signal says."""
    row = {"id": f"x-{kind}", "type": kind, "data": "{}"}
    value = row if name == "debezium-flat" else envelope("c", row)
    record = a_record(value, {"id": row["id"]})
    assert no_change(Decoder(SPECS[name]).decode(record, "t")).key is None


def test_trap_13_the_commit_time_is_the_database_s() -> None:
    """Neither the record's time nor that of the connector, which a backlog makes later."""
    late = envelope("u", ROW) | {"ts_ms": COMMITTED + 3_600_000}
    record = a_record(late, timestamp=COMMITTED + 7_200_000)
    change = one(Decoder(DEBEZIUM).decode(record, "t"), LeadUpsert)
    assert change.revision.commit_time == source_block()["ts_ms"]
    flattened = {**ROW, "__op": "u", "__source_ts_ms": COMMITTED, "__ts_ms": COMMITTED + 9}
    change = one(Decoder(DEBEZIUM_FLAT).decode(a_record(flattened), "t"), LeadUpsert)
    assert change.revision.commit_time == COMMITTED
