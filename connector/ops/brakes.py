"""Do what `brakes show`, `pull` and `release` ask, beside workers and without."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from connector.ops.own_topics import admin_client
from connector.ops.person import now_ms
from connector.planning.brakes import Brake
from connector.settings.model import Settings
from connector.stream.brake_follower import POLL_SECONDS
from connector.stream.brakes import PULLED, RELEASED, BrakeBook, Pulled, attributed
from connector.stream.composition import kafka
from connector.stream.control import Control, written_to
from connector.stream.held_reports import HeldReports
from connector.stream.moments import rfc3339
from connector.stream.person_words import Word
from connector.stream.reader import Reader
from connector.stream.topics import TopicsUnavailableError, find_topics

HEARD_SECONDS = POLL_SECONDS + 1.0
"""After this long every worker has heard of a brake: reading takes well below a second."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A brake that is pulled; `held` is how many writes wait for it in the workers, None where
    no worker tells.
    """

    pulled: Pulled
    held: int | None

    def document(self) -> dict[str, object]:
        """Return it as `brakes show --json` has it (contract.md section 7)."""
        return {
            "brake": str(self.pulled.brake),
            "scope": self.pulled.scope,
            "since": rfc3339(self.pulled.since),
            "held": self.held,
            "detail": self.pulled.detail,
            "by": self.pulled.by,
        }


class _Brakes:
    """The control topic as the commands see it."""

    def __init__(self, settings: Settings) -> None:
        topic, config = settings.topics.control, kafka(settings)
        reader = Reader(config, settings.kafka.application_id)
        self.control = Control(reader, topic, written_to(config, topic))
        self.book = BrakeBook(self.control)
        self.reports = HeldReports(self.control)

    def shown(self) -> list[Shown]:
        """Return what is pulled, as read last."""
        now = now_ms()
        return [Shown(each, self.reports.of(each, now)) for each in self.book.pulled]


async def _read(settings: Settings) -> _Brakes:
    """Read what is pulled.

    Raises:
        TopicsUnavailableError: the topic is missing, and reading would wait for it without end.
        ReadFailedError: the broker refused or did not answer.
    """
    topic = settings.topics.control
    admin = admin_client(settings, lambda _trouble: None)
    if topic not in await asyncio.to_thread(find_topics, admin, (topic,)):
        raise TopicsUnavailableError(f"{topic} is missing; `connector topics create` makes it")
    brakes = _Brakes(settings)
    await brakes.book.refresh()
    return brakes


async def show(settings: Settings) -> Sequence[Shown]:
    """Return what is pulled.

    Raises:
        TopicsUnavailableError, ReadFailedError: the broker did not tell.
    """
    return (await _read(settings)).shown()


async def pull(
    settings: Settings, brake: Brake, scope: str, by: str, reason: str
) -> Sequence[Shown]:
    """Pull a brake on one list or everywhere; return all that are pulled, once workers have heard.

    One that is pulled already stays as it is; that it was said again is noted.

    Raises:
        SendFailedError: it may be pulled or not; doing it again does no harm. Else as `show`.
    """
    brakes = await _read(settings)
    word = Word(by, reason, now_ms())
    detail = f"by hand: {reason}" if reason else "by hand"
    pulled = Pulled(brake, scope, word.at, by, detail)
    await brakes.control.write(attributed(word, pulled, PULLED))
    if brakes.book.find(brake, scope) is None:
        await brakes.book.pull(pulled)
    await asyncio.sleep(HEARD_SECONDS)
    await brakes.book.refresh()
    return brakes.shown()


async def release(
    settings: Settings, brake: Brake | None, scope: str | None, by: str, reason: str
) -> tuple[Sequence[Pulled], Sequence[Shown]]:
    """Let go the brakes of that name and scope, None: of any; return them, and what is left.

    Raises: as `pull`.
    """
    brakes = await _read(settings)
    word = Word(by, reason, now_ms())
    released = [
        each
        for each in brakes.book.pulled
        if brake in (None, each.brake) and scope in (None, each.scope)
    ]
    for each in released:
        await brakes.control.write(attributed(word, each, RELEASED))
        await brakes.book.release(each)
    for entry in brakes.reports.gone(word.at):
        await brakes.control.write(entry)
    await brakes.book.refresh()
    return released, brakes.shown()
