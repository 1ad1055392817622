"""The platform and the settings that end-to-end tests play on, as plain values.

Nothing here comes from the connector: the settings file is written from these values, and the
model of the truth reads them too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Terms = Mapping[str, tuple[object, ...]]
"""Source field = values, any of which matches."""

LEAD_COLUMN = "CRM_Lead_ID"
DNC_WEST = "d0000000-0000-4000-8000-000000000001"
DNC_EAST = "d0000000-0000-4000-8000-000000000002"


@dataclass(frozen=True, slots=True)
class ListScene:
    """One contact list: the platform's side of it, and the settings' side.

    `zones` names the column by whose time zone a phone column is called.
    """

    name: str
    id: str
    dnc: str
    columns: tuple[str, ...]
    mapped: Mapping[str, str]
    own_columns: bool = False
    when: Terms = field(default_factory=dict)
    unless: Terms = field(default_factory=dict)
    leave: str = "quarantine"
    delete: str = "quarantine"
    zones: Mapping[str, str] = field(default_factory=dict)

    @property
    def phone_columns(self) -> tuple[str, ...]:
        """Columns that hold numbers."""
        return tuple(column for column in self.columns if column in ("Mobile", "Home"))


@dataclass(frozen=True, slots=True)
class Scene:
    """All that a flat history is played on. Without a `lead_id` the source's own id is taken."""

    topic: str
    lists: tuple[ListScene, ...]
    revision: str | None
    phones: Mapping[str, str]
    opt_out: Terms
    quarantine: Terms
    mapped: Mapping[str, str]
    partitions: int = 4
    lead_id: str | None = "lead_id"

    @property
    def dnc_lists(self) -> tuple[str, ...]:
        """Every DNC list, once."""
        return tuple(dict.fromkeys(each.dnc for each in self.lists))

    def list_named(self, name: str) -> ListScene:
        """Give the list of that name."""
        return next(each for each in self.lists if each.name == name)


MAPPED = {
    "FirstName": "first_name",
    "LastName": "last_name",
    "Mobile": "phone_mobile",
    "Home": "phone_home",
    "TimeZone": "time_zone",
    "Status": "status",
    "Step": "step",
}
WEB_MAPPED = {
    "FirstName": "first_name",
    "Mobile": "phone_mobile",
    "Home": "phone_home",
    "Step": "step",
}


def flat_scene(topic: str, revision: str | None) -> Scene:
    """Make the scene of the main job: two lists by state, a third by source, two DNC lists.

    `Notes` of the lists is a column that the settings do not name: it is the other loader's.
    """
    own = (LEAD_COLUMN, *MAPPED, "Notes")
    return Scene(
        topic=topic,
        lists=(
            ListScene(
                "west",
                "c0000000-0000-4000-8000-000000000001",
                DNC_WEST,
                own,
                MAPPED,
                when={"state": ("CA", "NV")},
                unless={"status": ("Archived",)},
            ),
            ListScene(
                "east",
                "c0000000-0000-4000-8000-000000000002",
                DNC_EAST,
                own,
                MAPPED,
                when={"state": ("NY", "NJ")},
                leave="remove",
                delete="remove",
            ),
            ListScene(
                "web",
                "c0000000-0000-4000-8000-000000000003",
                DNC_WEST,
                (LEAD_COLUMN, *WEB_MAPPED, "Notes"),
                WEB_MAPPED,
                own_columns=True,
                when={"source": ("web",)},
            ),
        ),
        revision=revision,
        phones={"Mobile": "phone_mobile", "Home": "phone_home"},
        opt_out={"do_not_call": (True,), "status": ("DNC_Requested",)},
        quarantine={"status": ("Disqualified",)},
        mapped=MAPPED,
    )
