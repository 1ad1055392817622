"""Remember in `A.control` when each campaign was turned on again, for all workers, new ones too.

A claim is durable before the request leaves, so whoever reads a campaign that was turned on reads
of it here too. Which of two claims came true the campaign's version says: one that names the
version which the campaign still has did not.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from connector.domain.campaign import Campaign
from connector.domain.ids import CampaignId, ListId
from connector.stream.control import Control, ControlEntry
from connector.stream.moments import rfc3339

KIND = "campaign-restart"


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker `by` was about to turn on the campaign of that version, `at` seconds since 1970;
    `done`: the platform has confirmed it.
    """

    by: str
    version: int
    at: float
    done: bool


class RestartClaims:
    """Claims of all workers, as far as they were read; the newest of each worker and campaign.

    `worker` is a name that no other process ever has.
    """

    __slots__ = ("_claims", "_control", "_worker")

    def __init__(self, control: Control, worker: str) -> None:
        self._control = control
        self._worker = worker
        self._claims: dict[CampaignId, dict[str, Claim]] = {}
        control.hears(KIND, self._hear)

    async def refresh(self) -> None:
        """Learn of every claim that is durable by now.

        Raises:
            ReadFailedError: the broker refused or did not answer.
        """
        await self._control.refresh()

    def restarted(self, campaign: Campaign) -> float | None:
        """Return when *campaign*, as it was just read, was last turned on again by one of us."""
        claims = self._claims.get(campaign.id, {}).values()
        return max(
            (each.at for each in claims if each.done or each.version != campaign.version),
            default=None,
        )

    async def claim(self, campaign: Campaign, list_id: ListId, at: float) -> None:
        """Say that we are about to turn *campaign* on; returns once all can know.

        Raises:
            SendFailedError: it may be known or not: do not go on.
        """
        await self._write(campaign, list_id, Claim(self._worker, campaign.version, at, done=False))

    async def confirm(self, campaign: Campaign, list_id: ListId, at: float) -> None:
        """Say that what we claimed was done, whatever version the campaign has now.

        Raises:
            SendFailedError: others may have only the claim.
        """
        await self._write(campaign, list_id, Claim(self._worker, campaign.version, at, done=True))

    def void(self, campaign: Campaign) -> None:
        """Forget our own claim: we know that it did not come true."""
        self._claims.get(campaign.id, {}).pop(self._worker, None)

    async def _write(self, campaign: Campaign, list_id: ListId, claim: Claim) -> None:
        self._claims.setdefault(campaign.id, {})[claim.by] = claim
        document: dict[str, object] = {
            "campaign": campaign.id,
            "list": list_id,
            "version": claim.version,
            "at": rfc3339(round(claim.at * 1000)),
            "at_ms": round(claim.at * 1000),
            "by": claim.by,
            "done": claim.done,
        }
        await self._control.write(ControlEntry(KIND, campaign.id, document))

    def _hear(self, entry: ControlEntry) -> None:
        claim = None if entry.document is None else _claim(entry.document)
        if claim is not None and claim.by != self._worker:
            self._claims.setdefault(CampaignId(entry.name), {})[claim.by] = claim


def _claim(document: Mapping[str, object]) -> Claim | None:
    match document:
        case {"by": str(by), "version": int(version), "at_ms": int(at), "done": bool(done)}:
            return Claim(by, version, at / 1000, done)
        case _:
            return None
