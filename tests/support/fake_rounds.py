"""Rounds in which nobody looks at a list: for engines whose test is about something else."""


class FakeRounds:
    """Knows whether it is at work, and asks nobody."""

    def __init__(self) -> None:
        self.at_work = False
        self.for_all = False

    def begin(self, *, first: bool) -> None:
        """Begin."""
        self.at_work, self.for_all = True, first

    async def end(self) -> None:
        """End."""
        self.at_work = self.for_all = False

    def cut_off(self) -> None:
        """End at once."""
        self.at_work = self.for_all = False
