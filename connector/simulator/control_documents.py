"""Say what the control API takes: the bodies of its calls, validated whole."""

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from connector.simulator.seed import CampaignStatus, SeedError, problems


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LoadedContact(BaseModel):
    """A contact that another loader puts on a list; columns that it leaves out are empty.

    Every field of the platform's contact may stand there; an `id` counts for nothing, since the
    platform chooses it.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    data: dict[str, str]
    callable: bool = True
    callRecords: dict[str, JsonValue] = Field(default_factory=dict)  # noqa: N815 - the API's name
    phoneNumberStatus: dict[str, JsonValue] | None = None  # noqa: N815
    contactableStatus: dict[str, JsonValue] | None = None  # noqa: N815


class ContactPatch(_Document):
    """What an agent or the dialler changes on a contact."""

    callable: bool | None = None
    callRecords: dict[str, JsonValue] | None = None  # noqa: N815 - the API's name


class Reference(_Document):
    """A thing that a document names by its id."""

    id: str


class CampaignPatch(_Document):
    """What the dialler changes on a campaign, or an administrator."""

    campaignStatus: CampaignStatus | None = None  # noqa: N815 - the API's name
    dncLists: tuple[Reference, ...] | None = None  # noqa: N815


class Leads(_Document):
    """Leads by their `CRM_Lead_ID`."""

    lead_ids: tuple[str, ...]


T = TypeVar("T")


def parse(kind: type[T], body: bytes) -> T:
    """Read a body; raises `SeedError` with every problem."""
    try:
        return TypeAdapter(kind).validate_json(body)
    except ValidationError as invalid:
        raise SeedError(problems(invalid)) from None
