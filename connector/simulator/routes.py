"""Find the path of the platform that a request asks for."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from connector.simulator import campaigns, contacts, dnc, lists, search, token_paths
from connector.simulator.call import Answer, Call
from connector.simulator.errors import Refusal
from connector.simulator.world import World

Path = Callable[[World, Call], Answer]

LOGIN = "/oauth/token"
_LISTS = "/api/v2/outbound/contactlists"
_CONTACTS = f"{_LISTS}/{{list}}/contacts"
_DNC = "/api/v2/outbound/dnclists"
_CAMPAIGNS = "/api/v2/outbound/campaigns"

PATHS: dict[tuple[str, str], Path] = {
    ("POST", LOGIN): token_paths.give_token,
    ("GET", "/api/v2/tokens/me"): token_paths.describe_token,
    ("GET", _LISTS): lists.list_contact_lists,
    ("GET", f"{_LISTS}/{{list}}"): lists.get_contact_list,
    ("PUT", f"{_LISTS}/{{list}}"): lists.put_contact_list,
    ("GET", f"{_LISTS}/{{list}}/importstatus"): lists.get_import_status,
    ("POST", _CONTACTS): contacts.add_contacts,
    ("DELETE", _CONTACTS): contacts.delete_contacts,
    ("POST", f"{_CONTACTS}/bulk"): contacts.fetch_contacts,
    ("POST", f"{_CONTACTS}/search"): search.search_contacts,
    ("GET", f"{_CONTACTS}/{{contact}}"): contacts.get_contact,
    ("PUT", f"{_CONTACTS}/{{contact}}"): contacts.put_contact,
    ("DELETE", f"{_CONTACTS}/{{contact}}"): contacts.delete_contact,
    ("GET", _DNC): dnc.list_dnc_lists,
    ("GET", f"{_DNC}/{{list}}"): dnc.get_dnc_list,
    ("POST", f"{_DNC}/{{list}}/phonenumbers"): dnc.add_numbers,
    ("PATCH", f"{_DNC}/{{list}}/phonenumbers"): dnc.patch_numbers,
    ("DELETE", f"{_DNC}/{{list}}/phonenumbers"): dnc.delete_numbers,
    ("GET", _CAMPAIGNS): campaigns.list_campaigns,
    ("GET", f"{_CAMPAIGNS}/{{campaign}}"): campaigns.get_campaign,
    ("PUT", f"{_CAMPAIGNS}/{{campaign}}"): campaigns.put_campaign,
    ("POST", f"{_CAMPAIGNS}/{{campaign}}/start"): campaigns.start_campaign,
    ("POST", f"{_CAMPAIGNS}/{{campaign}}/stop"): campaigns.stop_campaign,
}

# Requests that take many things at once, and so can be carried out in part.
OF_MANY = frozenset(
    {contacts.add_contacts, contacts.delete_contacts, dnc.add_numbers, dnc.patch_numbers}
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
