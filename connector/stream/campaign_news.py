"""Tell what became of campaigns: log, metrics, and a note on the ready page.

None of it makes a worker not ready: leads reach their lists whatever becomes of campaigns.
"""

from collections.abc import Collection, Mapping

import structlog

from connector.domain.campaign import Restart
from connector.domain.ids import CampaignId, ListId
from connector.genesys.failed import Failed
from connector.stream.health import Health
from connector.telemetry.metrics import Metrics

log = structlog.get_logger("connector.campaigns")


class CampaignNews:
    """Hears what a worker did, or would do, about the campaigns of its lists.

    `names` are the settings' names of the lists.
    """

    __slots__ = ("_health", "_metrics", "_names")

    def __init__(self, health: Health, metrics: Metrics, names: Mapping[ListId, str]) -> None:
        self._health = health
        self._metrics = metrics
        self._names = names

    def restarted(self, list_id: ListId, campaign: CampaignId, *, already: bool) -> None:
        """Say that a campaign is on again; `already`: somebody else turned it on."""
        result = Restart.ALREADY_ON if already else Restart.RESTARTED
        self._metrics.campaign_restart(list_id, result)
        log.info(
            "campaign.restarted", list=self._name(list_id), campaign=campaign, already=already
        )

    def overtaken(self, list_id: ListId, campaign: CampaignId) -> None:
        """Say that a campaign changed between our reading and our request."""
        self._metrics.campaign_restart(list_id, Restart.OVERTAKEN)
        log.info("campaign.overtaken", list=self._name(list_id), campaign=campaign)

    def would_restart(self, list_id: ListId, campaign: CampaignId) -> None:
        """Say that a campaign would be turned on again if the settings let us."""
        self._metrics.campaign_restart(list_id, Restart.REPORTED)
        log.info(
            "campaign.would_restart",
            list=self._name(list_id),
            campaign=campaign,
            advice='turn it on by hand, make it always running, or set campaigns = "restart"',
        )

    def waiting(self, list_id: ListId, campaigns: Collection[CampaignId]) -> None:
        """Say which campaigns are complete while new contacts wait; none: all is well."""
        told = None
        if campaigns:
            told = (
                f"complete while new contacts wait: {', '.join(sorted(campaigns))}; they would be "
                'turned on again with campaigns = "restart"'
            )
        self._health.warns(self._what(list_id), told)

    def failed(self, list_id: ListId, failed: Failed, pause: float) -> None:
        """Say what the platform did not do, and when it is asked again."""
        self._trouble(list_id, failed.answer, f"{failed.advice} ({failed.code})")
        log.warning(
            "campaigns.failed",
            list=self._name(list_id),
            answer=failed.answer,
            code=failed.code,
            correlation_id=failed.receipt.correlation_id,
            advice=failed.advice,
            seconds=round(pause),
        )

    def forgetful(self, list_id: ListId, why: str, pause: float) -> None:
        """Say that the control topic could not be read or written."""
        self._trouble(list_id, "control", why)
        log.warning(
            "campaigns.no_control",
            list=self._name(list_id),
            detail=why,
            advice="look at the brokers and at our rights on the control topic",
            seconds=round(pause),
        )

    def broken(self, list_id: ListId, bug: Exception, pause: float) -> None:
        """Say that a bug kept us from looking."""
        self._trouble(list_id, "bug", "failed; see the log, and report it")
        name = self._name(list_id)
        log.error("campaigns.broken", list=name, seconds=round(pause), exc_info=bug)

    def _trouble(self, list_id: ListId, answer: str, why: str) -> None:
        self._metrics.campaign_failure(list_id, answer)
        self._health.warns(self._what(list_id), f"not looked after: {why}; tried again by itself")

    def _what(self, list_id: ListId) -> str:
        return f"campaigns of {self._name(list_id)}"

    def _name(self, list_id: ListId) -> str:
        return self._names.get(list_id, list_id)
