"""List, read, change, start and stop campaigns: genesys-api section 8."""

from connector.simulator.call import Answer, Call, answer, as_object
from connector.simulator.campaign import STATUSES, Campaign, reference
from connector.simulator.errors import refuse
from connector.simulator.listing import listing, names
from connector.simulator.moments import timestamp
from connector.simulator.world import World

# What a client may ask for, and from where: TF `updateOutboundCampaignStatus`. From `complete` to
# `off` is refused; what is said of no transition is refused too.
_MAY_BECOME = {
    "on": frozenset({"off", "complete", "invalid"}),
    "off": frozenset({"on", "stopping", "invalid", "forced_off", "forced_stopping"}),
}
# SDK `Campaign`: required in every document.
_REQUIRED = ("name", "contactList", "dialingMode", "callerName", "callerAddress", "phoneColumns")


def list_campaigns(world: World, call: Call) -> Answer:
    """List voice campaigns, filtered by contact list, DNC lists, id and name."""
    contact_list = call.query.get("contactListId")
    dnc_lists = {one for one in call.query.get("dncListIds", "").split(",") if one}
    found = [
        one
        for one in world.books.campaigns.values()
        if (contact_list is None or one.contact_list == contact_list)
        and (not dnc_lists or dnc_lists & one.dnc_lists)
        and names(call, one.id, str(one.document["name"]))
    ]
    return listing(call, found, lambda one: one.document)


def get_campaign(world: World, call: Call) -> Answer:
    """Read one campaign."""
    return answer(world.books.campaign(call.parts["campaign"]).document)


def put_campaign(world: World, call: Call) -> Answer:
    """Replace a campaign; its version must be the latest, its status one that may follow."""
    campaign = world.books.campaign(call.parts["campaign"])
    wanted = as_object(call.json(), "The body")
    if wanted.get("version") != campaign.version:
        raise refuse(409, "invalid.update.wrong.version", f"The version is {campaign.version}.")
    _complete(world, wanted)
    _may_follow(campaign, wanted.get("campaignStatus"))
    campaign.change(wanted, timestamp(call.at))
    return answer(campaign.document)


def start_campaign(world: World, call: Call) -> Answer:
    """Turn a campaign on; one that is on stays on (undocumented, our choice)."""
    campaign = world.books.campaign(call.parts["campaign"], "campaign.not.found")
    _turn(campaign, "on", call)
    return Answer(204)


def stop_campaign(world: World, call: Call) -> Answer:
    """Turn a campaign off, at once; one that is complete stays so (undocumented, our choice)."""
    campaign = world.books.campaign(call.parts["campaign"], "campaign.not.found")
    if campaign.status != "complete":
        _turn(campaign, "off", call)
    return Answer(204)


def _turn(campaign: Campaign, status: str, call: Call) -> None:
    if campaign.status != status:
        changed = {**campaign.document, "campaignStatus": status}
        campaign.change(changed, timestamp(call.at))


def _complete(world: World, wanted: dict[str, object]) -> None:
    for name in _REQUIRED:
        if not wanted.get(name):
            raise refuse(400, "invalid.update", f"A campaign needs {name}.")
    world.books.contact_list(reference(wanted["contactList"]))
    lists = wanted.get("dncLists") or []
    if not isinstance(lists, list):
        raise refuse(400, "invalid.value", "dncLists must be an array.")
    for one in lists:
        if reference(one) not in world.books.dnc_lists:
            raise refuse(400, "dnc.list.not.found", f"No DNC list {reference(one)}.")


def _may_follow(campaign: Campaign, status: object) -> None:
    """Refuse a status that a client may not set, or not from where the campaign is."""
    if status not in STATUSES:
        known = ", ".join(sorted(STATUSES))
        raise refuse(400, "invalid.value", f"campaignStatus must be one of {known}.")
    if status == campaign.status:
        return
    if campaign.status not in _MAY_BECOME.get(str(status), frozenset()):
        raise _bad_transition(campaign.status, str(status))


def _bad_transition(before: str, after: str) -> Exception:
    return refuse(
        400,
        "invalid.update.bad.status.transition",
        "An attempt was made to update a Campaign in an invalid way. "
        f"Details: Invalid transition from <{before.upper()}> to <{after.upper()}>",
    )
