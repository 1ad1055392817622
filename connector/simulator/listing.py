"""Wrap things in the page that every listing of the platform answers with."""

from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from connector.simulator.call import Answer, Call, answer
from connector.simulator.errors import refuse

DEFAULT_SIZE = 25
LARGEST_SIZE = 100  # a cap; asking for more is not an error
MOST_IDS = 100  # SPEC26 too.many.bulk.retrieves

T = TypeVar("T")


def page(total: int, number: int, size: int, address: str) -> dict[str, object]:
    """Return the frame of one page, without its entities."""
    count = max(1, -(-total // size))

    def uri(which: int) -> str:
        return f"{address}{'&' if '?' in address else '?'}pageSize={size}&pageNumber={which}"

    return {
        "pageSize": size,
        "pageNumber": number,
        "total": total,
        "pageCount": count,
        "firstUri": uri(1),
        "lastUri": uri(count),
        "selfUri": uri(number),
        "nextUri": uri(number + 1) if number < count else None,
        "previousUri": uri(number - 1) if number > 1 else None,
    }


def listing(call: Call, things: Sequence[T], document: Callable[[T], dict[str, object]]) -> Answer:
    """Answer with the page that the query of a request asks for."""
    size = min(call.number("pageSize", DEFAULT_SIZE), LARGEST_SIZE)
    number = call.number("pageNumber", 1)
    kept = {
        name: value for name, value in call.query.items() if name not in {"pageSize", "pageNumber"}
    }
    address = f"{call.path}?{urlencode(kept)}" if kept else call.path
    shown = things[(number - 1) * size : number * size]
    return answer(
        {
            "entities": [document(one) for one in shown],
            **page(len(things), number, size, address),
        }
    )


def names(call: Call, thing_id: str, name: str) -> bool:
    """Return whether the `id` and `name` filters of a listing let a thing through.

    `filterType` is Prefix where it is not given; names compare without regard to case.
    """
    wanted = call.query.get("id")
    if wanted is not None:
        ids = wanted.split(",")
        if len(ids) > MOST_IDS:
            raise refuse(400, "too.many.bulk.retrieves", f"At most {MOST_IDS} ids.")
        if thing_id not in ids:
            return False
    pattern = call.query.get("name", "").lower()
    tests: dict[str, Callable[[str], bool]] = {
        "equals": lambda text: text == pattern,
        "contains": lambda text: pattern in text,
        "prefix": lambda text: text.startswith(pattern),
        "beginswith": lambda text: text.startswith(pattern),
        "endswith": lambda text: text.endswith(pattern),
    }
    test = tests.get(call.query.get("filterType", "Prefix").lower())
    if test is None:
        raise refuse(400, "invalid.query.param.value", "filterType is not one that is served.")
    return not pattern or test(name.lower())
