"""Read what the simulator starts with: `simulator.toml`, or the document of a reset."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from connector.simulator.fault_spec import FaultSpec, LatencySpec

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,100}$")]
CampaignStatus = Literal[
    "on", "stopping", "off", "complete", "invalid", "forced_off", "forced_stopping"
]

Permission = Literal[
    "outbound:contact:add",
    "outbound:contact:edit",
    "outbound:contact:view",
    "outbound:contact:delete",
    "outbound:contactList:view",
    "outbound:contactList:edit",
    "outbound:dnc:add",
    "outbound:dnc:edit",
    "outbound:dnc:delete",
    "outbound:dncList:view",
    "outbound:campaign:view",
    "outbound:campaign:edit",
    "outbound:campaign:start",
    "outbound:campaign:stop",
    "outbound:campaign:recycle",
]


class SeedError(ValueError):
    """Report every problem of a seed document at once, each with its path.

    Raised by `read` and `load`; the catcher shows `problems`, one line each.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ClientSeed(_Part):
    """An OAuth client; `token_seconds` is how long its tokens live (platform default 86,400).

    `permissions` are those of its role; without them it may do everything.
    """

    client_id: str = Field(min_length=1)
    client_secret: str = Field(min_length=1, repr=False)
    requests_per_minute: int = Field(default=300, ge=1)
    token_seconds: int = Field(default=86_400, ge=1)
    permissions: tuple[Permission, ...] | None = None


class ContactListSeed(_Part):
    """A contact list; limits of 50 columns and 10 phone columns are the platform's.

    `callable_time_columns` names the column with the time zone of a phone column.
    """

    id: Id
    name: str = Field(min_length=1, max_length=64)
    columns: tuple[str, ...] = Field(min_length=1, max_length=50)
    phone_columns: tuple[str, ...] = Field(min_length=1, max_length=10)
    callable_time_columns: dict[str, str] = Field(default_factory=dict)
    automatic_time_zone_mapping: bool = False

    @model_validator(mode="after")
    def _phone_columns_are_columns(self) -> Self:
        if strays := sorted(set(self.phone_columns) - set(self.columns)):
            raise ValueError(f"phone_columns names {', '.join(strays)}, which columns lacks")
        if len(set(self.columns)) < len(self.columns):
            raise ValueError("columns names a column twice")
        return self

    @model_validator(mode="after")
    def _time_zones_fit(self) -> Self:
        if self.callable_time_columns and self.automatic_time_zone_mapping:
            raise ValueError("callable_time_columns: not beside automatic_time_zone_mapping")
        if strays := sorted(self.callable_time_columns.keys() - set(self.phone_columns)):
            raise ValueError(f"callable_time_columns: {', '.join(strays)} is no phone column")
        if strays := sorted(set(self.callable_time_columns.values()) - set(self.columns)):
            raise ValueError(f"callable_time_columns names {', '.join(strays)}, no column")
        return self


class DncListSeed(_Part):
    """A Do-Not-Call list; only internal lists can be written: `rds`, and `rds_custom` by column.

    The contact method of an `rds_custom` list is `Any`, and it names its column.
    """

    id: Id
    name: str = Field(min_length=1, max_length=64)
    source: Literal["rds", "rds_custom", "dnc.com", "gryphon"] = "rds"
    contact_method: Literal["Phone", "Email", "Any", "WhatsApp"] = "Phone"
    custom_exclusion_column: str | None = None


class CampaignSeed(_Part):
    """A voice campaign over one contact list."""

    id: Id
    name: str = Field(min_length=1, max_length=64)
    contact_list: str
    dnc_lists: tuple[str, ...] = ()
    status: CampaignStatus = "off"
    always_running: bool = False


