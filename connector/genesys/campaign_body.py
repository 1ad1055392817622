"""Read campaigns of the platform's JSON (genesys-api.md section 8.1). Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from connector.domain.campaign import Campaign
from connector.domain.ids import CampaignId, DncListId
from connector.genesys.contact_body import UnreadableError


@dataclass(frozen=True, slots=True)
class Campaigns:
    """One page of the campaigns of a list; `pages` is how many there are, 1 at least."""

    campaigns: tuple[Campaign, ...]
    pages: int


@dataclass(frozen=True, slots=True)
class WholeCampaign:
    """One campaign with its whole document: an update sends it back, what we do not know too."""

    campaign: Campaign
    document: Mapping[str, object] = field(repr=False)


def read_campaigns(found: object) -> Campaigns:
    """Return one page of a listing.

    Raises:
        UnreadableError: it is none, or one of its campaigns cannot be read.
    """
    match found:
        case {"entities": list(entities), **rest}:
            pages = rest.get("pageCount")
        case _:
            raise UnreadableError
    count = pages if isinstance(pages, int) else 1
    return Campaigns(tuple(_campaign(each) for each in entities), max(1, count))


def read_whole_campaign(found: object) -> WholeCampaign:
    """Return one campaign.

    Raises:
        UnreadableError: it has no id, no status or no version.
    """
    if not isinstance(found, dict):
        raise UnreadableError
    return WholeCampaign(_campaign(found), found)


def _campaign(found: object) -> Campaign:
    """Return what decides. `alwaysRunning` is optional; a campaign without it is not."""
    match found:
        case {"id": str(campaign), "campaignStatus": str(status), "version": int(version), **rest}:
            always, name = rest.get("alwaysRunning"), rest.get("name")
        case _:
            raise UnreadableError
    if always is not None and not isinstance(always, bool):
        raise UnreadableError
    return Campaign(
        CampaignId(campaign),
        status,
        always_running=bool(always),
        version=version,
        name=name if isinstance(name, str) else "",
        dnc_lists=frozenset(_dnc_lists(rest.get("dncLists"))),
    )


def _dnc_lists(found: object) -> Iterator[DncListId]:
    """Yield the DNC lists of a campaign; one that has none may leave the field out."""
    if found is None:
        return
    if not isinstance(found, list):
        raise UnreadableError
    for each in found:
        match each:
            case {"id": str(dnc_list)}:
                yield DncListId(dnc_list)
            case _:
                raise UnreadableError
