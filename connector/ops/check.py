"""Check that a worker could run: everything at once, nothing changed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from connector.ops.finding import Finding, well
from connector.ops.kafka_checks import check_kafka
from connector.ops.platform_checks import check_platform
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


async def check(settings: Settings) -> CheckReport:
    """Look at broker, topics and platform; all problems are in the report."""
    broker, platform = await asyncio.gather(
        asyncio.to_thread(check_kafka, settings), check_platform(settings)
    )
    return CheckReport([_settings(settings), *broker, *platform])


def _settings(settings: Settings) -> Finding:
    sources, lists = len(settings.sources), len(settings.lists)
    return well("settings", f"valid: {sources} sources, {lists} lists")
