"""The brokers that the other tests stand on."""

import time
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition

from tests.support import brokers
from tests.support.brokers import Broker, Embedded, any_broker, kafka_brokers
from tests.support.topics import Sent, committed, create_topics, ends, produce, read_topic

pytestmark = pytest.mark.kafka
needs_kafka = pytest.mark.skipif(
    brokers.missing() is not None, reason=f"no Apache Kafka: {brokers.missing()}"
)


def test_records_come_back_as_they_were_written(kafka: Broker) -> None:
    """Keys, values, headers and times survive, a tombstone too; the end offsets count them."""
    create_topics(kafka, ["brokers-roundtrip"])
    records = [
        Sent(b"a", b"1", headers=[("h", b"x"), ("n", None)], timestamp=1_700_000_000_000),
        Sent(b"a", None),
        Sent(None, b"3", partition=2),
    ]
    assert produce(kafka, "brokers-roundtrip", records) == 3
    read = read_topic(kafka, "brokers-roundtrip")
    keyed = [each for each in read if each.key == b"a"]
    assert [each.value for each in keyed] == [b"1", None]
    assert len({each.partition for each in keyed}) == 1
    assert keyed[0].headers == (("h", b"x"), ("n", None))
    assert keyed[0].timestamp == 1_700_000_000_000
    assert [each.partition for each in read if each.key is None] == [2]
    assert sum(ends(kafka, "brokers-roundtrip").values()) == 3


def test_committed_offsets_of_a_group_are_told(kafka: Broker) -> None:
    """Only the partitions that the group committed are named."""
    create_topics(kafka, ["brokers-commits"])
    produce(kafka, "brokers-commits", [Sent(b"k", b"v", partition=1)])
    member = Consumer({"bootstrap.servers": kafka.bootstrap_servers, "group.id": "brokers-group"})
    member.commit(offsets=[TopicPartition("brokers-commits", 1, 1)], asynchronous=False)
    member.close()
    assert committed(kafka, "brokers-group", "brokers-commits") == {1: 1}


def test_the_embedded_broker_has_its_own_count_of_partitions() -> None:
    """It refuses another count, for it would silently give 4."""
    embedded = Embedded()
    with pytest.raises(ValueError, match="4 partitions"):
        create_topics(embedded, ["brokers-embedded"], partitions=8)
    create_topics(embedded, ["brokers-embedded"])
    assert len(ends(embedded, "brokers-embedded")) == 4
    embedded.close()


def test_without_jars_the_embedded_broker_serves_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line names what is missing."""
    monkeypatch.setattr(brokers, "LIBS", tmp_path)
    monkeypatch.delenv("CI", raising=False)
    said: list[str] = []
    with any_broker(said.append) as broker:
        assert not broker.real
    assert len(said) == 1
    assert "embedded" in said[0]


def test_on_ci_the_embedded_broker_is_not_good_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With CI set the tests fail in place of testing less."""
    monkeypatch.setattr(brokers, "LIBS", tmp_path)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(RuntimeError, match="Apache Kafka"), any_broker(print):
        pass


@needs_kafka
def test_three_brokers_survive_the_death_of_one() -> None:
    """What was acknowledged is there while a broker is dead and after it came back."""
    with kafka_brokers(3) as cluster:
        create_topics(cluster, ["brokers-three"])
        produce(cluster, "brokers-three", [Sent(b"%d" % n, b"before") for n in range(100)])
        began = time.monotonic()
        cluster.kill9(2)
        produce(cluster, "brokers-three", [Sent(b"%d" % n, b"during") for n in range(100)])
        cluster.start(2)
        cluster.stop(3)
        assert len(read_topic(cluster, "brokers-three")) == 200
        assert time.monotonic() - began < 60
