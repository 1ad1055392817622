"""Read the fields of a change event by their own names, wherever the writer put them.

Names come nested (`Name.FirstName`) or flattened (`FirstName`), addresses nested, by the same
writer even: every field is looked for in both places (salesforce-cdc.md section 2).
"""

from collections.abc import Mapping
from decimal import Decimal

import orjson

from connector.cdc.cells import TextOf
from connector.cdc.salesforce_names import HEADER, own_name, parts_of
from connector.cdc.wire import Datum

_WRAPPINGS = ("data", "payload")
_TAGS = frozenset({"boolean", "int", "long", "float", "double", "bytes", "string"})
_RECORDS = frozenset({"PersonName", "SwitchablePersonName", "Address", "Location"})
_DIFF = "diff"


def unwrapped(datum: Datum) -> Datum:
    """Return the event without what bridges of the Streaming API leave around it."""
    for name in _WRAPPINGS:
        value = datum.value
        if isinstance(value, dict) and HEADER not in value and isinstance(value.get(name), dict):
            datum = datum.member(name)
    return datum


def untagged(value: object) -> object:
    """Return a value without the name of the union's branch that Avro's JSON puts around it."""
    if type(value) is dict and len(value) == 1:
        ((tag, inner),) = value.items()
        if tag in _TAGS or tag in _RECORDS or (isinstance(tag, str) and "." in tag):
            return inner
    return value


class EventBody:
    """The fields of one event. Personal data: no repr.

    `diffed` are fields that hold a difference in place of their text.
    """

    __slots__ = ("_compounds", "_parts", "_texts", "_top", "diffed", "shape")

    def __init__(self, datum: Datum) -> None:
        self._top: Mapping[str, object] = datum.value if isinstance(datum.value, dict) else {}
        self.shape = datum.shape
        self.diffed: set[str] = set()
        self._texts: Mapping[str, TextOf] = {} if datum.shape is None else datum.shape.texts
        self._compounds: dict[str, Mapping[str, object]] = {}
        self._parts: dict[str, tuple[str, str]] = {}
        for name, value in self._top.items():
            if type(value) is dict or (type(value) is str and value[:1] == "{" and name == "Name"):
                self._take(name, untagged(value))

    def value(self, name: str) -> object:
        """Return what the field of the own name *name* holds, None for nothing.

        Numbers are doubles at Salesforce: 3.0 is written as 3.
        """
        found = untagged(self._top.get(name))
        if found is not None and name not in self._compounds:
            return _plain(found, self._texts.get(name))
        if name not in self._parts:
            return _plain(found, None)
        compound, part = self._parts[name]
        shape = None if self.shape is None else self.shape.member(compound)
        text = None if shape is None else shape.texts.get(part)
        return _plain(untagged(self._compounds[compound][part]), text)

    def covered(self, compound: str) -> frozenset[str]:
        """Return the own names of the parts that a *compound* named by itself stands for.

        A name without its last name, which no lead lacks, is not the whole of it: there, only
        what it holds was told.
        """
        parts = parts_of(compound, self._compounds.get(compound, ()))
        if compound == "Name" and self.value("LastName") is None:
            return frozenset(part for part in parts if self.value(part) is not None)
        return parts

    def _take(self, name: str, value: object) -> None:
        if isinstance(value, str):
            value = _parsed(value)
        if not isinstance(value, dict) or name == HEADER:
            return
        if value.keys() == {_DIFF}:
            self.diffed.add(name)
            return
        self._compounds[name] = value
        for part, inner in value.items():
            if type(inner) is dict and inner.keys() == {_DIFF}:
                self.diffed.add(own_name(f"{name}.{part}"))
            self._parts[own_name(f"{name}.{part}")] = (name, part)


def _plain(value: object, text: TextOf | None) -> object:
    """Return the value as a cell is made of it."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else Decimal(repr(value))
    written = None if text is None or value is None else text(value)
    return value if written is None else written


def _parsed(text: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
