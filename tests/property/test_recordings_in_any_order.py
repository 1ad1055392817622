"""What real connectors wrote comes to the same, in whatever order its partitions are read."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from connector.domain.ids import OutcomeId
from connector.domain.record import Record
from connector.planning.conditions import condition
from tests.support import replays
from tests.support.record_world import RecordWorld
from tests.support.recordings import AVRO_RECORDINGS, RECORDINGS, recorded_schemas
from tests.support.replays import Line, in_some_order
from tests.support.sources import FLAT

SEEDS = range(12)
PLAYED = {name: (name,) for name in RECORDINGS} | {"pg-avro": AVRO_RECORDINGS}
"""What is one history: the second of the Avro recordings goes on where the first ends."""
SCHEMAS = recorded_schemas()


def _record(line: Line) -> Record:
    sent = line.sent
    assert sent.partition is not None
    assert sent.timestamp is not None
    return Record(
        line.topic,
        sent.partition,
        line.offset,
        sent.timestamp,
        sent.key,
        sent.value,
        tuple(sent.headers),
    )


def _world(name: str, lines: Sequence[Line]) -> RecordWorld:
    columns = {column: field for column, field in replays.MAPPED.items() if column != "FirstName"}
    return RecordWorld(
        replace(
            FLAT,
            topics=tuple({line.topic for line in lines}),
            envelope=RECORDINGS.get(name, "debezium"),
            encoding="json" if name in RECORDINGS else "avro",
            revision=None,
            named=frozenset(),
            columns={"Name": "first_name", **columns},
            opt_out=condition({"do_not_call": [True], "status": ["DNC"]}),
            quarantine=condition({"status": ["CLOSED"]}),
        ),
        SCHEMAS.get,
    )


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", PLAYED)
def test_any_order_of_partitions_ends_as_the_manifest_says(name: str, seed: int) -> None:
    """One outcome for each record, the rows as they were last, and the numbers blocked."""
    lines = replays.recordings(PLAYED[name])
    world = _world(name, lines)
    leads, endings = replays.ends(lines)
    chance = random.Random(seed)
    waiting = in_some_order(lines, seed)
    while waiting:
        together = chance.choice([1, 1, 4, 30])
        world.take([_record(line) for line in waiting[:together]])
        del waiting[:together]
    told = [world.endings.get(OutcomeId(_record(line).coordinates)) for line in lines]
    wrong = [
        (line.kind, line.lead, ending)
        for line, ending, allowed in zip(lines, told, endings, strict=True)
        if ending not in allowed
    ]
    assert wrong == []
    assert len(world.endings) == len(lines)
    names = {"Name" if column == "FirstName" else column for column in replays.MAPPED}
    assert {lead: {n: row[n] for n in names} for lead, row in world.callable.items()} == {
        lead: {"Name" if n == "FirstName" else n: text for n, text in cells.items()}
        for lead, end in leads.items()
        if (cells := end.cells) is not None
    }
    assert world.platform.blocked == {
        number for end in leads.values() if end.opted_out for number in end.numbers
    }


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", [name for name in PLAYED if name != "pg-special"])
def test_a_lead_spread_over_partitions_ends_the_same(name: str, seed: int) -> None:
    """Where keys moved (another schema id, no key at all) the log's order is all there is.

    Trap 1 of cdc-real.md section 6. Snapshot rows have no place in the log: they come first.
    """
    lines = replays.recordings(PLAYED[name])
    world = _world(name, lines)
    leads, _ = replays.ends(lines)
    chance = random.Random(seed)
    rows = [_record(line) for line in lines if line.kind == "baseline"]
    streamed = [_record(line) for line in lines if line.kind != "baseline"]
    chance.shuffle(streamed)
    world.take(rows)
    for offset, record in enumerate(streamed, 1_000):
        world.take([replace(record, partition=chance.randrange(3), offset=offset)])
    assert len(world.endings) == len(lines)
    assert world.callable.keys() == {lead for lead, end in leads.items() if end.cells is not None}
    for lead, row in world.callable.items():
        cells = leads[lead].cells
        assert cells is not None
        assert (row["Status"], row["Score"]) == (cells["Status"], cells["Score"])
    assert world.platform.blocked == {
        number for end in leads.values() if end.opted_out for number in end.numbers
    }
