"""Keep in `A.control` which brakes are pulled: for all workers, and over restarts.

A record's name is `BRAKE/SCOPE`; it ends when a person lets the brake go.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import structlog

from connector.planning.brakes import Brake
from connector.planning.gates import EVERYWHERE
from connector.stream.control import Control, ControlEntry
from connector.stream.moments import rfc3339
from connector.stream.person_words import Word

log = structlog.get_logger("connector.brakes")

KIND = "brake"
PULLED, RELEASED = "brake-pulled", "brake-released"
"""Who pulled one, or let it go, stays known."""

ALL = EVERYWHERE
"""The scope that stands for every list."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """A brake that is pulled, since when (ms since 1970), by whom and why, for people.

    `scope` is `all`, the name of a list in the settings, or `topic/partition`.
    """

    brake: Brake
    scope: str
    since: int
    by: str
    detail: str

    @property
    def name(self) -> str:
        """Return the name of its record."""
        return f"{self.brake}/{self.scope}"

    def entry(self) -> ControlEntry:
        """Return its record."""
        document: dict[str, object] = {
            "since": rfc3339(self.since),
            "since_ms": self.since,
            "by": self.by,
            "detail": self.detail,
        }
        return ControlEntry(KIND, self.name, document)


Hear: TypeAlias = Callable[[Brake, str, Pulled | None], None]
"""Told of each brake and scope that is pulled, or released: then None. May be told twice."""


class BrakeBook:
    """The brakes that are pulled, as far as the topic was read; `hear` is told of each change."""

    __slots__ = ("_control", "_hear", "_pulled")

    def __init__(
        self, control: Control, hear: Hear = lambda _brake, _scope, _pulled: None
    ) -> None:
        self._control = control
        self._hear = hear
        self._pulled: dict[tuple[Brake, str], Pulled] = {}
        control.hears(KIND, self._take)

    async def refresh(self) -> None:
        """Learn of every brake that is pulled or released by now.

        Raises:
            ReadFailedError: the broker refused or did not answer.
        """
        await self._control.refresh()

    @property
    def pulled(self) -> tuple[Pulled, ...]:
        """Return the brakes that are pulled, in an order that stays."""
        return tuple(self._pulled[key] for key in sorted(self._pulled))

    def find(self, brake: Brake, scope: str) -> Pulled | None:
        """Return a brake if it is pulled."""
        return self._pulled.get((brake, scope))

    async def pull(self, pulled: Pulled) -> None:
        """Pull a brake; returns once all can know.

        Raises:
            SendFailedError: it may be known or not.
        """
        await self._control.write(pulled.entry())

    async def release(self, pulled: Pulled) -> None:
        """Let a brake go; returns once all can know.

        Raises:
            SendFailedError: it may be known or not.
        """
        await self._control.write(ControlEntry(KIND, pulled.name, None))

    def _take(self, entry: ControlEntry) -> None:
        brake, scope = _named(entry.name)
        if brake is None:
            log.warning("brake.ignored", place=entry.name, detail="there is no such brake")
            return
        if entry.document is None:
            self._pulled.pop((brake, scope), None)
            self._hear(brake, scope, None)
            return
        pulled = _pulled(brake, scope, entry.document)
        self._pulled[brake, scope] = pulled
        self._hear(brake, scope, pulled)


def _named(name: str) -> tuple[Brake | None, str]:
    brake, _, scope = name.partition("/")
    return (Brake(brake) if brake in tuple(Brake) else None), scope


def _pulled(brake: Brake, scope: str, document: Mapping[str, object]) -> Pulled:
    """Return what a record says; a brake is pulled even if the record says nothing more."""
    since, by, detail = (document.get(key) for key in ("since_ms", "by", "detail"))
    return Pulled(
        brake,
        scope,
        since if isinstance(since, int) else 0,
        by if isinstance(by, str) else "unknown",
        detail if isinstance(detail, str) else "",
    )


def attributed(word: Word, pulled: Pulled, kind: str) -> ControlEntry:
    """Return the record of who pulled or released a brake, and why: it stays when that is over."""
    document = word.document() | {"brake": str(pulled.brake), "scope": pulled.scope}
    return ControlEntry(kind, f"{pulled.name}/{word.at}", document)
