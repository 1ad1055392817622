"""Find the path of the platform that a request asks for."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from connector.simulator import (
    bulk,
    campaign_progress,
    campaigns,
    contacts,
    dnc,
    export_paths,
    lists,
    organization,
    search,
    token_paths,
)
from connector.simulator.call import Answer, Call
from connector.simulator.errors import Refusal
from connector.simulator.world import World

Path = Callable[[World, Call], Answer]

LOGIN = "/oauth/token"
_LISTS = "/api/v2/outbound/contactlists"
_CONTACTS = f"{_LISTS}/{{list}}/contacts"
_JOBS = f"{_CONTACTS}/bulk/jobs"
_DNC = "/api/v2/outbound/dnclists"
_DNC_LIST = f"{_DNC}/{{list}}"
_CAMPAIGNS = "/api/v2/outbound/campaigns"
_CAMPAIGN = f"{_CAMPAIGNS}/{{campaign}}"
_LIMITS = "/api/v2/organizations/limits/namespaces/{namespace}"

PATHS: dict[tuple[str, str], Path] = {
    ("POST", LOGIN): token_paths.give_token,
    ("GET", "/api/v2/tokens/me"): token_paths.describe_token,
    ("GET", _LISTS): lists.list_contact_lists,
    ("GET", f"{_LISTS}/{{list}}"): lists.get_contact_list,
    ("PUT", f"{_LISTS}/{{list}}"): lists.put_contact_list,
    ("GET", f"{_LISTS}/{{list}}/importstatus"): lists.get_import_status,
    ("POST", f"{_LISTS}/{{list}}/clear"): bulk.clear_list,
    ("POST", f"{_LISTS}/{{list}}/export"): export_paths.export_contacts,
    ("GET", f"{_LISTS}/{{list}}/export"): export_paths.get_contacts_export,
    ("GET", "/api/v2/downloads/{file}"): export_paths.download,
    ("POST", _CONTACTS): contacts.add_contacts,
    ("DELETE", _CONTACTS): contacts.delete_contacts,
    ("POST", f"{_CONTACTS}/bulk"): contacts.fetch_contacts,
    ("POST", f"{_CONTACTS}/bulk/update"): bulk.update_contacts,
    ("POST", f"{_CONTACTS}/bulk/remove"): bulk.remove_contacts,
    ("GET", _JOBS): bulk.list_jobs,
    ("GET", f"{_JOBS}/{{job}}"): bulk.get_job,
    ("POST", f"{_CONTACTS}/search"): search.search_contacts,
    ("GET", f"{_CONTACTS}/{{contact}}"): contacts.get_contact,
    ("PUT", f"{_CONTACTS}/{{contact}}"): contacts.put_contact,
    ("DELETE", f"{_CONTACTS}/{{contact}}"): contacts.delete_contact,
    ("GET", _DNC): dnc.list_dnc_lists,
    ("GET", _DNC_LIST): dnc.get_dnc_list,
    ("GET", f"{_DNC_LIST}/importstatus"): dnc.get_import_status,
    ("POST", f"{_DNC_LIST}/export"): export_paths.export_dnc_list,
    ("GET", f"{_DNC_LIST}/export"): export_paths.get_dnc_export,
    ("POST", f"{_DNC_LIST}/phonenumbers"): dnc.add_numbers,
    ("PATCH", f"{_DNC_LIST}/phonenumbers"): dnc.patch_numbers,
    ("DELETE", f"{_DNC_LIST}/phonenumbers"): dnc.delete_numbers,
    ("POST", f"{_DNC_LIST}/emailaddresses"): dnc.add_emails,
    ("PATCH", f"{_DNC_LIST}/emailaddresses"): dnc.patch_emails,
    ("DELETE", f"{_DNC_LIST}/emailaddresses"): dnc.delete_emails,
    ("PATCH", f"{_DNC_LIST}/whatsappnumbers"): dnc.patch_whats_app,
    ("DELETE", f"{_DNC_LIST}/whatsappnumbers"): dnc.delete_whats_app,
    ("PATCH", f"{_DNC_LIST}/customexclusioncolumns"): dnc.patch_custom,
    ("DELETE", f"{_DNC_LIST}/customexclusioncolumns"): dnc.delete_custom,
    ("GET", _CAMPAIGNS): campaigns.list_campaigns,
    ("POST", f"{_CAMPAIGNS}/progress"): campaign_progress.get_progress_of_many,
    ("GET", _CAMPAIGN): campaigns.get_campaign,
    ("PUT", _CAMPAIGN): campaigns.put_campaign,
    ("PATCH", _CAMPAIGN): campaigns.patch_campaign,
    ("POST", f"{_CAMPAIGN}/start"): campaigns.start_campaign,
    ("POST", f"{_CAMPAIGN}/stop"): campaigns.stop_campaign,
    ("GET", f"{_CAMPAIGN}/progress"): campaign_progress.get_progress,
    ("DELETE", f"{_CAMPAIGN}/progress"): campaign_progress.recycle,
    ("GET", _LIMITS): organization.get_limits,
    ("GET", f"{_LIMITS}/defaults"): organization.get_default_limits,
}

# Requests that take many things at once, and so can be carried out in part.
OF_MANY = frozenset(
    {
        contacts.add_contacts,
        contacts.delete_contacts,
        dnc.add_numbers,
        dnc.patch_numbers,
        dnc.add_emails,
        dnc.patch_emails,
        dnc.patch_whats_app,
        dnc.patch_custom,
    }
)


@dataclass(frozen=True, slots=True)
class Route:
    """A path with the variable segments of its address, decoded."""

    path: Path
    parts: dict[str, str]


class _Node:
    """One segment of the addresses: what may follow, and what answers here."""

    def __init__(self) -> None:
        self.named: dict[str, _Node] = {}
        self.variable: tuple[str, _Node] | None = None
        self.methods: dict[str, Path] = {}


def _tree() -> _Node:
    root = _Node()
    for (method, template), path in PATHS.items():
        node = root
        for segment in template.strip("/").split("/"):
            if segment.startswith("{"):
                if node.variable is None:
                    node.variable = (segment.strip("{}"), _Node())
                node = node.variable[1]
            else:
                node = node.named.setdefault(segment, _Node())
        node.methods[method] = path
    return root


_ROOT = _tree()
_NOTHING = Refusal(404, "not.found", "There is nothing at this address.")


def route(method: str, address: str) -> Route | Refusal:
    """Return what answers an address, or why nothing does (404, 405)."""
    node, parts = _ROOT, dict[str, str]()
    for segment in address.strip("/").split("/"):
        following = node.named.get(segment)
        if following is None and node.variable is not None and segment:
            name, following = node.variable
            parts[name] = unquote(segment)
        if following is None:
            return _NOTHING
        node = following
    path = node.methods.get(method)
    if path is not None:
        return Route(path, parts)
    if not node.methods:
        return _NOTHING
    allowed = ", ".join(sorted(node.methods))
    text = f"{method} is not allowed here."
    return Refusal(405, "method.not.allowed", text, headers=(("Allow", allowed),))