class Behaviour(_Part):
    """What the documentation leaves open, as switches; the defaults are this simulator's choice.

    `request_bytes` is the limit key `request.bytes.max` (512,000 in copies of the limits page).
    `put_unknown_contact` is the code for a PUT on a contact that is not there.
    `omitted_callable` says whether a write without `callable` keeps its value or sets it.
    `refused_login` is the status of `invalid_client`, `added_numbers` that of a `POST` of numbers.
    `rate_limit_of` and `rate_window`: whose requests count together, and over which 60 s; the
    defaults are the stricter readings.
    `search_lag_seconds` is how long a search does not see what was written, `search_case` whether
    it tells `a` from `A`.
    `job_seconds` is how long bulk jobs and exports take, `clear_seconds` clearing a list.
    `early_recycle` is the answer to a second recycle within 5 s: the code of a 429 of 2018.
    """

    request_bytes: int = Field(default=512_000, ge=1)
    put_unknown_contact: Literal["resource.not.found", "contact.does.not.exist"] = (
        "resource.not.found"
    )
    omitted_callable: Literal["kept", "true"] = "kept"
    refused_login: Literal[400, 401] = 400
    added_numbers: Literal[200, 202, 204] = 204
    rate_limit_of: Literal["client", "token"] = "client"
    rate_window: Literal["sliding", "fixed"] = "sliding"
    search_lag_seconds: float = Field(default=0, ge=0)
    search_case: Literal["exact", "ignored"] = "exact"
    job_seconds: float = Field(default=1, ge=0)
    clear_seconds: float = Field(default=1, ge=0)
    early_recycle: Literal["accepted", "too.many.recycles"] = "accepted"


class Limits(_Part):
    """How much an organisation may hold; genesys-api section 3.4 has the sources."""

    contact_lists_per_org: int = Field(default=1_000, ge=1)
    contacts_per_list: int = Field(default=1_000_000, ge=1)
    contacts_per_org: int = Field(default=5_000_000, ge=1)
    dnc_records_per_list: int = Field(default=1_000_000, ge=1)
    dnc_records_per_org: int = Field(default=2_000_000, ge=1)


class Seed(_Part):
    """All that the simulator's books start with."""

    clients: tuple[ClientSeed, ...] = ()
    contact_lists: tuple[ContactListSeed, ...] = ()
    dnc_lists: tuple[DncListSeed, ...] = ()
    campaigns: tuple[CampaignSeed, ...] = ()
    latency: LatencySpec = LatencySpec()
    faults: tuple[FaultSpec, ...] = ()
    behaviour: Behaviour = Behaviour()
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        problems = [
            *_twice("clients", (client.client_id for client in self.clients)),
            *_twice("contact_lists", (one.id for one in self.contact_lists)),
            *_twice("dnc_lists", (one.id for one in self.dnc_lists)),
            *_twice("campaigns", (one.id for one in self.campaigns)),
        ]
        lists = {one.id for one in self.contact_lists}
        dnc_lists = {one.id for one in self.dnc_lists}
        for campaign in self.campaigns:
            if campaign.contact_list not in lists:
                problems.append(f"campaign {campaign.id}: no contact list {campaign.contact_list}")
            problems.extend(
                f"campaign {campaign.id}: no DNC list {dnc}"
                for dnc in campaign.dnc_lists
                if dnc not in dnc_lists
            )
        if problems:
            raise ValueError("; ".join(problems))
        return self


def read(document: object) -> Seed:
    """Validate a parsed seed document whole; raises `SeedError` with every problem."""
    try:
        return Seed.model_validate(document)
    except ValidationError as invalid:
        raise SeedError(problems(invalid)) from None


def load(path: Path) -> Seed:
    """Read a seed from a TOML file; raises `SeedError` where it is missing or wrong."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SeedError([f"{path}: cannot be read ({error.strerror})"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SeedError([f"{path}: not TOML ({error})"]) from None
    return read(document)


def problems(invalid: ValidationError) -> list[str]:
    """Return one line for each problem, `path: what is wrong`; values are left out (secrets)."""
    return [
        f"{'.'.join(map(str, problem['loc'])) or 'document'}: {problem['msg']}"
        for problem in invalid.errors(include_url=False, include_input=False)
    ]


def _twice(part: str, ids: Iterable[str]) -> list[str]:
    counted = Counter(ids)
    return [f"{part}: {one} is there twice" for one, times in counted.items() if times > 1]
