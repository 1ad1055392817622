"""Ask the broker who is in the consumer group: whether workers run."""

import time

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from connector.ops.own_topics import admin_client
from connector.settings.model import Settings

_PATIENCE = 10.0
"""Seconds for the group's coordinator to answer; a failover takes about as long."""

PAUSE = 0.25

_MARGIN = 3.0
"""The client gives up by itself after its patience; then comes its answer that it did."""

_NOBODY = frozenset(
    {
        KafkaError._TIMED_OUT,  # noqa: SLF001 - public, for all its underscore
        KafkaError._TRANSPORT,  # noqa: SLF001 - public too
        KafkaError._ALL_BROKERS_DOWN,  # noqa: SLF001 - public too
        KafkaError._UNSUPPORTED_FEATURE,  # noqa: SLF001 - public too; the embedded broker of demo and tests
        KafkaError.GROUP_ID_NOT_FOUND,
    }
)


STARTING = frozenset(
    {
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.NOT_COORDINATOR,
    }
)
"""The coordinator is moving or has just begun: ask again."""


def workers_run(settings: Settings, *, unanswered: bool = False) -> bool:
    """Say whether the group has members. Blocks.

    True where the broker will not tell, such as for want of a permission: better to wait for
    nobody than to surprise somebody. *unanswered* where nothing answers: workers that are as far
    from the broker send nothing for long.
    """
    admin = admin_client(settings, _ignore)
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return _has_members(admin, settings.kafka.application_id)
        except TimeoutError:
            return unanswered
        except KafkaException as refused:
            code = refused.args[0].code()
            if code not in STARTING or time.monotonic() > deadline:
                return code not in _NOBODY
        time.sleep(PAUSE)


def _has_members(admin: AdminClient, group: str) -> bool:
    answers = admin.describe_consumer_groups([group], request_timeout=_PATIENCE)
    return bool(answers[group].result(timeout=_PATIENCE + _MARGIN).members)


def _ignore(_trouble: KafkaError) -> None:
    """Leave it to `check_kafka` to tell what keeps brokers from answering."""
