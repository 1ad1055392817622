"""Our topics on a broker: made once, told as they are, known by an id."""

from uuid import uuid4

import pytest
from confluent_kafka.admin import AdminClient

from connector.settings.topics import TopicNames
from connector.stream.topics import (
    TopicSizes,
    TopicSpec,
    TopicsUnavailableError,
    create_topics,
    differences,
    find_config,
    find_topics,
    largest_record,
    our_topics,
    topic_ids,
)
from tests.support import brokers
from tests.support import topics as written
from tests.support.brokers import Broker, Embedded
from tests.support.waiting import wait_until

pytestmark = pytest.mark.kafka
needs_kafka = pytest.mark.skipif(
    brokers.missing() is not None, reason=f"no Apache Kafka: {brokers.missing()}"
)


def _admin(broker: Broker) -> AdminClient:
    return AdminClient({"bootstrap.servers": broker.bootstrap_servers})


def _name() -> str:
    return f"topics-{uuid4().hex[:8]}"


@needs_kafka
def test_missing_topics_are_made_as_the_contract_says(kafka: Broker) -> None:
    """All six are made, are found with their settings, and do not differ from what was wanted."""
    admin, application = _admin(kafka), _name()
    sizes = TopicSizes(3, 1, 86_400, 86_400, 86_400, largest_record=5_000_000)
    specs = our_topics(TopicNames(application), sizes)
    names = [spec.name for spec in specs]
    assert find_topics(admin, names) == {}
    create_topics(admin, specs)
    wait_until(lambda: len(find_topics(admin, names)) == 6, "the topics")
    found = find_topics(admin, names)
    config = find_config(admin, names)
    for spec in specs:
        assert found[spec.name].partitions == spec.partitions
        assert differences(spec, found[spec.name]) == ()
        assert spec.config.items() <= config[spec.name].items()
    create_topics(admin, specs)  # another worker was faster: as good


@needs_kafka
def test_what_the_broker_refuses_is_told_topic_by_topic(kafka: Broker) -> None:
    """Too many copies, a name that cannot be: both are named, the good one is made."""
    admin, good = _admin(kafka), _name()
    with pytest.raises(TopicsUnavailableError) as refused:
        create_topics(
            admin,
            [
                TopicSpec(f"{good}-copies", 1, 3, {}),
                TopicSpec(f"{good}-?", 1, 1, {}),
                TopicSpec(good, 1, 1, {}),
            ],
        )
    assert f"{good}-copies: " in str(refused.value)
    assert f"{good}-?: " in str(refused.value)
    wait_until(lambda: good in find_topics(admin, [good]), "the good topic")


@needs_kafka
def test_a_topic_made_anew_has_another_id(kafka: Broker) -> None:
    """The id tells a topic from one of the same name that was deleted."""
    admin, name = _admin(kafka), _name()
    written.create_topics(kafka, [name], 1)
    wait_until(lambda: name in topic_ids(admin, [name]), "the topic")
    first = topic_ids(admin, [name])[name]
    assert first != name
    assert topic_ids(admin, [name, "nowhere"]) == {name: first}
    admin.delete_topics([name])[name].result(30)
    wait_until(lambda: name not in find_topics(admin, [name]), "the deletion")
    written.create_topics(kafka, [name], 1)
    wait_until(lambda: name in topic_ids(admin, [name]), "the new topic")
    assert topic_ids(admin, [name])[name] not in {first, name}


@needs_kafka
def test_the_largest_record_is_what_the_sources_take(kafka: Broker) -> None:
    """Of several topics the largest; Kafka's default where a topic says nothing of its own."""
    admin, small, large = _admin(kafka), _name(), _name()
    written.create_topics(kafka, [small], 1)
    written.create_topics(kafka, [large], 1, {"max.message.bytes": "3000000"})
    assert largest_record(admin, [small]) == 1_048_588
    assert largest_record(admin, [small, large]) == 3_000_000
    assert largest_record(admin, []) == 1_048_588


def test_a_broker_that_is_away_is_told() -> None:
    """Nobody listens: one error that says so."""
    admin = AdminClient({"bootstrap.servers": "127.0.0.1:1", "socket.timeout.ms": 1000})
    with pytest.raises(TopicsUnavailableError, match="cannot be listed"):
        find_topics(admin, ["a"], timeout=1.0)


def test_any_broker_tells_partitions_and_some_id() -> None:
    """The embedded broker does not describe topics: names are ids, sizes are Kafka's default."""
    embedded, name = Embedded(), _name()
    admin = _admin(embedded)
    written.create_topics(embedded, [name], 4)
    assert find_topics(admin, [name])[name].partitions == 4
    assert topic_ids(admin, [name, "nowhere"]) == {name: name}
    assert find_config(admin, [name]) == {}
    assert largest_record(admin, [name]) == 1_048_588
    embedded.close()
