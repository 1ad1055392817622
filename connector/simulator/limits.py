"""Name the limits of an organisation, and refuse what is beyond them: genesys-api section 3."""

from connector.simulator.errors import Refusal, Refused
from connector.simulator.seed import Limits

# Keys of the namespace `outbound` are ours, except that they follow the error codes.
_KEYS = {
    "contact_lists_per_org": "contact.lists.per.org",
    "contacts_per_list": "contacts.per.list",
    "contacts_per_org": "contacts.per.org",
    "dnc_records_per_list": "dnc.records.per.list",
    "dnc_records_per_org": "dnc.records.per.organization",
}
OUTBOUND = "outbound"
PLATFORM = "platform.api"  # developer blog 2021-02-03: the limit keys of the rate


def outbound(limits: Limits) -> list[dict[str, object]]:
    """Return the `Limit`s of the namespace `outbound`."""
    return [_limit(OUTBOUND, key, getattr(limits, name)) for name, key in _KEYS.items()]


def platform_api(requests_per_minute: int, request_bytes: int) -> list[dict[str, object]]:
    """Return the `Limit`s of the namespace `platform.api` as one client meets them."""
    return [
        _limit(PLATFORM, "token.rate.per.minute", requests_per_minute),
        _limit(PLATFORM, "client.credentials.token.rate.per.minute", requests_per_minute),
        _limit(PLATFORM, "request.bytes.max", request_bytes),
    ]


def beyond(code: str, name: str, limits: Limits) -> Refused:
    """Return the refusal (400) of what a limit does not allow."""
    limit = _limit(OUTBOUND, _KEYS[name], getattr(limits, name))
    text = f"The limit {limit['key']} of {limit['value']} is reached."
    return Refused(Refusal(400, code, text, limit=limit))


def _limit(namespace: str, key: str, value: object) -> dict[str, object]:
    return {"key": key, "namespace": namespace, "value": value}
