"""`connector offsets show` and `reset` against a broker."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition

from tests.support import brokers
from tests.support.brokers import Broker
from tests.support.running import application, make_own_topics
from tests.support.scene import flat_scene
from tests.support.site import Site, SourceText
from tests.support.topics import Sent, create_topics, produce, read_topic
from tests.support.waiting import wait_until
from tests.support.worker import command, document

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.skipif(
        brokers.missing() is not None, reason=f"no Apache Kafka: {brokers.missing()}"
    ),
]
DAY = 1_800_000_000_000


@pytest.fixture
def site(kafka: Broker, tmp_path: Path) -> Site:
    """A connector with two sources of two partitions: 4 records, 1 record; none; 2 records."""
    name = application()
    scene = flat_scene(f"{name}-leads", None)
    topics = [f"{name}-leads", f"{name}-more"]
    create_topics(kafka, topics, 2, {"message.timestamp.after.max.ms": "9223372036854775807"})
    written = [(0, DAY), (0, DAY + 1), (0, DAY + 2), (0, DAY + 3), (1, DAY)]
    produce(kafka, topics[0], [Sent(b"k", b"{}", (), p, at) for p, at in written])
    produce(kafka, topics[1], [Sent(b"k", b"{}", (), 1, DAY + 9)] * 2)
    sources = [SourceText([topics[0]], "flat", "a"), SourceText([topics[1]], "flat", "b")]
    made = Site(tmp_path, kafka.bootstrap_servers, name, scene, sources)
    made.write("http://127.0.0.1:1")
    make_own_topics(kafka, made)
    return made


def told(site: Site, *words: str) -> list[tuple[object, ...]]:
    """Run a command; give committed, end and lag of each partition, in order."""
    finished = command(site, "offsets", *words, "--json")
    assert finished.returncode == 0, finished.stderr
    rows = document(finished)
    assert isinstance(rows, list)
    names = [f"{site.application_id}-{name}" for name in ("leads", "leads", "more", "more")]
    assert [(row["topic"], row["partition"]) for row in rows] == list(
        zip(names, (0, 1, 0, 1), strict=True)
    )
    return [(row["committed"], row["end"], row["lag"]) for row in rows]


@contextmanager
def a_member(site: Site) -> Iterator[None]:
    """Let somebody be a member of the group."""
    consumer = Consumer(
        {"bootstrap.servers": site.bootstrap_servers, "group.id": site.application_id}
    )
    consumer.subscribe([f"{site.application_id}-leads"])

    def joined() -> bool:
        consumer.poll(0.1)
        return bool(consumer.assignment())

    wait_until(joined, "a member of the group")
    try:
        yield
    finally:
        consumer.close()


def test_every_partition_of_the_sources_is_shown(site: Site) -> None:
    """Also those without a commit, whose lag is all that there is; people read the same."""
    assert told(site, "show") == [(None, 4, 4), (None, 1, 1), (None, 0, 0), (None, 2, 2)]
    lines = command(site, "offsets", "show").stdout.splitlines()
    assert [" ".join(line.split()[1:]) for line in lines[:2]] == [
        "committed none end 4 lag 4",
        "committed none end 1 lag 1",
    ]
    assert lines[-1] == "7 offsets lie before the workers"


def test_the_group_is_moved_each_way(site: Site, kafka: Broker) -> None:
    """To the end, the beginning, a moment and an offset; it stays where nothing is named."""
    assert told(site, "reset", "--latest", "--by", "Ines") == [
        (4, 4, 0),
        (1, 1, 0),
        (0, 0, 0),
        (2, 2, 0),
    ]
    assert told(site, "reset", "--earliest")[:2] == [(0, 4, 4), (0, 1, 1)]
    moved = told(site, "reset", "--since", "2027-01-15T08:00:00.002Z")
    assert moved == [(2, 4, 2), (1, 1, 0), (0, 0, 0), (0, 2, 2)]
    leads = f"{site.application_id}-leads"
    assert told(site, "reset", "--from", f"{leads}/0/3") == [(3, 4, 1), *moved[1:]]
    ends = told(site, "reset", "--latest", "--topic", f"{site.application_id}-more")
    assert ends == [(3, 4, 1), (1, 1, 0), (0, 0, 0), (2, 2, 0)]
    assert told(site, "show") == ends
    records = [r for r in read_topic(kafka, site.topic("control")) if r.value is not None]
    resets = [json.loads(r.value or b"") for r in records if r.key and r.key.startswith(b"offsets-reset/")]  # fmt: skip
    assert [each["by"] for each in resets] == ["Ines", None, None, None, None]
    assert resets[3]["to"] == {f"{leads}/0": 3}


def test_a_group_with_members_stays(site: Site) -> None:
    """Exit 4, whatever the way; once they have left it is moved."""
    with a_member(site):
        for way in (["--earliest"], ["--since", "1h"]):
            refused = command(site, "offsets", "reset", *way)
            assert refused.returncode == 4
            assert refused.stderr.splitlines() == [
                f"workers of {site.application_id} run; nothing was moved",
                "stop them all, wait for kafka.session_timeout, then run the same again",
            ]
        assert told(site, "show")[0][0] is None
    assert told(site, "reset", "--latest")[0] == (4, 4, 0)


def test_offsets_that_are_not_there_are_refused(site: Site) -> None:
    """Exit 2 and what there is; nothing was moved."""
    leads = f"{site.application_id}-leads"
    wrong = ("--from", f"{leads}/0/5", "--from", f"{leads}/9/0", "--from", f"{leads}/1/1")
    refused = command(site, "offsets", "reset", *wrong)
    assert refused.returncode == 2
    assert refused.stderr.splitlines() == [
        f"--from: {leads}/0 has the offsets 0 to 4",
        f"--from: {leads}/9 is no partition of the sources",
    ]
    assert told(site, "show")[1][0] is None


def test_a_source_topic_that_is_missing_is_told(site: Site) -> None:
    """Exit 3, with what to do next."""
    text = site.settings.read_text()
    site.settings.write_text(text.replace(f"{site.application_id}-more", "nowhere"))
    for words in (("show",), ("reset", "--latest")):
        refused = command(site, "offsets", *words)
        assert refused.returncode == 3
        assert refused.stderr.splitlines() == [
            "nowhere is missing; see that its name is right",
            "see to it, then run the same again",
        ]


def test_our_own_topics_can_be_looked_at(site: Site) -> None:
    """By name: the workers commit there too."""
    finished = command(site, "offsets", "show", "--topic", site.topic("lead-changes"), "--json")
    rows = document(finished)
    assert isinstance(rows, list)
    assert [row["partition"] for row in rows] == [0, 1, 2, 3]


def test_a_moved_group_is_read_from_there(site: Site) -> None:
    """What is committed is what a member of the group would read next."""
    told(site, "reset", "--since", "2027-01-15T08:00:00.002Z")
    consumer = Consumer(
        {"bootstrap.servers": site.bootstrap_servers, "group.id": site.application_id}
    )
    asked = [TopicPartition(f"{site.application_id}-leads", 0)]
    assert consumer.committed(asked, timeout=10)[0].offset == 2
    consumer.close()
