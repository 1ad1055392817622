"""What real Debezium connectors wrote, written again to a real broker."""

from pathlib import Path

import pytest

from tests.support import replays
from tests.support.brokers import Broker
from tests.support.playing import await_outcomes, write_anywhere
from tests.support.replays import in_some_order, recording
from tests.support.running import running
from tests.support.scene import LEAD_COLUMN
from tests.support.site import SourceText
from tests.support.writes import out_of_order

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


@pytest.mark.parametrize(
    ("envelope", "names"),
    [
        ("debezium", ("pg-json-plain", "mariadb-json-plain", "pg-special")),
        ("debezium", ("pg-json-schemas",)),
        ("debezium-flat", ("pg-flattened-json",)),
    ],
)
def test_recordings_end_as_their_rows_say(
    kafka: Broker, tmp_path: Path, envelope: str, names: tuple[str, ...]
) -> None:
    """Each record ends as the manifest says; the list holds the last rows, the DNC list the rest.

    The partitions are filled in another order than that of the recordings, which is the same for
    the result. Recordings of one worker have no lead in common.
    """
    lines = in_some_order([line for name in names for line in recording(name)], seed=6)
    topics = sorted({line.topic for line in lines})
    scene = replays.scene(topics)
    leads, endings = replays.ends(lines)
    outs = {lead: end for lead, end in leads.items() if end.opted_out}
    with running(kafka, tmp_path, scene, [SourceText(topics, envelope)]) as run:
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
