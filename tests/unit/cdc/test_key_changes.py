"""How a lead goes on under another id: trap 2 of cdc-real.md section 6.

A connector writes a delete of the old key, its tombstone, and a create of the new key. Both keys
have partitions of their own, so that either half can be read first.
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from connector.domain.record import Headers, Record
from tests.support.record_world import RecordWorld
from tests.support.records import TOPIC, a_record, envelope
from tests.support.sources import DEBEZIUM, DEBEZIUM_FLAT

MOBILE, WORK = "+12125550101", "+12125550151"
OLD, NEW = "L-1", "L-2"
MOVED: Headers = (("__debezium.newkey", b'{"lead_id":"L-2"}'),)
CAME: Headers = (("__debezium.oldkey", b'{"lead_id":"L-1"}'),)
SPECS = {"debezium": DEBEZIUM, "debezium-flat": DEBEZIUM_FLAT}


def _value(name: str, op: str, lsn: int, **row: object) -> Mapping[str, object]:
    if name == "debezium":
        before, after = (row, None) if op == "d" else (None, row)
        return envelope(op, after, before, lsn=lsn, ts_us=lsn * 1_000)
    added = {"__op": op, "__source_lsn": lsn, "__source_ts_us": lsn * 1_000}
    return {**row, **added, "__deleted": "true" if op == "d" else "false"}


def _record(name: str, op: str, lead: str, lsn: int, **row: object) -> Record:
    value = _value(name, op, lsn, lead_id=lead, phone_mobile=MOBILE, **row)
    headers = {"d": MOVED, "c": CAME if lead == NEW else ()}.get(op, ())
    return a_record(value, {"lead_id": lead}, headers)


def _histories(name: str, *, opt_out: str) -> Iterator[tuple[Record, ...]]:
    """Write what the two partitions hold, and read them in every order."""
    out = {"do_not_call": True}
    old = [
        _record(name, "c", OLD, 10),
        *([_record(name, "u", OLD, 20, **out)] if opt_out == "before" else []),
        _record(name, "d", OLD, 30),
        a_record(None, {"lead_id": OLD}, MOVED),
        *([_record(name, "u", OLD, 25, **out)] if opt_out == "late" else []),
    ]
    new = [
        _record(name, "c", NEW, 30, first_name="Ana"),
        _record(name, "u", NEW, 40, first_name="B", phone_home=WORK),
    ]
    placed = [
        [replace(record, partition=at, offset=offset) for offset, record in enumerate(held)]
        for at, held in enumerate((old, new))
    ]
    for turns in set(itertools.permutations([0] * len(old) + [1] * len(new))):
        left = [iter(held) for held in placed]
        yield tuple(next(left[at]) for at in turns)


def _world(name: str) -> RecordWorld:
    columns = {"Name": "first_name", "Mobile": "phone_mobile", "Home": "phone_home"}
    spec = replace(SPECS[name], topics=(TOPIC,), columns=columns)
    return RecordWorld(replace(spec, phones={"Mobile": "cell", "Home": "home"}))


@pytest.mark.parametrize("name", SPECS)
def test_the_person_goes_on_under_the_new_id(name: str) -> None:
    """Whichever half comes first: the old contact is switched off, the new one may be called."""
    for history in _histories(name, opt_out="never"):
        world = _world(name)
        for record in history:
            world.take([record])
        assert world.callable.keys() == {NEW}
        assert world.callable[NEW]["Name"] == "B"
        assert len(world.endings) == len(history)


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("opt_out", ["before", "late"])
@pytest.mark.parametrize("name", SPECS)
def test_an_opt_out_of_the_old_id_follows_to_the_new_one(
    name: str, opt_out: str, *, together: bool
) -> None:
    """The flag is in no record of the new id: it comes from the old one, in every order."""
    for history in _histories(name, opt_out=opt_out):
        world = _world(name)
        for records in [history] if together else [[record] for record in history]:
            world.take(records)
        assert world.callable == {}, [record.coordinates for record in history]
        assert world.platform.blocked == {MOBILE, WORK}
        assert len(world.endings) == len(history) + 1
        followed = [ending for at, ending in world.endings.items() if at.endswith("/2")]
        assert followed[0][0] in ("applied", "unchanged")
