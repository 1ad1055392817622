"""Match a lead's fields against the conditions of the settings."""

import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from connector.domain.change import Fields

Condition: TypeAlias = Mapping[str, frozenset[str]]
"""Source field → the texts that match, as `text_of` makes them. Empty: says nothing."""

_WHOLE = re.compile(r"(-?[0-9]+)\.0+", re.ASCII)
"""An integer as a source of doubles or decimals writes it."""
_TRUE = frozenset({"true", "t", "1", "yes"})
_FALSE = frozenset({"false", "f", "0", "no"})


def condition(values: Mapping[str, Iterable[str | bool | float]]) -> Condition:
    """Return the condition that the settings' *values* stand for.

    `true` matches true, 1, "true", "t", "1", "yes" (contract.md section 3), `false` their
    opposites; all else is compared as text, trimmed, case aside, and 1.0 as 1.
    """
    return {
        name: frozenset(text for value in wanted for text in _texts(value))
        for name, wanted in values.items()
    }


def _texts(value: str | float) -> frozenset[str]:
    if isinstance(value, bool):
        return _TRUE if value else _FALSE
    return frozenset({text_of(str(value))})


def text_of(cell: str) -> str:
    """Return *cell* as conditions compare it."""
    text = cell.strip().casefold()
    whole = _WHOLE.fullmatch(text) if ".0" in text else None
    return text if whole is None else whole[1]


def any_matches(rule: Condition, fields: Fields) -> bool:
    """Say whether one of the named fields has one of its values (`opt_out`, `unless`, …)."""
    for name, texts in rule.items():
        cell = fields.get(name)
        if cell is not None and text_of(cell) in texts:
            return True
    return False


def all_match(rule: Condition, fields: Fields) -> bool:
    """Say whether every named field has one of its values (`when`, `priority`)."""
    for name, texts in rule.items():
        cell = fields.get(name)
        if cell is None or text_of(cell) not in texts:
            return False
    return True


def any_known(rule: Condition, fields: Fields) -> bool | None:
    """Say the same as `any_matches`, or None where a field that is not named decides."""
    if any_matches(rule, fields):
        return True
    return False if rule.keys() <= fields.keys() else None


def all_known(rule: Condition, fields: Fields) -> bool | None:
    """Say the same as `all_match`, or None where a field that is not named decides."""
    named = {name: texts for name, texts in rule.items() if name in fields}
    if not all_match(named, fields):
        return False
    return True if len(named) == len(rule) else None
