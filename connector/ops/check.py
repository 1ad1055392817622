"""Check that a worker could run: everything at once, nothing changed."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from connector.ops.budget import Need, NoRoomError, room
from connector.ops.finding import Finding, bad, well
from connector.ops.kafka_checks import check_kafka
from connector.ops.platform_checks import check_platform, requests_at_most
from connector.ops.schemas import check_schemas
from connector.settings.model import Settings


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What was found, in the order in which a worker needs it."""

    findings: Sequence[Finding]

    @property
    def well(self) -> bool:
        """Whether a worker could run."""
        return all(each.well for each in self.findings)

    def document(self) -> dict[str, object]:
        """Return the one document of `check --json` (contract.md section 7)."""
        return {"ok": self.well, "checks": [each.document() for each in self.findings]}


async def check(
    settings: Settings, tell: Callable[[str], None] = lambda _line: None
) -> CheckReport:
    """Look at broker, topics, registry and platform; all problems are in the report.

    *tell* hears what is waited for.
    """
    broker, schemas, platform = await asyncio.gather(
        asyncio.to_thread(check_kafka, settings),
        asyncio.to_thread(check_schemas, settings),
        _platform(settings, tell),
    )
    return CheckReport([_settings(settings), *broker, *schemas, *platform])


async def _platform(settings: Settings, tell: Callable[[str], None]) -> list[Finding]:
    """Look at the platform, beside workers in the room that they leave."""
    need = Need(requests_at_most(settings), "connector check")
    try:
        async with room(settings, need, tell) as granted:
            return await check_platform(settings, granted)
    except NoRoomError as none:
        return [bad("platform", f"was not asked: {none}")]


def _settings(settings: Settings) -> Finding:
    """Say that the settings are valid: they were read."""
    sources, lists = (_count(len(settings.sources), "source"), _count(len(settings.lists), "list"))
    return well("settings", f"valid: {sources}, {lists}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
