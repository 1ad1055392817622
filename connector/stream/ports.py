"""Name what the stages need of others: durable sends, delivery of batches, side jobs."""

from collections.abc import AsyncIterator, Callable
from typing import Protocol

from connector.domain.change import LeadChange, LeadOptOut
from connector.domain.command import Command, Urgency
from connector.domain.dead_letter import DeadLetter
from connector.domain.outcome import Outcome
from connector.domain.result import Result
from connector.planning.batch import Batch
from connector.stream.state_rows import StateRow


class Sends(Protocol):
    """Durable sends to our own topics: `sends.Sender`.

    Each calls back once, when the broker has it; a send that fails stops the worker and never
    calls back. Sends with one key to one topic are acknowledged in their order.
    """

    def outcome(self, outcome: Outcome, durable: Callable[[], None]) -> None:
        """Produce an outcome."""

    def change(self, change: LeadChange, durable: Callable[[], None]) -> None:
        """Produce a change to `lead-changes`."""

    def opt_out(self, change: LeadChange, durable: Callable[[], None]) -> None:
        """Produce an opt-out to `opt-outs` alone."""

    def following(self, change: LeadOptOut, durable: Callable[[], None]) -> None:
        """Produce an opt-out to `opt-outs` and its fence to `lead-changes`."""

    def row(self, partition: int, row: StateRow, durable: Callable[[int], None]) -> None:
        """Produce a state row to its partition of the changelog; tells its offset."""

    def letter(self, letter: DeadLetter, durable: Callable[[], None]) -> None:
        """Produce a dead letter."""

    def late_letter(self, letter: DeadLetter, durable: Callable[[], None]) -> None:
        """Produce a dead letter whose record holds its place only: its bytes are read again."""


class Schemas(Protocol):
    """Gets the schemas that source records name: `schema_book.SchemaBook`."""

    @property
    def learnt(self) -> int:
        """Rises with everything that becomes known."""
        ...

    @property
    def away(self) -> str | None:
        """Why the registry gives no answer, None while it does."""
        ...

    def want(self, schema_id: int) -> None:
        """Ask the registry for a schema."""

    def give_up(self) -> None:
        """Ask for nothing any more."""


class NoRegistry:
    """Gets no schema: no source asks for one."""

    learnt = 0
    away = None

    def want(self, schema_id: int) -> None:
        """Refuse: without a registry every decoder knows that there is no schema."""
        raise RuntimeError(
            f"schema {schema_id} is wanted without a registry: report this as a bug"
        )

    def give_up(self) -> None:
        """Do nothing."""


class Campaigns(Protocol):
    """Looks after campaigns in a tenure: `campaigns.CampaignCare`."""

    def answered(self, command: Command, result: Result) -> None:
        """Take the result of a command."""

    def begin(self) -> None:
        """Begin to ask: the partitions are ours."""

    async def end(self, seconds: float) -> None:
        """Ask no more; what is in the air is waited for, so long at most."""

    def cut_off(self) -> None:
        """Ask no more, at once."""


class Rounds(Protocol):
    """Looks at the lists now and then, in a tenure: `rounds.TenureRounds`."""

    def begin(self, *, first: bool) -> None:
        """Begin to look; *first*: the first partition is ours, and so is what one looks at for
        all workers.
        """

    async def end(self) -> None:
        """Look no more."""

    def cut_off(self) -> None:
        """Look no more, at once."""


class Delivers(Protocol):
    """Delivers a batch to the platform: `genesys.delivery.Delivery`."""

    def deliver(
        self,
        batch: Batch,
        sent: Callable[[Command], bool],
        urgency: Urgency,
        stands: Callable[[Command], bool],
        left: Callable[[Command], None],
    ) -> AsyncIterator[tuple[Command, Result]]:
        """Yield one result for every command that *sent* let leave.

        *stands* is asked as the first byte is about to leave; False goes back to *sent*. *left*
        is told of one command of each request that then leaves.
        """
