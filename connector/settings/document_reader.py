"""The whole document, read section after section as far as it can be."""

from collections.abc import Mapping
from typing import TypeVar

from connector.settings.keys import meant_section, section_model
from connector.settings.lists import ContactList
from connector.settings.mapping import LEAD_ID_COLUMN, LeadMapping
from connector.settings.model import Document, Settings
from connector.settings.places import ONLY_SOURCE, Places
from connector.settings.problems import Problem, dotted
from connector.settings.reading import read
from connector.settings.section import Section
from connector.settings.source import Source
from connector.settings.values import name_problem

_PLAIN = tuple(
    name for name in Document.model_fields if name not in {"source", "sources", "lists", "mapping"}
)
_WITH_DEFAULT_ENCODING = frozenset({"source", "sources", "outcomes"})

S = TypeVar("S", bound=Section)


class SectionReader:
    """Reads a document and collects what is wrong with its single values."""

    def __init__(self, document: Mapping[str, object]) -> None:
        """Take the document as `tomllib` gives it, secrets fetched."""
        self._document = document
        self._encoding = "avro" if "registry" in document else "json"
        self.problems: list[Problem] = [
            Problem(name, f"unknown section; {meant_section(name)}")
            for name in document
            if name not in Document.model_fields
        ]

    def settings(self) -> Settings:
        """Read all of it. What is bad or missing raises `UnjudgedError` when it is asked for."""
        mapping = self._section("mapping", LeadMapping)
        read: dict[str, object | None] = {
            name: self._section(name, section_model(name)) for name in _PLAIN
        }
        read["mapping"] = mapping
        read["lists"] = self._lists()
        read["sources"] = self._sources(mapping)
        # A section that could not be read at all is left out, and so has no value to judge.
        parts: dict[str, object] = {name: part for name, part in read.items() if part is not None}
        if "registry" not in self._document:
            parts["registry"] = None
        settings = Settings.model_construct(_fields_set=set(parts), **parts)
        if "registry" not in parts:
            settings.__dict__.pop("registry")
        return settings

    def places(self) -> Places:
        """Tell where the sources and their own mappings stand."""
        single = "source" in self._document
        named = self._document.get("sources")
        tables = {ONLY_SOURCE: self._document["source"]} if single else named
        own = {name: frozenset(_own_mapping(table)) for name, table in _items(tables)}
        return Places(single, own)

    def _section(self, name: str, model: type[S]) -> S | None:
        if name == "registry" and name not in self._document:
            return None
        return self._read(model, self._document.get(name, {}), (name,))

    def _read(self, model: type[S], raw: object, path: tuple[str, ...]) -> S | None:
        if not isinstance(raw, dict):
            self._tell(path, "must be a section with keys of its own")
            return None
        if path[0] == "mapping":
            raw = _without_lead_id(raw)
        if path[0] in _WITH_DEFAULT_ENCODING:
            raw = {"encoding": self._encoding} | raw
        section, problems = read(model, raw, path)
        self.problems += problems
        return section

    def _entries(self, name: str, model: type[S]) -> dict[str, S] | None:
        entries = self._document[name]
        if not isinstance(entries, dict):
            self._tell((name,), f"must be sections: [{name}.NAME]")
            return None
        found: dict[str, S] = {}
        for entry, raw in entries.items():
            if (bad := name_problem(entry)) is not None:
                self._tell((name, entry), bad)
            elif (section := self._read(model, raw, (name, entry))) is not None:
                found[entry] = section
        return found

    def _lists(self) -> dict[str, ContactList] | None:
        if not self._document.get("lists"):
            self._tell(("lists",), "missing; give at least one [lists.NAME]")
            return None
        return self._entries("lists", ContactList)

    def _sources(self, mapping: LeadMapping | None) -> dict[str, Source] | None:
        """Read the one source or the several, each with its effective mapping."""
        found: dict[str, Source] | None = None
        match "source" in self._document, bool(self._document.get("sources")):
            case True, True:
                self._tell(("source",), "give [source] or [sources.NAME], not both")
            case False, False:
                self._tell(("source",), "missing")
            case False, True:
                found = self._entries("sources", Source)
            case _:
                only = self._read(Source, self._document["source"], ("source",))
                found = None if only is None else {ONLY_SOURCE: only}
        if found is None or mapping is None:
            return None
        return {name: _with_mapping(source, mapping) for name, source in found.items()}

    def _tell(self, path: tuple[str, ...], text: str) -> None:
        self.problems.append(Problem(dotted(path), text))


def _with_mapping(source: Source, shared: LeadMapping) -> Source:
    """Give a source the shared mapping, each key of its own in place of the one there."""
    if "mapping" not in source.model_fields_set:
        return source.model_copy(update={"mapping": shared})
    own = source.mapping
    keys = {key: getattr(own, key) for key in own.model_fields_set}
    return source.model_copy(update={"mapping": shared.model_copy(update=keys)})


def _without_lead_id(mapping: dict[str, object]) -> dict[str, object]:
    """Leave out the column of the lead id where it only says what `lead_id` says already."""
    columns = mapping.get("columns")
    lead_id = mapping.get("lead_id")
    if not isinstance(columns, dict) or lead_id is None or columns.get(LEAD_ID_COLUMN) != lead_id:
        return mapping
    return mapping | {"columns": {k: v for k, v in columns.items() if k != LEAD_ID_COLUMN}}


def _items(table: object) -> list[tuple[str, object]]:
    """List what a table holds; nothing where it is none."""
    return list(table.items()) if isinstance(table, dict) else []


def _own_mapping(source: object) -> list[str]:
    """List the keys of a source's own mapping."""
    return [key for name, table in _items(source) if name == "mapping" for key, _ in _items(table)]
