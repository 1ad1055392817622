"""Checks of sources: each has what its role needs, and its mapping hangs together."""

from collections.abc import Iterator

from connector.settings.mapping import LEAD_ID_COLUMN
from connector.settings.model import Settings
from connector.settings.places import Places
from connector.settings.problems import Problem
from connector.settings.section import UnjudgedError
from connector.settings.source import SALESFORCE, Source


def judge_sources(settings: Settings, places: Places) -> Iterator[Problem]:
    """Judge every source; one that holds a bad value does not keep the others from it."""
    for check in (_keys, _topics, _mapping):
        for name, source in settings.sources.items():
            try:
                yield from check(settings, places, name, source)
            except UnjudgedError:
                continue


def _keys(settings: Settings, places: Places, name: str, source: Source) -> Iterator[Problem]:
    path = places.source(name)
    if source.role == "numbers":
        if source.phones is None:
            yield Problem(f"{path}.phones", 'missing; role = "numbers" reads them')
    else:
        if source.phones is not None:
            text = 'belongs to role = "numbers"; of leads, name them in [mapping.phones]'
            yield Problem(f"{path}.phones", text)
        if source.when is not None:
            text = 'belongs to role = "numbers"; of leads, give [lists.NAME] a when'
            yield Problem(f"{path}.when", text)
    if source.encoding == "avro" and settings.registry is None:
        yield Problem(f"{path}.encoding", "avro needs a [registry]; give one, or set json")


def _topics(settings: Settings, places: Places, name: str, source: Source) -> Iterator[Problem]:
    path = f"{places.source(name)}.topics"
    for topic in source.topics:
        if topic in settings.topics.all:
            yield Problem(path, f"{topic} is a topic of our own; name the CRM's")
        for other, before in settings.sources.items():
            if other == name:
                break
            if topic in before.topics:
                yield Problem(path, f"{topic} is read by {places.source(other)} already")


def _mapping(settings: Settings, places: Places, name: str, source: Source) -> Iterator[Problem]:
    mapping = source.mapping
    if source.role == "numbers":
        return
    if mapping.lead_id is None and source.envelope != SALESFORCE:
        yield Problem(places.mapping(name, "lead_id"), "missing")
    if source.role == "opt_outs" and not mapping.opt_out:
        text = 'missing; role = "opt_outs" has nothing else to say'
        yield Problem(places.mapping(name, "opt_out"), text)
    if source.role == "leads":
        for key in ("columns", "phones"):
            if not getattr(mapping, key):
                yield Problem(places.mapping(name, key), "missing")
    if mapping.columns:
        yield from _columns(places, name, source, _named_by_lists(settings))


def _columns(
    places: Places, name: str, source: Source, of_lists: frozenset[str]
) -> Iterator[Problem]:
    mapping = source.mapping
    if mapping.columns.get(LEAD_ID_COLUMN, mapping.lead_id) != mapping.lead_id:
        where = f"{places.mapping(name, 'columns')}.{LEAD_ID_COLUMN}"
        yield Problem(where, "comes from mapping.lead_id; leave it out")
    known = mapping.columns.keys() | of_lists
    for key, named in (("phones", mapping.phones), ("values", mapping.values)):
        for column in named:
            if column not in known:
                where = f"{places.mapping(name, key)}.{column}"
                yield Problem(where, "is not a mapped column; name it in [mapping.columns] first")


def _named_by_lists(settings: Settings) -> frozenset[str]:
    return frozenset(column for entry in settings.lists.values() for column in entry.columns or ())
