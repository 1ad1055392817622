"""List, read, change, start and stop campaigns: genesys-api section 8."""

from connector.simulator.call import Answer, Call, answer, as_object
from connector.simulator.campaign import STATUSES, Campaign, reference
from connector.simulator.errors import refuse
from connector.simulator.listing import lets_through, listing, many
from connector.simulator.moments import timestamp
from connector.simulator.world import World

# What a client may ask for, and from where: TF `updateOutboundCampaignStatus`. From `complete` to
# `off` is refused; what is said of no transition is refused too.
_MAY_BECOME = {
    "on": frozenset({"off", "complete", "invalid"}),
    "off": frozenset({"on", "stopping", "invalid", "forced_off", "forced_stopping"}),
}
# Filters of the listing by the thing that a campaign uses, with the field that names it.
_USED = {
    "contactListId": "contactList",
    "distributionQueueId": "queue",
    "edgeGroupId": "edgeGroup",
    "callAnalysisResponseSetId": "callAnalysisResponseSet",
}
# SDK `CampaignPatchRequest`: what a PATCH may change.
_PATCHED: dict[str, type | tuple[type, ...]] = {
    "outboundLineCount": int,
    "abandonRate": (int, float),
    "maxCallsPerAgent": (int, float),
    "dynamicLineBalancingSettings": dict,
    "queue": dict,
}
# SDK `Campaign`: required in every document.
_REQUIRED = ("name", "contactList", "dialingMode", "callerName", "callerAddress", "phoneColumns")


def list_campaigns(world: World, call: Call) -> Answer:
    """List voice campaigns, filtered by what they use, by id, name and division."""
    dnc_lists = many(call, "dncListIds")
    found = [
        one.document
        for one in world.books.campaigns.values()
        if (not dnc_lists or dnc_lists & one.dnc_lists)
        and all(
            name not in call.query or reference(one.document.get(field)) == call.query[name]
            for name, field in _USED.items()
        )
        and lets_through(call, one.document)
    ]
    return listing(call, found)


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


def patch_campaign(world: World, call: Call) -> Answer:
    """Change how a campaign dials; never its status. Other fields are refused (ours)."""
    campaign = world.books.campaign(call.parts["campaign"])
    patch = as_object(call.json(), "The body")
    for name, value in patch.items():
        kind = _PATCHED.get(name)
        if kind is None:
            raise refuse(400, "invalid.update", f"{name} cannot be changed by a PATCH.")
        if not isinstance(value, kind) or isinstance(value, bool):
            raise refuse(400, "invalid.value", f"{name} has another type.")
    campaign.change({**campaign.document, **patch}, timestamp(call.at))
    return Answer(204)


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
