"""Campaigns that nobody looks after: for engines whose test is about something else."""

from connector.domain.command import Command
from connector.domain.result import Result


class FakeCampaigns:
    """Counts what it is told, and asks nobody."""

    def __init__(self) -> None:
        self.heard = 0
        self.at_work = False

    def answered(self, command: Command, result: Result) -> None:
        """Take the result of a command."""
        del command, result
        self.heard += 1

    def begin(self) -> None:
        """Begin."""
        self.at_work = True

    async def end(self, seconds: float) -> None:
        """End."""
        del seconds
        self.at_work = False

    def cut_off(self) -> None:
        """End at once."""
        self.at_work = False
