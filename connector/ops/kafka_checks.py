"""Check the broker and the topics: that they are there, and as the settings want them."""

from collections.abc import Mapping

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from connector.ops.finding import Finding, bad, doubtful, well
from connector.ops.own_topics import admin_client, specs
from connector.settings.model import Settings
from connector.settings.source import SALESFORCE, Source
from connector.stream.topics import (
    FoundTopic,
    TopicSpec,
    TopicsUnavailableError,
    differences,
    find_config,
    find_topics,
    largest_record,
)

_BROKER = "broker"
_PATIENCE = 10.0
"""Seconds for a broker to answer at all; a failover takes about as long."""

_POLICY = "cleanup.policy"


def check_kafka(settings: Settings) -> list[Finding]:
    """Look at the broker, the source topics and ours. Blocks; changes nothing."""
    trouble: list[KafkaError] = []
    admin = admin_client(settings, trouble.append)
    try:
        admin.list_topics(timeout=_PATIENCE)
        found = find_topics(admin, (*settings.source_topics, *settings.topics.all))
    except (KafkaException, TopicsUnavailableError) as unavailable:
        admin.poll(0)
        return [_unreachable(settings, unavailable, trouble)]
    return [
        well(_BROKER, f"{settings.kafka.bootstrap_servers} answers"),
        *(
            source_topic(name, source, found.get(name))
            for source in settings.sources.values()
            for name in source.topics
        ),
        *_ours(admin, settings, found),
    ]


def _unreachable(settings: Settings, unavailable: Exception, trouble: list[KafkaError]) -> Finding:
    """Say why: what the connection met tells more than that the question was not answered."""
    why = str(unavailable)
    if trouble:
        why = trouble[0].str()
    elif isinstance(unavailable, KafkaException):
        why = unavailable.args[0].str()
    return bad(
        _BROKER,
        f"{settings.kafka.bootstrap_servers}: {why}; check kafka.bootstrap_servers, "
        "security_protocol, the sasl_ and ssl_ keys, and the network",
    )


def source_topic(name: str, source: Source, found: FoundTopic | None) -> Finding:
    """Judge a topic of *source*: that it is there, and keeps the order that its format needs."""
    what = f"topic {name}"
    if found is None:
        return bad(what, "is missing; check the topics of the source in the settings")
    if source.envelope == SALESFORCE and found.partitions > 1:
        return doubtful(
            what,
            f"{found.partitions} partitions: a late update from another one is dropped, with the "
            "fields that only it names; give it one partition, or a key by record id on a channel "
            "that is enriched, whose records name one lead each",
        )
    return well(what, f"{found.partitions} partitions")


def _ours(
    admin: AdminClient, settings: Settings, found: Mapping[str, FoundTopic]
) -> list[Finding]:
    sources = [name for name in settings.source_topics if name in found]
    wanted = specs(settings, largest_record(admin, sources))
    config = find_config(admin, [spec.name for spec in wanted if spec.name in found])
    return [_own(spec, found.get(spec.name), config.get(spec.name)) for spec in wanted]


def _own(spec: TopicSpec, found: FoundTopic | None, config: Mapping[str, str] | None) -> Finding:
    """Judge one topic of ours: another count of partitions or another clean-up loses data, all
    else is a choice.
    """
    what = f"topic {spec.name}"
    if found is None:
        return bad(what, "is missing; `connector topics create` makes it")
    told = differences(spec, FoundTopic(found.name, found.partitions, config or {}))
    if not told:
        hidden = "" if config is not None else "; the broker does not tell its settings"
        return well(what, f"{found.partitions} partitions{hidden}")
    detail = "; ".join(told)
    policy = (config or {}).get(_POLICY, spec.config[_POLICY])
    if found.partitions != spec.partitions or policy != spec.config[_POLICY]:
        return bad(what, f"{detail}; mend it by hand, or choose another kafka.application_id")
    return doubtful(what, detail)
