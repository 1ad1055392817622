"""Texts of the settings for texts of the source, and time zones that the dialler cannot read."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.brokers import Broker
from tests.support.playing import await_outcomes, write_anywhere
from tests.support.records import as_json
from tests.support.running import Running, application, running
from tests.support.scene import Scene, flat_scene
from tests.support.site import SourceText
from tests.support.topics import Sent

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

VALUES = """
[mapping.values.TimeZone]
" Eastern" = "America/New_York"
"" = "America/Chicago"
"""
UNREADABLE = ("applied", "time_zone_invalid")
APPLIED = ("applied", None)
ZONES = {
    "America/Los_Angeles": ("America/Los_Angeles", APPLIED),
    "  Eastern  ": ("America/New_York", APPLIED),
    "": ("America/Chicago", APPLIED),
    "eastern": ("eastern", UNREADABLE),
    "Pacific": ("Pacific", UNREADABLE),
}
"""What the source says: the cell, and how the record ends."""


def _scene() -> Scene:
    """Make the scene of the main job; `west` calls mobiles by their time zone."""
    scene = flat_scene(f"{application()}-leads", "updated_at")
    lists = [
        replace(each, zones={"Mobile": "TimeZone"}) if each.name == "west" else each
        for each in scene.lists
    ]
    return replace(scene, lists=tuple(lists))


def _rows(run: Running) -> list[Sent]:
    plain = dict.fromkeys(run.site.scene.mapped.values(), "")
    return [
        Sent(
            lead.encode(),
            as_json(
                plain
                | {"lead_id": lead, "phone_mobile": f"+1201555010{at}", "state": "CA"}
                | {"time_zone": zone, "updated_at": "2026-11-01T09:00:00Z"}
            ),
        )
        for at, (lead, zone) in enumerate((f"lead-{at}", zone) for at, zone in enumerate(ZONES))
    ]


def test_time_zones_are_translated_and_judged(kafka: Broker, tmp_path: Path) -> None:
    """The source's text counts trimmed; a name that the tz database lacks is written as it is,
    told in the outcome, and counted.
    """
    scene = _scene()
    extra = {"mapping.quarantine": VALUES}
    with running(kafka, tmp_path, scene, [SourceText([scene.topic], "flat")], extra=extra) as run:
        worker = run.workers.start()
        ids = write_anywhere(kafka, [(scene.topic, each) for each in _rows(run)])
        await_outcomes(run.stage, ids)
        endings = [(run.feed.first[each].verdict, run.feed.first[each].reason) for each in ids]
        assert endings == [ending for _, ending in ZONES.values()]
        cells = {each.id: each.data["TimeZone"] for each in run.control.contacts(west(scene))}
        assert cells == {f"lead-{at}": cell for at, (cell, _) in enumerate(ZONES.values())}
        metrics = run.workers.metrics()
        counted = [line for line in metrics.splitlines() if "time_zone_invalid" in line]
        assert [line for line in counted if line.endswith(" 2.0")], counted
        assert run.control.complaints() == []
        assert worker.terminate() == 0
        assert run.leaks(metrics) == []


def west(scene: Scene) -> str:
    """Name the list whose calls go by the time zone."""
    return scene.list_named("west").id
