"""Sections about stopping in time: `[compliance]` and `[brakes]`."""

from typing import Annotated, Literal

from connector.settings.section import Section
from connector.settings.values import MINUTE, Count, Number, Span, at_least, within


class Compliance(Section):
    """How it is made sure that an opted-out lead is not called."""

    verify: bool = True
    """Read back that an opted-out contact is not callable."""
    uncovered: Literal["warn", "hold"] = "warn"
    """A dialling campaign without its list's `dnc_list`, or one that takes no number: `warn`, or
    `hold` new contacts of that list until it is mended. `hold` lets none go before it knows."""
    coverage_interval: Annotated[Span, at_least("10s")] = 5 * MINUTE
    """How often lists are asked for their size, and campaigns for their DNC lists."""


class Brakes(Section):
    """Limits that stop a kind of write in all workers until a person lets it go on; 0 is off.

    Each worker counts over 60 s against its share. They never stop opt-outs or
    disqualifications.
    """

    deletes_per_minute: Annotated[Count, within(0, 10_000_000)] = 0
    """Most deletes in a minute: contacts removed or quarantined because of a deletion."""
    inserts_per_minute: Annotated[Count, within(0, 10_000_000)] = 0
    """Most inserts in a minute; set 0, or expect to release, for a first load."""
    dead_letter_share: Annotated[Number, within(0, 1)] = 0.2
    """Trips at more than this share x 1,000 letters among the last 1,000 records of a
    partition, counted from start or release."""
