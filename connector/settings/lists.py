"""Sections `[lists.NAME]`: the contact lists that leads go to."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from connector.settings.section import Section
from connector.settings.values import MINUTE, Match, PlatformId, Span, Text, at_least

Departure: TypeAlias = Literal["quarantine", "remove"]

_EXAMPLE_ID = "00000000-0000-0000-0000-00000000000"


class ContactList(Section):
    """One contact list. A lead goes to every list whose `when` matches and whose `unless` does
    not.
    """

    contact_list: Annotated[PlatformId, Field(examples=[f"{_EXAMPLE_ID}1"])]
    """The platform's id of the contact list."""
    dnc_list: Annotated[PlatformId, Field(examples=[f"{_EXAMPLE_ID}2"])]
    """The platform's id of a Do-Not-Call list. An opt-out goes to every DNC list that any of
    the lists names."""
    campaigns: Literal["off", "report", "restart"] = "report"
    """What to do about a campaign of this list that has completed when new leads arrive:
    nothing, say so, or turn it on again. **A restarted campaign dials from the first record
    again**: prefer *always running* on the campaign. See `docs/campaigns.md`."""
    adopt_existing: bool = True
    """Look up contacts that others loaded; `false` only where nobody else ever fills the
    list."""
    when: Annotated[Match | None, Field(examples=[{"state": ["CA", "NV"]}])] = None
    """Source field = values; a lead goes to this list where each field has one of its values.
    Absent: every lead."""
    unless: Annotated[Match | None, Field(examples=[{"status": ["Archived"]}])] = None
    """Source field = values; a lead with any match does not go to this list."""
    delete: Departure = "quarantine"
    """What becomes of the contact of a lead that was deleted: `quarantine` or `remove`."""
    leave: Departure = "quarantine"
    """What becomes of the contact of a lead that no longer belongs on this list: `quarantine`
    or `remove`."""
    release: Literal["untouched", "auto", "never"] = "untouched"
    """Whether the end of our own quarantine makes a contact callable again. `untouched`: only
    if no call attempt lies within 24 h before the quarantine or later."""
    priority: Annotated[Match | None, Field(examples=[{"source": ["web"]}])] = None
    """Source field = values; new contacts that match are dialled next, in batches of their
    own."""
    requeue: bool = False
    """Whether a contact whose own quarantine ends is queued again."""
    patience: Annotated[Span, at_least("1s")] = 15 * MINUTE
    """Parked longer than this, the list defers alone and is brought up to date by itself on
    return."""
    restart_cooldown: Annotated[Span, at_least("1m")] = 15 * MINUTE
    """With `campaigns = "restart"`: the shortest time between two restarts of one campaign, by
    whichever worker."""
    columns: Annotated[dict[str, Text] | None, Field(examples=[{"FirstName": "first_name"}])] = (
        None
    )
    """Contact-list column = source field, in place of `[mapping.columns]` for this list."""
