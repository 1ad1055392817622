"""Check the campaigns of our lists: that they can be read, and that each heeds our DNC list."""

from collections.abc import Collection, Sequence

from connector.domain.campaign import Campaign
from connector.domain.ids import DncListId, ListId
from connector.genesys.campaigns import CampaignCalls
from connector.genesys.failed import Failed
from connector.genesys.requests import PAGE_SIZE
from connector.ops.finding import Finding, bad, doubtful, well
from connector.planning.coverage import bare
from connector.settings.lists import ContactList
from connector.settings.model import Settings

PAGES = 1
"""Pages of 100 campaigns of a list that are looked at: more are no check but an inventory."""


async def check_campaigns(
    calls: CampaignCalls, settings: Settings, gone: Collection[ListId]
) -> list[Finding]:
    """Look at the campaigns of each list, but of none *gone*."""
    found: list[Finding] = []
    for name, entry in settings.lists.items():
        list_id = ListId(entry.contact_list)
        if list_id in gone:
            continue
        told = await calls.of_list(list_id, PAGES)
        if isinstance(told, Failed):
            found.append(_unread(name, entry, settings, told))
        else:
            found += findings(name, DncListId(entry.dnc_list), told)
    return found


def findings(name: str, dnc_list: DncListId, campaigns: Sequence[Campaign]) -> list[Finding]:
    """Return what is to say of the campaigns of the list *name*: each that does not heed our DNC
    list, one that is off too, for it can be turned on at any time; or that all do.
    """
    what = f"campaigns {name}"
    if found := bare(dnc_list, campaigns):
        return [
            bad(
                what,
                f"{each.name} ({each.id}) is {each.status} without lists.{name}.dnc_list, and may "
                f"dial numbers that opted out; attach DNC list {dnc_list} to it",
            )
            for each in found
        ]
    if not campaigns:
        return [well(what, "none dials this list")]
    if len(campaigns) >= PAGES * PAGE_SIZE:
        told = f"the first {len(campaigns)} have lists.{name}.dnc_list attached"
        return [doubtful(what, f"{told}; a worker looks at the others too: see its ready page")]
    told = ", ".join(f"{each.name} is {each.status}" for each in campaigns)
    return [well(what, f"{told}; all have lists.{name}.dnc_list attached")]


def _unread(name: str, entry: ContactList, settings: Settings, failed: Failed) -> Finding:
    what = f"campaigns {name}"
    if failed.answer != "environment":
        return doubtful(what, f"cannot be read ({failed.code}); {failed.advice}")
    if settings.compliance.uncovered == "hold":
        setting = 'compliance.uncovered = "hold": no new contact would be sent'
    elif entry.campaigns != "off":
        setting = f'lists.{name}.campaigns = "{entry.campaigns}"'
    else:
        why = "so nobody sees whether our DNC list is attached to them"
        return doubtful(what, f"cannot be read ({failed.code}), {why}; {failed.advice}")
    return bad(what, f"cannot be read ({failed.code}), needed for {setting}; {failed.advice}")
