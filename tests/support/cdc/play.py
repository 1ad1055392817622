"""Play the life of a CRM's table through a whole pipeline, and compare what is left."""

import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from confluent_kafka import Producer

from tests.support.cdc import crm
from tests.support.cdc.delays import Delays, Mark, delays
from tests.support.cdc.pipeline import Pipeline, pipeline
from tests.support.cdc.shapes import Shape
from tests.support.playing import await_outcomes
from tests.support.scene import DNC_WEST
from tests.support.topics import Read, ends, read_topic
from tests.support.waiting import wait_until

Say = Callable[[str], None]

UNAVAILABLE = b"__debezium_unavailable_value"
MOVED = "__debezium.newkey"
_NUDGED = range(40, 100)
_RENAMED = range(100, 300)
_OPTED_OUT = range(300, 400)
_PAUSE = 0.04
"""Seconds between two timed changes: a busy CRM, and far less than a worker carries."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What a run came to. `wrong` is empty where the books equal the table."""

    records: int
    verdicts: Counter[str]
    contacts: int
    numbers: int
    edits: Delays
    opt_outs: Delays
    wrong: tuple[str, ...]


def play(shape: Shape, say: Say) -> Ending:
    """Run everything once; *say* is told what happens.

    Raises:
        RuntimeError, TimeoutError, AssertionError: a part did not come up, or stopped.
    """
    with pipeline(shape) as running:
        say("PostgreSQL, Kafka, the registry, Connect and the simulator are up")
        running.run.workers.start()
        running.run.workers.wait_ready(120)
        say("the worker is up; Debezium takes its first snapshot while the table is in use")
        running.listen()
        _write_until(running, lambda: _written(running) >= crm.LEADS)
        for step in crm.steps():
            crm.perform(running.database, step)
            say(f"sql: {step.title}")
        _abort(running, crm.DELETED)
        say("kafka: a transaction with an insert, aborted")
        _settle(running, "L-fence-1")
        renamed, opted_out = _timed_changes(running)
        say(f"sql: {len(renamed)} edits and {len(opted_out)} opt-outs, timed")
        _settle(running, "L-fence-2")
        before = _differences(running, "before the incremental snapshot")
        crm.take_snapshot(running.database)
        _write_until(running, lambda: crm.snapshot_taken(running.database))
        say("an incremental snapshot while the table was in use")
        _settle(running, "L-fence-3")
        after = _differences(running, "at the end")
        return _ending(running, renamed, opted_out, (*before, *after))


def _write_until(running: Pipeline, done: Callable[[], bool]) -> None:
    """Keep the table in use until something is done.

    Raises:
        TimeoutError: it is not within a minute.
    """
    leads = itertools.cycle(_NUDGED)

    def write_and_ask() -> bool:
        running.demand_alive()
        for lead in itertools.islice(leads, 10):
            crm.nudge(running.database, _lead(lead))
        return done()

    wait_until(write_and_ask, "a snapshot")


def _written(running: Pipeline) -> int:
    """Count the records in the topic."""
    return sum(ends(running.run.broker, running.shape.topic).values())


def _abort(running: Pipeline, lead: str) -> None:
    """Write the first record of a lead again, in a Kafka transaction that is aborted."""
    topic = running.shape.topic
    records = read_topic(running.run.broker, topic)
    first = next(each for each in records if lead.encode() in (each.key or b""))
    producer = Producer(
        {
            "bootstrap.servers": running.run.broker.bootstrap_servers,
            "transactional.id": "somebody-who-changes-their-mind",
            "log_level": 3,
        }
    )
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(topic, first.value, first.key, first.partition)
    assert producer.flush(30) == 0
    producer.abort_transaction(30)


