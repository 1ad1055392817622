"""Judge contacts by the criteria of a search: genesys-api section 6.5."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from connector.simulator.contact_list import ContactList, Test
from connector.simulator.errors import Refused, refuse

_RELATIVE = re.compile(r"P(-?\d+)DT(-?\d+)H(-?\d+)M")  # "P01DT08H30M", parts may be negative


def invalid(text: str) -> Refused:
    """Return the refusal of criteria that make no sense."""
    return refuse(400, "invalid.contact.list.filter", text)


def criteria_test(criteria: dict[str, object], contacts: ContactList, now: float) -> Test:
    """Return what decides whether a contact's data match; `now` anchors relative times."""
    clauses = [
        _joined(
            [_predicate(one, contacts, now) for one in _objects(clause, "predicates")],
            _all_of(clause),
        )
        for clause in _objects(criteria, "clauses")
    ]
    return _joined(clauses, _all_of(criteria))


CriteriaTest: TypeAlias = Callable[[dict[str, object], ContactList, float], Test]


def case_blind_test(criteria: dict[str, object], contacts: ContactList, now: float) -> Test:
    """Return what `criteria_test` does, with `a` and `A` taken for one in values and cells."""
    clauses = [
        {
            **clause,
            "predicates": [
                {
                    name: _folded(part) if name in _VALUES else part
                    for name, part in predicate.items()
                }
                for predicate in _objects(clause, "predicates")
            ],
        }
        for clause in _objects(criteria, "clauses")
    ]
    test = criteria_test({**criteria, "clauses": clauses}, contacts, now)
    return lambda data: test({column: cell.casefold() for column, cell in data.items()})


_VALUES = frozenset({"value", "range"})


def _folded(part: object) -> object:
    if isinstance(part, str):
        return part.casefold()
    if isinstance(part, list):
        return [_folded(each) for each in part]
    if isinstance(part, dict):
        return {name: _folded(each) for name, each in part.items()}
    return part


def exact_values(criteria: dict[str, object]) -> tuple[str, list[str]] | None:
    """Return a column and the values of which every match holds one, where that is plain.

    It is for criteria of one clause with one EQUALS or IN; they are by far the most frequent.
    """
    clauses = _objects(criteria, "clauses")
    predicates = _objects(clauses[0], "predicates") if len(clauses) == 1 else []
    if len(predicates) != 1 or predicates[0].get("inverted") is True:
        return None
    one = predicates[0]
    if one.get("columnType") == "numeric":
        return None
    if one.get("operator") == "EQUALS":
        return str(one.get("column")), [_text(one.get("value"))]
    return (str(one.get("column")), _in_set(one)) if one.get("operator") == "IN" else None


def _objects(document: dict[str, object], name: str) -> list[dict[str, object]]:
    listed = document.get(name)
    if listed is None:
        return []
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise invalid(f"{name} must be an array of objects.")
    return listed


def _all_of(document: dict[str, object]) -> bool:
    kind = document.get("filterType", "AND")
    if kind not in {"AND", "OR"}:
        raise invalid("filterType must be AND or OR.")
    return kind == "AND"


def _joined(tests: list[Test], every: bool) -> Test:  # noqa: FBT001 - private, one meaning
    if not tests:
        return lambda _: True
    if len(tests) == 1:
        return tests[0]
    if every:
        return lambda data: all(test(data) for test in tests)
    return lambda data: any(test(data) for test in tests)


def _predicate(one: dict[str, object], contacts: ContactList, now: float) -> Test:
    column = one.get("column")
    if not isinstance(column, str) or column not in contacts.column_set:
        raise invalid("A predicate names a column that the list does not have.")
    test = _operator(one, now)
    if one.get("inverted") is True:
        return lambda data: not test(data[column])
    return lambda data: test(data[column])


def _operator(one: dict[str, object], now: float) -> Callable[[str], bool]:
    operator = one.get("operator")
    if operator == "IN":
        measure = _measure(one, operator, now)
        values = frozenset(map(measure, _in_set(one)))
        if None in values:
            raise invalid("inSet of a numeric predicate holds what is not a number.")
        return lambda cell: measure(cell) in values
    if operator == "BETWEEN":
        return _between(one, now)
    wanted = _text(one.get("value"))
    texts: dict[str, Callable[[str], bool]] = {
        "CONTAINS": lambda cell: wanted in cell,
        "BEGINS_WITH": lambda cell: cell.startswith(wanted),
        "ENDS_WITH": lambda cell: cell.endswith(wanted),
    }
    if isinstance(operator, str) and operator in texts:
        return texts[operator]
    return _compared(operator, wanted, _measure(one, operator, now))


def _compared(operator: object, wanted: str, measure: "_Measure") -> Callable[[str], bool]:
    limit = measure(wanted)
    tests: dict[str, Callable[[object, object], bool]] = {
        "EQUALS": lambda cell, bound: cell == bound,
        "LESS_THAN": _less,
        "LESS_THAN_EQUALS": lambda cell, bound: cell == bound or _less(cell, bound),
        "GREATER_THAN": lambda cell, bound: _less(bound, cell),
        "GREATER_THAN_EQUALS": lambda cell, bound: cell == bound or _less(bound, cell),
        "BEFORE": _less,
        "AFTER": lambda cell, bound: _less(bound, cell),
    }
    test = tests.get(operator) if isinstance(operator, str) else None
    if test is None or limit is None:
        raise invalid("operator or value is not one that can be compared.")
    return lambda cell: (measured := measure(cell)) is not None and test(measured, limit)


def _between(one: dict[str, object], now: float) -> Callable[[str], bool]:
    bounds = one.get("range")
    if not isinstance(bounds, dict):
        raise invalid("BETWEEN needs a range.")
    lowest, highest = _text(bounds.get("min")), _text(bounds.get("max"))
    relative = _RELATIVE.fullmatch(lowest) and _RELATIVE.fullmatch(highest)
    measure = _measure(one, "BEFORE" if relative else "BETWEEN", now)
    low, high = measure(lowest), measure(highest)
    if low is None or high is None:
        raise invalid("BETWEEN needs a range with min and max.")
    with_low, with_high = bounds.get("minInclusive") is True, bounds.get("maxInclusive") is True

    def test(cell: str) -> bool:
        measured = measure(cell)
        if measured is None:
            return False
        above = _less(low, measured) or (with_low and measured == low)
        return above and (_less(measured, high) or (with_high and measured == high))

    return test


_Measure = Callable[[str], object]


def _measure(one: dict[str, object], operator: object, now: float) -> _Measure:
    """Return how cells are measured: as moments, as numbers, or as the texts they are."""
    if operator in {"BEFORE", "AFTER"}:
        return lambda text: _moment(text, now)
    return _number if one.get("columnType") == "numeric" else lambda text: text


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _moment(text: str, now: float) -> float | None:
    if relative := _RELATIVE.fullmatch(text):
        days, hours, minutes = map(int, relative.groups())
        return now + timedelta(days=days, hours=hours, minutes=minutes).total_seconds()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _less(one: object, other: object) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one < other
    return isinstance(one, float) and isinstance(other, float) and one < other


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise invalid("A value must be text.")
    return value


def _in_set(one: dict[str, object]) -> list[str]:
    bounds = one.get("range")
    values = bounds.get("inSet") if isinstance(bounds, dict) else None
    if not isinstance(values, Iterable) or isinstance(values, str):
        raise invalid("IN needs a range with inSet.")
    return [_text(value) for value in values]
