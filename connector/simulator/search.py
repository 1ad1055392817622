"""Search the contacts of a list: genesys-api section 6.5."""

from collections.abc import Sequence

from connector.simulator.call import Answer, Call, answer, as_object
from connector.simulator.contact import Contact
from connector.simulator.contact_list import ContactList
from connector.simulator.errors import refuse
from connector.simulator.filters import (
    CriteriaTest,
    case_blind_test,
    criteria_test,
    exact_values,
    invalid,
)
from connector.simulator.listing import DEFAULT_SIZE, LARGEST_SIZE, page
from connector.simulator.world import World


def search_contacts(world: World, call: Call) -> Answer:
    """Answer one page of the contacts that match; without criteria all do."""
    contacts = world.books.contact_list(call.parts["list"])
    wanted = as_object(call.json(), "The body")
    if wanted.get("contactListFilterId") is not None:
        raise invalid("There is no such contact list filter.")
    size = min(_positive(wanted, "pageSize", DEFAULT_SIZE), LARGEST_SIZE)
    number = _positive(wanted, "pageNumber", 1)
    test = criteria_test if world.books.behaviour.search_case == "exact" else case_blind_test
    found = _sorted(matching(contacts, wanted.get("criteria"), call.at, test), wanted, contacts)
    shown = found[(number - 1) * size : number * size]
    return answer(
        {
            "entities": [one.document(contacts.id) for one in shown],
            "contactsCount": len(contacts.contacts),
            **page(len(found), number, size, call.path),
        }
    )


def matching(
    contacts: ContactList, criteria: object, now: float, meets: CriteriaTest = criteria_test
) -> Sequence[Contact]:
    """Return the contacts that meet criteria, as far as searches know of them yet."""
    if criteria is None:
        return contacts.as_searched(contacts.contacts.values(), now, lambda _: True)
    wanted = as_object(criteria, "criteria")
    test = meets(wanted, contacts, now)
    exact = exact_values(wanted) if meets is criteria_test else None
    if exact is not None:
        return contacts.as_searched(contacts.with_values(*exact), now, test)
    found = (one for one in contacts.contacts.values() if test(one.data))
    return contacts.as_searched(found, now, test)


def _sorted(
    found: Sequence[Contact], wanted: dict[str, object], contacts: ContactList
) -> Sequence[Contact]:
    sorts = wanted.get("contactSorts") or []
    if not isinstance(sorts, list):
        raise invalid("contactSorts must be an array.")
    for sort in reversed(sorts):
        asked = as_object(sort, "contactSorts")
        column = asked.get("fieldName")
        if not isinstance(column, str) or column not in contacts.column_set:
            raise invalid("contactSorts names a column that the list does not have.")
        numeric = asked.get("numeric") is True
        found = sorted(
            found,
            key=lambda one: _key(one.data[column], numeric=numeric),
            reverse=asked.get("direction") == "DESC",
        )
    return found


def _key(cell: str, *, numeric: bool) -> tuple[float, str]:
    if not numeric:
        return 0.0, cell
    try:
        return float(cell), ""
    except ValueError:
        return float("-inf"), ""


def _positive(document: dict[str, object], name: str, default: int) -> int:
    value = document.get(name)
    if value is None:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise refuse(400, "invalid.value", f"{name} must be 1 or more.")
    return value
