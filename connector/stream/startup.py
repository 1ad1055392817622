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
from connector.stream.composition import mapped_columns

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


def topic_ids(settings: Settings) -> dict[str, str]:
    return {topic: topic for topic in settings.source_topics}