def _timed_changes(running: Pipeline) -> tuple[dict[Mark, float], dict[Mark, float]]:
    """Edit and opt out; give when each was committed, in seconds since the epoch."""
    renamed: dict[Mark, float] = {}
    opted_out: dict[Mark, float] = {}
    for index, number in enumerate(_RENAMED):
        name = f"Brandtner{number}"
        crm.rename(running.database, _lead(number), name)
        renamed[_lead(number), name] = time.time()
        time.sleep(_PAUSE)
        if index % 2:
            number_out = _OPTED_OUT[index // 2]
            phone = crm.opt_out(running.database, _lead(number_out))
            opted_out[DNC_WEST, phone] = time.time()
            time.sleep(_PAUSE)
    return renamed, opted_out


def _settle(running: Pipeline, fence: str) -> None:
    """Wait until each record of everything that was committed so far has its outcome."""
    feed = running.run.feed
    crm.fence(running.database, fence)

    def passed() -> bool:
        running.demand_alive()
        feed.poll()
        return any(each.lead_id == fence for each in feed.first.values())

    wait_until(passed, f"the outcome of {fence}")
    await_outcomes(running.run.stage, _ids(running))


def _ids(running: Pipeline) -> list[str]:
    return [_coordinates(each) for each in read_topic(running.run.broker, running.shape.topic)]


def _coordinates(record: Read) -> str:
    return f"{record.topic}/{record.partition}/{record.offset}"


def _unseen(records: list[Read]) -> Iterator[str]:
    """Name what the steps are there to bring about and the topic does not hold."""
    if not any(UNAVAILABLE in (each.value or b"") for each in records):
        yield "no record lacks the large text: PostgreSQL logged it each time"
    if not any(name == MOVED for each in records for name, _ in each.headers):
        yield "no record has a changed key"
    if all(each.value is not None for each in records):
        yield "no tombstone follows a delete"


def _lead(number: int) -> str:
    return f"L-{number:04}"


def _differences(running: Pipeline, when: str) -> list[str]:
    """Tell where the platform's books are not what the table says: it must have settled."""
    held, wanted = _dialled(running), crm.callable_cells(running.database)
    numbers, blocked = running.run.control.numbers(DNC_WEST), crm.blocked(running.database)
    return [
        *(
            f"{when}, contact {lead}: the platform has {held.get(lead)}, the table {wanted.get(lead)}"
            for lead in sorted(held.keys() | wanted.keys())
            if held.get(lead) != wanted.get(lead)
        ),
        *(f"{when}, not on the DNC list: {number}" for number in sorted(blocked - numbers)),
        *(f"{when}, on the DNC list of itself: {number}" for number in sorted(numbers - blocked)),
    ]


def _dialled(running: Pipeline) -> dict[str, dict[str, str]]:
    """Give the cells of every contact that the dialler may call, by contact id."""
    contacts = running.run.control.contacts(running.run.site.scene.lists[0].id)
    return {each.id: each.data for each in contacts if each.callable}


def _ending(
    running: Pipeline,
    renamed: dict[Mark, float],
    opted_out: dict[Mark, float],
    differences: tuple[str, ...],
) -> Ending:
    run = running.run
    metrics = run.workers.metrics()
    status = run.workers.newest.terminate()
    run.feed.poll()
    records = read_topic(run.broker, running.shape.topic)
    ids, outcomes = [_coordinates(each) for each in records], run.feed.first
    journal = run.control.journal()
    edits, outs = delays(renamed, journal), delays(opted_out, journal)
    wrong = [
        *differences,
        *(f"no outcome: {each}" for each in run.feed.missing(ids)),
        *(f"outcome of no record: {each}" for each in outcomes if _record(each) not in set(ids)),
        *(f"outcome again: {each.outcome_id}" for each in run.feed.again),
        *(
            f"{each.outcome_id}: rejected, {each.reason}"
            for each in outcomes.values()
            if each.verdict == "rejected"
        ),
        *(f"dead letter from {each.partition}/{each.offset}" for each in run.letters()),
        *(f"never on the platform: {mark}" for mark in (*edits.lost, *outs.lost)),
        *_unseen(records),
        *run.control.complaints(),
        *run.leaks(metrics),
        *([] if status == 0 else [f"the worker ended with {status}"]),
    ]
    verdicts = Counter(each.verdict for each in outcomes.values())
    dialled, numbers = len(_dialled(running)), len(run.control.numbers(DNC_WEST))
    return Ending(len(ids), verdicts, dialled, numbers, edits, outs, tuple(wrong))


def _record(outcome_id: str) -> str:
    """Give the record of an outcome: a second one of the same record ends in `/2`."""
    return "/".join(outcome_id.split("/")[:3])
