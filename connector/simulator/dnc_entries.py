"""Add and remove the entries of DNC lists, whatever kind they are of: genesys-api section 7."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from connector.simulator.call import Answer, Call, as_array, as_object
from connector.simulator.dnc_list import DncList
from connector.simulator.errors import refuse
from connector.simulator.violations import ViolationKind
from connector.simulator.world import World

MOST_PATCHED = 250  # SPEC26 dnc.delete.entries.max.per.request.exceeded
FARTHEST_DAYS = 180  # HELP: an expiration is at most 180 days ahead
_MINUTE = "%Y-%m-%dT%H:%MZ"  # UTC, minute precision
_E164 = re.compile(r"\+[1-9]\d{3,14}")  # TF docs: numbers are E.164


@dataclass(frozen=True, slots=True)
class Kind:
    """What entries are: `field` names them in a PATCH, `method` is that of lists that hold them.

    `source` is the `dncSourceType` of the lists, `calls` whether an entry is a number to call.
    """

    field: str
    method: str
    entry: re.Pattern[str]
    text: str
    source: str = "rds"
    calls: bool = False


PHONE = Kind("phoneNumbers", "Phone", _E164, "A number is not E.164.", calls=True)
WHATS_APP = Kind("whatsAppNumbers", "WhatsApp", _E164, "A number is not E.164.")
EMAIL = Kind(
    "emailAddresses", "Email", re.compile(r"[^\s@]+@[^\s@]+"), "This is no e-mail address."
)
CUSTOM = Kind(
    "customExclusionColumnEntries",
    "Any",
    re.compile(r".+"),
    "An entry is text.",
    source="rds_custom",
)


def add(world: World, call: Call, kind: Kind) -> Answer:
    """Add the entries of a body; again is not an error, and the last expiration wins.

    That a POST heeds the contact method is documented of no code; ours takes phone numbers on
    any internal list, and e-mail addresses on lists of them.
    """
    dnc_list = _writable(world, call, kind)
    if not kind.calls:
        _of_method(dnc_list, kind)
    entries = _entries(as_array(call.json(), "The body"), kind)
    expires = _expires(call.query.get("expirationDateTime"), call.at)
    _add(world, call, dnc_list, entries, expires, kind)
    return Answer(world.books.behaviour.added_numbers if kind.calls else 204)


def patch(world: World, call: Call, kind: Kind) -> Answer:
    """Add or remove entries; a removal is held against the client."""
    dnc_list = _writable(world, call, kind)
    _of_method(dnc_list, kind)
    wanted = as_object(call.json(), "The body")
    action = wanted.get("action")
    if action not in {"Add", "Remove"}:
        raise refuse(400, "invalid.dnc.patch.action", "action must be Add or Remove.")
    if action == "Remove":
        world.hold_against(call, ViolationKind.DNC_REMOVAL, f"DNC list {dnc_list.id}")
    listed = wanted.get(kind.field)
    if not isinstance(listed, list) or not listed:
        raise refuse(400, "invalid.dnc.patch.request", f"{kind.field} names nothing.")
    if len(listed) > MOST_PATCHED:
        raise refuse(
            400,
            "dnc.delete.entries.max.per.request.exceeded",
            f"At most {MOST_PATCHED} entries a request.",
        )
    entries = _entries(listed, kind)
    if action == "Remove":
        for entry in entries[: len(entries) // 2] if call.partial else entries:
            dnc_list.entries.pop(entry, None)
    else:
        expires = _expires(wanted.get("expirationDateTime"), call.at)
        _add(world, call, dnc_list, entries, expires, kind)
    return Answer(204)


def delete(world: World, call: Call, kind: Kind) -> Answer:
    """Remove all entries, or all that have expired; held against the client."""
    dnc_list = _writable(world, call, kind)
    _of_method(dnc_list, kind)
    expired_only = call.flag("expiredOnly")
    world.hold_against(call, ViolationKind.DNC_REMOVAL, f"DNC list {dnc_list.id}")
    now = datetime.fromtimestamp(call.at, UTC).strftime(_MINUTE)
    dnc_list.entries = {
        entry: expires
        for entry, expires in dnc_list.entries.items()
        if expired_only and (expires is None or expires > now)
    }
    return Answer(204)


def _writable(world: World, call: Call, kind: Kind) -> DncList:
    dnc_list = world.books.dnc_list(call.parts["list"])
    if dnc_list.source != kind.source:
        raise refuse(
            400, "dnc.source.operation.not.supported", f"The list is not of {kind.source}."
        )
    return dnc_list


def _of_method(dnc_list: DncList, kind: Kind) -> None:
    if dnc_list.contact_method != kind.method:
        raise refuse(
            400, "dnc.list.invalid.contact.method", f"The list is not of method {kind.method}."
        )


def _entries(listed: list[object], kind: Kind) -> list[str]:
    entries = [one for one in listed if isinstance(one, str) and kind.entry.fullmatch(one)]
    if len(entries) < len(listed):
        raise refuse(400, "invalid.value", kind.text)
    return entries


def _expires(value: object, now: float) -> str | None:
    if value is None:
        return None
    try:
        moment = datetime.strptime(str(value), _MINUTE).replace(tzinfo=UTC)
    except ValueError:
        raise refuse(400, "invalid.date.value", "Dates are yyyy-MM-ddTHH:mmZ.") from None
    if moment.timestamp() > now + FARTHEST_DAYS * 86_400:
        raise refuse(400, "invalid.date.value", f"At most {FARTHEST_DAYS} days ahead.")
    return str(value)


def _add(
    world: World,
    call: Call,
    dnc_list: DncList,
    entries: list[str],
    expires: str | None,
    kind: Kind,
) -> None:
    taken = entries[: len(entries) // 2] if call.partial else entries
    fresh = {one for one in taken if one not in dnc_list.entries}
    world.books.room_for_entries(dnc_list, len(fresh))
    for entry in taken:
        dnc_list.entries[entry] = expires
        if kind.calls:
            world.books.digits.add(entry.lstrip("+"))
            world.opt_outs.number_added(entry, call.flight)
