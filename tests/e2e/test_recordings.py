"""What real Debezium connectors wrote, written again to a real broker."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import replays
from tests.support.brokers import Broker
from tests.support.playing import await_outcomes, write_anywhere
from tests.support.replays import in_some_order, recordings
from tests.support.running import running
from tests.support.scene import LEAD_COLUMN
from tests.support.schema_registry import SchemaRegistry, schema_registry
from tests.support.site import SourceText
from tests.support.writes import out_of_order

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


@contextmanager
def recorded_registry() -> Iterator[SchemaRegistry]:
    """Run a registry that knows the schemas of the recordings by the ids that they had."""
    with schema_registry() as registry:
        for schema_id, schema in replays.schemas().items():
            registry.books.put(schema_id, schema)
        yield registry


@dataclass(frozen=True, slots=True)
class Played:
    """Recordings that one worker plays; they have no lead in common, or are one history."""

    names: Sequence[str]
    envelope: str = "debezium"
    encoding: str = "json"


@pytest.mark.parametrize(
    "played",
    [
        Played(("pg-json-plain", "mariadb-json-plain", "pg-special")),
        Played(("pg-json-schemas",)),
        Played(("pg-flattened-json",), envelope="debezium-flat"),
        Played(("pg-avro", "pg-avro-edge"), encoding="avro"),
    ],
    ids=lambda played: played.names[0],
)
def test_recordings_end_as_their_rows_say(kafka: Broker, tmp_path: Path, played: Played) -> None:
    """Each record ends as the manifest says; the list holds the last rows, the DNC list the rest.

    The partitions are filled in another order than that of the recordings, which is the same for
    the result.
    """
    lines = in_some_order(recordings(played.names), seed=6)
    topics = sorted({line.topic for line in lines})
    scene = replays.scene(topics)
    leads, endings = replays.ends(lines)
    outs = {lead: end for lead, end in leads.items() if end.opted_out}
    sources = [SourceText(topics, played.envelope, encoding=played.encoding)]
    with ExitStack() as stack:
        registry = stack.enter_context(recorded_registry()) if played.encoding == "avro" else None
        run = stack.enter_context(running(kafka, tmp_path, scene, sources, registry=registry))
        run.control.watch(outs)
        worker = run.workers.start()
        ids = write_anywhere(kafka, [(line.topic, line.sent) for line in lines])
        await_outcomes(run.stage, ids)
        metrics = run.workers.metrics()
        assert worker.terminate() == 0
        run.feed.poll()
        wrong = [
            (line.kind, line.lead, outcome_id, outcome.verdict, outcome.reason)
            for line, outcome_id, allowed in zip(lines, ids, endings, strict=True)
            if ((outcome := run.feed.first[outcome_id]).verdict, outcome.reason) not in allowed
        ]
        assert wrong == []
        assert set(run.feed.first) == set(ids)
        (contacts,) = (run.control.contacts(each.id) for each in scene.lists)
        callable_ = {contact.id: contact.data for contact in contacts if contact.callable}
        assert callable_ == {
            lead: {LEAD_COLUMN: lead} | cells
            for lead, end in leads.items()
            if (cells := end.cells) is not None
        }
        assert {contact.id for contact in contacts} <= set(leads)
        blocked = {number for end in outs.values() for number in end.numbers}
        assert blocked
        assert run.control.numbers(scene.dnc_lists[0]) == blocked
        assert run.letters() == []
        complaints = run.control.complaints()
        assert not complaints, "\n".join(complaints)
        assert out_of_order(run.control.journal()) == []
        assert run.leaks(metrics) == []
