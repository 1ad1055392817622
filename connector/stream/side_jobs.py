"""Put together what a worker does beside its leads: the care of campaigns, the rounds of lists,
the brakes.
"""

import os
import random
import socket
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from connector.genesys.campaigns import CampaignCalls
from connector.genesys.dnc_lists import DncLists
from connector.genesys.exchange import Exchange
from connector.genesys.list_sizes import ListSizes
from connector.planning.brakes import Brakes
from connector.planning.gates import Gates
from connector.settings.model import Settings
from connector.stream import composition
from connector.stream.brake_follower import BrakeFollower, FollowerParts
from connector.stream.brake_news import BrakeNews
from connector.stream.campaign_news import CampaignNews
from connector.stream.campaigns import CampaignCare, CampaignParts
from connector.stream.control import Control
from connector.stream.coverage import CoverageParts, CoverageRounds
from connector.stream.coverage_news import CoverageNews
from connector.stream.health import Health
from connector.stream.list_news import ListNews
from connector.stream.names import list_names
from connector.stream.restart_claims import RestartClaims
from connector.stream.rounds import ListRounds, RoundParts, TenureRounds
from connector.telemetry.metrics import Metrics


@dataclass(frozen=True, slots=True)
class SideJobs:
    """What side jobs take. `fatal` is told of what ends the worker, `clock` is in seconds since
    1970.
    """

    settings: Settings
    health: Health
    metrics: Metrics
    clock: Callable[[], float]
    fatal: Callable[[BaseException], None]

    def campaigns(self, exchange: Exchange, control: Control) -> CampaignCare:
        """Return what looks after campaigns; a worker has a name that no other ever had."""
        parts = CampaignParts(
            CampaignCalls(exchange),
            RestartClaims(control, uuid.uuid4().hex),
            CampaignNews(self.health, self.metrics, list_names(self.settings)),
            self.clock,
            random.random,
            self.fatal,
        )
        return CampaignCare(composition.campaign_terms(self.settings), parts)

    def rounds(self, exchange: Exchange, gates: Gates) -> TenureRounds:
        """Return what asks how full the lists are, and whether they are covered."""
        names = list_names(self.settings)
        news = ListNews(self.health, self.metrics, names)
        interval = self.settings.compliance.coverage_interval
        sizes = ListRounds(names, RoundParts(ListSizes(exchange), news, interval, self.fatal))
        parts = CoverageParts(
            CampaignCalls(exchange),
            DncLists(exchange),
            gates,
            CoverageNews(self.health, self.metrics, names),
            self.clock,
            self.fatal,
        )
        coverage = CoverageRounds(composition.coverage_terms(self.settings), parts)
        return TenureRounds(sizes, coverage)

    def brakes(self, gates: Gates, control: Control) -> BrakeFollower:
        """Return what follows the brakes, with the rates of the settings."""
        parts = FollowerParts(
            {name: list_id for list_id, name in list_names(self.settings).items()},
            f"worker {socket.gethostname()}/{os.getpid()}",
            self.clock,
            self.fatal,
        )
        brakes = Brakes(gates, composition.brake_limits(self.settings))
        return BrakeFollower(control, gates, brakes, BrakeNews(self.health, self.metrics), parts)
