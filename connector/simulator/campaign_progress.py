"""Tell how far campaigns have come, and let them begin again: genesys-api section 8.2."""

from connector.simulator.call import Answer, Call, answer, as_array
from connector.simulator.campaign import Campaign
from connector.simulator.errors import refuse
from connector.simulator.world import World

_RECYCLE_PAUSE = 5.0  # seconds; HELP "Recycle a campaign": at most every five


def get_progress(world: World, call: Call) -> Answer:
    """Read the progress of one campaign."""
    return answer(_progress(world, world.books.campaign(call.parts["campaign"])))


def get_progress_of_many(world: World, call: Call) -> Answer:
    """Read the progress of many campaigns; those that are not there are left out (ours)."""
    ids = as_array(call.json(), "The body")
    found = (world.books.campaigns.get(str(one)) for one in ids)
    return answer([_progress(world, one) for one in found if one is not None])


def recycle(world: World, call: Call) -> Answer:
    """Begin the progress of a campaign again; that does not turn it on."""
    campaign = world.books.campaign(call.parts["campaign"], "campaign.not.found")
    last = campaign.recycled_at
    early = last is not None and call.at < last + _RECYCLE_PAUSE
    if early and world.books.behaviour.early_recycle == "too.many.recycles":
        text = f"A campaign is recycled at most every {_RECYCLE_PAUSE:.0f} s."
        raise refuse(429, "too.many.recycles", text)
    contacts = world.books.contact_list(campaign.contact_list).contacts
    campaign.recycled_at = call.at
    campaign.passed = {one.id: one.call_records for one in contacts.values() if one.call_records}
    return Answer(202)


def _progress(world: World, campaign: Campaign) -> dict[str, object]:
    """Return the `CampaignProgress`: called is a contact with records since the last recycle."""
    contacts = world.books.contact_list(campaign.contact_list)
    total = len(contacts.contacts)
    called = sum(
        1
        for one in contacts.contacts.values()
        if one.call_records and one.call_records != campaign.passed.get(one.id)
    )
    skipped = sum(1 for one in contacts.contacts.values() if not one.callable)
    return {
        "campaign": _reference(campaign.id, campaign.document["name"], "campaigns"),
        "contactList": _reference(contacts.id, contacts.name, "contactlists"),
        "numberOfContactsCalled": called,
        "numberOfContactsMessaged": 0,
        "totalNumberOfContacts": total,
        "percentage": 100 * called // total if total else 0,
        "numberOfContactsSkipped": {"uncallable": skipped},
    }


def _reference(thing_id: str, name: object, kind: str) -> dict[str, object]:
    return {"id": thing_id, "name": name, "selfUri": f"/api/v2/outbound/{kind}/{thing_id}"}
