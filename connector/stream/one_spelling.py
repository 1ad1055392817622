"""Bring the two spellings of Salesforce fields in the settings to one, at start.

`FirstName` and `Name.FirstName` are the same (contract.md section 3). Rows, rules and mappings
meet by the name of a field, so one setting may say it one way and another the other.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from connector.cdc.salesforce_names import own_name
from connector.planning.conditions import condition
from connector.settings.lists import ContactList
from connector.settings.mapping import LeadMapping
from connector.settings.model import Settings
from connector.settings.source import SALESFORCE, Source
from connector.settings.values import Match, Scalar

_Values: TypeAlias = tuple[Scalar, ...]
_Join: TypeAlias = Callable[[_Values, _Values], _Values]


def one_spelling(settings: Settings) -> Settings:
    """Return *settings* with each Salesforce field by its own name, in what lists say too.

    Where no source is Salesforce's nothing changes, nor do other sources' own mappings: with them
    a dot may be part of a name.
    """
    if all(each.envelope != SALESFORCE for each in settings.sources.values()):
        return settings
    apply, age_field = settings.apply, settings.apply.age_field
    if age_field is not None:
        apply = apply.model_copy(update={"age_field": own_name(age_field)})
    return settings.model_copy(
        update={
            "sources": {name: _source(each) for name, each in settings.sources.items()},
            "lists": {name: _list(each) for name, each in settings.lists.items()},
            "mapping": _mapping(settings.mapping),
            "apply": apply,
        }
    )


def _source(source: Source) -> Source:
    if source.envelope != SALESFORCE:
        return source
    return source.model_copy(update={"mapping": _mapping(source.mapping)})


def _mapping(mapping: LeadMapping) -> LeadMapping:
    return mapping.model_copy(
        update={
            "lead_id": None if mapping.lead_id is None else own_name(mapping.lead_id),
            "revision": None if mapping.revision is None else own_name(mapping.revision),
            "columns": _columns(mapping.columns),
            "opt_out": _rule(mapping.opt_out, _either),
            "quarantine": _rule(mapping.quarantine, _either),
        }
    )


def _list(each: ContactList) -> ContactList:
    return each.model_copy(
        update={
            "columns": None if each.columns is None else _columns(each.columns),
            "when": _maybe(each.when, _both),
            "unless": _maybe(each.unless, _either),
            "priority": _maybe(each.priority, _both),
        }
    )


def _columns(columns: Mapping[str, str]) -> dict[str, str]:
    return {column: own_name(name) for column, name in columns.items()}


def _maybe(rule: Match | None, join: _Join) -> Match | None:
    return None if rule is None else _rule(rule, join)


def _rule(rule: Match, join: _Join) -> Match:
    """Return *rule* by own names; *join* makes one condition of two on the same field."""
    found: Match = {}
    for path, values in rule.items():
        name = own_name(path)
        found[name] = join(found[name], values) if name in found else values
    return found


def _either(one: _Values, other: _Values) -> _Values:
    return (*one, *other)


def _both(one: _Values, other: _Values) -> _Values:
    """Return the values that satisfy two conditions on one field, which must both hold."""
    texts = condition({"one": one, "other": other})
    return tuple(sorted(texts["one"] & texts["other"]))
