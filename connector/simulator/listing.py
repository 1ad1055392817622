"""Wrap things in the page that every listing of the platform answers with."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import cast
from urllib.parse import urlencode

from connector.simulator.call import Answer, Call, answer, as_record
from connector.simulator.errors import refuse

DEFAULT_SIZE = 25
LARGEST_SIZE = 100  # a cap; asking for more is not an error
MOST_IDS = 100  # SPEC26 too.many.bulk.retrieves

Document = Mapping[str, object]


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


def listing(call: Call, documents: Sequence[Document]) -> Answer:
    """Answer with the page that the query of a request asks for, in the order it asks for."""
    size = min(call.number("pageSize", DEFAULT_SIZE), LARGEST_SIZE)
    number = call.number("pageNumber", 1)
    kept = {
        name: value for name, value in call.query.items() if name not in {"pageSize", "pageNumber"}
    }
    address = f"{call.path}?{urlencode(kept)}" if kept else call.path
    documents = _sorted(call, documents)
    shown = documents[(number - 1) * size : number * size]
    return answer({"entities": shown, **page(len(documents), number, size, address)})


def lets_through(call: Call, document: Document) -> bool:
    """Return whether the `id`, `name` and `divisionId` filters let a thing through.

    `filterType` is Prefix where it is not given; names compare without regard to case.
    """
    ids = many(call, "id")
    if len(ids) > MOST_IDS:
        raise refuse(400, "too.many.bulk.retrieves", f"At most {MOST_IDS} ids.")
    if ids and document["id"] not in ids:
        return False
    divisions = many(call, "divisionId")
    if divisions and as_record(document.get("division")).get("id") not in divisions:
        return False
    pattern = call.query.get("name", "").lower()
    test = _TESTS.get(call.query.get("filterType", "Prefix").lower())
    if test is None:
        raise refuse(400, "invalid.query.param.value", "filterType is not one that is served.")
    try:
        return not pattern or test(str(document["name"]).lower(), pattern)
    except re.error:
        raise refuse(400, "invalid.query.param.value", "name is not a pattern.") from None


def many(call: Call, name: str) -> frozenset[str]:
    """Return the values of a query parameter that may be given many times or joined by commas."""
    return frozenset(one for one in call.query.get(name, "").split(",") if one)


# `filterType` of every listing: name of a thing, name that is asked for.
_TESTS: dict[str, Callable[[str, str], bool]] = {
    "equals": lambda text, asked: text == asked,
    "regex": lambda text, asked: re.fullmatch(asked, text) is not None,
    "contains": lambda text, asked: asked in text,
    "prefix": lambda text, asked: text.startswith(asked),
    "lessthan": lambda text, asked: text < asked,
    "lessthanequalto": lambda text, asked: text <= asked,
    "greaterthan": lambda text, asked: text > asked,
    "greaterthanequalto": lambda text, asked: text >= asked,
    "beginswith": lambda text, asked: text.startswith(asked),
    "endswith": lambda text, asked: text.endswith(asked),
}
_ASCENDING = {"ascending": False, "a": False, "descending": True, "d": True}


def _sorted(call: Call, documents: Sequence[Document]) -> Sequence[Document]:
    """Sort by a plain field; where none is named things stay in the order of the books."""
    field = call.query.get("sortBy")
    reverse = _ASCENDING.get(call.query.get("sortOrder", "ascending").lower())
    if reverse is None:
        raise refuse(400, "invalid.query.param.value", "sortOrder is ascending or descending.")
    if field is None or not documents:
        return documents
    values = {type(one.get(field)) for one in documents}
    if len(values) > 1 or not values <= {str, int, float, bool}:
        raise refuse(400, "invalid.query.param.value", "sortBy names no field to sort by.")
    return sorted(documents, key=lambda one: cast("str", one[field]), reverse=reverse)
