"""Make sure of the environment before a worker joins: refuse what a person must mend, wait for
what comes back by itself (design.md section 6, "At start").
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from connector.genesys.list_book import ListBook, missing_columns
from connector.genesys.lists import read_lists
from connector.genesys.platform import Platform
from connector.settings.model import Settings
from connector.stream.composition import kafka, mapped_columns
from connector.stream.topics import TopicsUnavailableError, admin, find_topics, topic_ids

log = structlog.get_logger("connector.startup")

LONGEST_PAUSE = 30.0


class RefusedError(Exception):
    """The environment refuses; a person must act. `problems` are one line each.

    Whoever runs the command prints them and ends with exit code 3.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Waiting:
    """How to wait for the platform: `told` hears why, once for each try."""

    jitter: Callable[[], float]
    told: Callable[[str], None]


async def list_book(platform: Platform, settings: Settings, waiting: Waiting) -> ListBook:
    """Return the contact lists, waiting while the platform cannot be reached.

    Raises:
        RefusedError: credentials, permission, a list or a column that is missing.
    """
    mapped = mapped_columns(settings)
    pause = 1.0
    while True:
        book, unread = await read_lists(platform.exchange, mapped, waiting.jitter)
        refused = tuple(str(each) for each in unread if each.refused is not None)
        missing = tuple(str(each) for each in missing_columns(book, mapped))
        if refused or missing:
            raise RefusedError((*refused, *missing))
        if not unread:
            return book
        waiting.told(str(unread[0]))
        log.warning("platform.unreachable", detail=str(unread[0]))
        await asyncio.sleep(max(pause, *(each.after for each in unread)))
        pause = min(LONGEST_PAUSE, pause * 2)


async def source_topic_ids(settings: Settings, waiting: Waiting) -> dict[str, str]:
    """Return Kafka's id of each source topic, once every topic is as it must be.

    Waits while no broker answers.

    Raises:
        RefusedError: a topic is missing, or one of ours has another count of partitions.
    """
    while True:
        try:
            return await asyncio.to_thread(_source_topic_ids, settings)
        except TopicsUnavailableError as away:
            waiting.told(str(away))
            log.warning("broker.unreachable", detail=str(away))
            await asyncio.sleep(1.0)


def _source_topic_ids(settings: Settings) -> dict[str, str]:
    client = admin(kafka(settings))
    names = settings.topics
    ours = (names.lead_changes, names.opt_outs, names.changelog)
    needed = (*settings.source_topics, *ours, names.outcomes, names.dead_letters, names.control)
    found = find_topics(client, needed)
    missing = [name for name in needed if name not in found]
    problems = [
        f"topic {name} is missing; "
        + (
            "check the topics of the source in the settings"
            if name in settings.source_topics
            else "run connector topics create"
        )
        for name in missing
    ]
    partitions = settings.kafka.partitions
    problems += [
        f"topic {name} has {found[name].partitions} partitions, kafka.partitions says "
        f"{partitions}; the count is fixed for the life of the application: set it back"
        for name in ours
        if name in found and found[name].partitions != partitions
    ]
    if problems:
        raise RefusedError(tuple(problems))
    return topic_ids(client, settings.source_topics)
