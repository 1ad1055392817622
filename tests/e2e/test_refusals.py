"""What the connector refuses: settings, an environment, a record."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.brokers import Broker
from tests.support.playing import await_outcomes, write_anywhere
from tests.support.running import application, make_own_topics, running
from tests.support.scene import Scene, flat_scene
from tests.support.site import STATE_SECRET, Site, SourceText
from tests.support.topics import Sent, create_topics
from tests.support.worker import command, document, simulator

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

MEBIBYTE = 1_048_576
"""A broker's and a producer's default for the largest record."""


def _site(kafka: Broker, directory: Path) -> Site:
    scene = flat_scene(f"{application()}-leads", None)
    source = SourceText([scene.topic], "flat")
    return Site(directory, kafka.bootstrap_servers, application(), scene, [source])


@pytest.mark.parametrize("words", [("check",), ("run",)])
def test_a_list_without_a_mapped_column_is_refused_by_name(
    kafka: Broker, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """`check` and `run` end with 3 and name every column that the list lacks."""
    site = _site(kafka, tmp_path)
    without = tuple(
        column
        for column in site.scene.list_named("east").columns
        if column not in ("TimeZone", "Home")
    )
    site = replace(site, platform_columns={"east": without})
    create_topics(kafka, [site.scene.topic], site.scene.partitions)
    with simulator(site):
        make_own_topics(kafka, site)
        refused = command(site, *words)
    said = refused.stdout + refused.stderr
    assert refused.returncode == 3, said
    assert "TimeZone" in said
    assert "Home" in said
    assert "FirstName" not in said


def test_check_tells_a_missing_column_as_json(kafka: Broker, tmp_path: Path) -> None:
    """The one document of `check --json` says which check failed, and `ok` is false."""
    site = _site(kafka, tmp_path)
    without = tuple(c for c in site.scene.list_named("west").columns if c != "TimeZone")
    site = replace(site, platform_columns={"west": without})
    create_topics(kafka, [site.scene.topic], site.scene.partitions)
    with simulator(site):
        refused = command(site, "check", "--json")
    told = document(refused)
    assert refused.returncode == 3
    assert isinstance(told, dict)
    assert told["ok"] is False
    failed = [each for each in told["checks"] if each["level"] == "fail"]
    assert any("TimeZone" in each["detail"] for each in failed)


def test_every_mistake_of_the_settings_has_its_line(kafka: Broker, tmp_path: Path) -> None:
    """Four mistakes: exit 2 and four lines, each with its path; no value is repeated."""
    site = _site(kafka, tmp_path)
    site.write("http://127.0.0.1:9")
    text = site.settings.read_text()
    text = text.replace('client_secret = "', 'client_secrets = "')
    text = text.replace('session_timeout = "6s"', 'session_timeout = "soon"')
    text = text.replace("partitions = 4", "partitions = 0")
    text = text.replace(f'secret = "{STATE_SECRET}"', "")
    site.settings.write_text(text)
    for words in (("check",), ("run",)):
        refused = command(site, *words)
        assert refused.returncode == 2
        lines = [line for line in refused.stderr.splitlines() if line.strip()]
        paths = (
            "genesys.client_secrets",
            "state.secret: missing",
            "kafka.session_timeout",
            "kafka.partitions",
        )
        assert len(lines) == len(paths), refused.stderr
        for path in paths:
            assert sum(path in line for line in lines) == 1, (path, refused.stderr)
        assert "platform-secret" not in refused.stdout + refused.stderr


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(b"{broken", id="small"),
        pytest.param(b"{broken" + b"x" * (2 * MEBIBYTE), id="larger than any default"),
    ],
)
def test_a_broken_record_between_two_good_ones_affects_itself_only(
    kafka: Broker, tmp_path: Path, broken: bytes
) -> None:
    """One dead letter with the original bytes, key and headers, and two good outcomes."""
    if len(broken) > MEBIBYTE and not kafka.real:
        broken = broken[: MEBIBYTE // 2]  # the embedded broker has no setting for larger ones
    scene = flat_scene(f"{application()}-leads", None)
    source = SourceText([scene.topic], "flat")
    headers = (("origin", b"crm"), ("trace", b"\x00\xff"))
    records = [
        Sent(b"one", _row(scene, "one", "+12015550101"), partition=1),
        Sent(b"two", broken, headers, partition=1),
        Sent(b"three", _row(scene, "three", "+12015550102"), partition=1),
    ]
    large = {"max.message.bytes": str(4 * MEBIBYTE)}
    with running(kafka, tmp_path, scene, [source], topic_config=large) as run:
        worker = run.workers.start()
        ids = write_anywhere(kafka, [(scene.topic, record) for record in records])
        await_outcomes(run.stage, ids)
        metrics = run.workers.metrics()
        assert worker.terminate() == 0
        run.feed.poll()
        endings = [run.feed.first[each] for each in ids]
        assert [each.verdict for each in endings] == ["applied", "rejected", "applied"]
        assert endings[1].reason == "undecodable"
        (letter,) = run.letters()
        assert (letter.key, letter.value) == (records[1].key, records[1].value)
        found = dict(letter.headers)
        assert found.items() >= dict(headers).items()
        assert found["connector.reason"] == b"undecodable"
        assert found["connector.stage"] == b"decode"
        assert found["connector.source"] == ids[1].encode()
        assert {each.id for each in run.control.contacts(scene.lists[0].id)} == {"one", "three"}
        complaints = run.control.complaints()
        assert not complaints, "\n".join(complaints)
        assert run.leaks(metrics) == []


def _row(scene: Scene, lead: str, number: str) -> bytes:
    row = dict.fromkeys(scene.mapped.values(), "") | {
        "lead_id": lead,
        "first_name": "Adaeze",
        "phone_mobile": number,
        "state": "CA",
        "do_not_call": "false",
    }
    return json.dumps(row).encode()
