"""List DNC lists, and add numbers to them: genesys-api section 7."""

import re
from datetime import UTC, datetime

from connector.simulator.call import Answer, Call, answer, as_array, as_object
from connector.simulator.dnc_list import DncList
from connector.simulator.errors import refuse
from connector.simulator.listing import listing, names
from connector.simulator.violations import ViolationKind
from connector.simulator.world import World

MOST_PATCHED = 250  # SPEC26 dnc.delete.entries.max.per.request.exceeded
FARTHEST_DAYS = 180  # HELP: an expiration is at most 180 days ahead
_E164 = re.compile(r"\+[1-9]\d{3,14}")  # TF docs: numbers are E.164
_MINUTE = "%Y-%m-%dT%H:%MZ"  # UTC, minute precision


def list_dnc_lists(world: World, call: Call) -> Answer:
    """List DNC lists, filtered by id and name."""
    found = [one for one in world.books.dnc_lists.values() if names(call, one.id, one.name)]
    return listing(call, found, lambda one: one.document())


def get_dnc_list(world: World, call: Call) -> Answer:
    """Read one DNC list."""
    found = world.books.dnc_list(call.parts["list"])
    return answer(found.document(size=call.flag("includeSize")))


def add_numbers(world: World, call: Call) -> Answer:
    """Add numbers; again is not an error, and the last expiration wins."""
    dnc_list = _writable(world, call)
    numbers = _numbers(as_array(call.json(), "The body"))
    _add(world, call, dnc_list, numbers, _expires(call.query.get("expirationDateTime"), call.at))
    return Answer(204)


def patch_numbers(world: World, call: Call) -> Answer:
    """Add or remove numbers; a removal is held against the client."""
    dnc_list = _writable(world, call)
    if dnc_list.contact_method != "Phone":
        raise refuse(400, "dnc.list.invalid.contact.method", "The list does not hold numbers.")
    wanted = as_object(call.json(), "The body")
    action = wanted.get("action")
    if action not in {"Add", "Remove"}:
        raise refuse(400, "invalid.dnc.patch.action", "action must be Add or Remove.")
    if action == "Remove":
        world.hold_against(call, ViolationKind.DNC_REMOVAL, f"DNC list {dnc_list.id}")
    listed = wanted.get("phoneNumbers")
    if not isinstance(listed, list) or not listed:
        raise refuse(400, "invalid.dnc.patch.request", "phoneNumbers names no number.")
    if len(listed) > MOST_PATCHED:
        raise refuse(
            400,
            "dnc.delete.entries.max.per.request.exceeded",
            f"At most {MOST_PATCHED} numbers a request.",
        )
    numbers = _numbers(listed)
    if action == "Remove":
        for number in numbers:
            dnc_list.entries.pop(number, None)
    else:
        _add(world, call, dnc_list, numbers, _expires(wanted.get("expirationDateTime"), call.at))
    return Answer(204)


def delete_numbers(world: World, call: Call) -> Answer:
    """Remove all numbers, or all that have expired; held against the client."""
    dnc_list = _writable(world, call)
    expired_only = call.flag("expiredOnly")
    world.hold_against(call, ViolationKind.DNC_REMOVAL, f"DNC list {dnc_list.id}")
    now = datetime.fromtimestamp(call.at, UTC).strftime(_MINUTE)
    dnc_list.entries = {
        number: expires
        for number, expires in dnc_list.entries.items()
        if expired_only and (expires is None or expires > now)
    }
    return Answer(204)


def _writable(world: World, call: Call) -> DncList:
    dnc_list = world.books.dnc_list(call.parts["list"])
    if dnc_list.source != "rds":
        raise refuse(400, "dnc.source.operation.not.supported", "The list is not internal.")
    return dnc_list


def _numbers(listed: list[object]) -> list[str]:
    numbers = [one for one in listed if isinstance(one, str) and _E164.fullmatch(one)]
    if len(numbers) < len(listed):
        raise refuse(400, "invalid.value", "A number is not E.164.")
    return numbers


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
    world: World, call: Call, dnc_list: DncList, numbers: list[str], expires: str | None
) -> None:
    for number in numbers[: len(numbers) // 2] if call.partial else numbers:
        dnc_list.entries[number] = expires
        world.books.digits.add(number.lstrip("+"))
        world.opt_outs.number_added(number, call.flight)
