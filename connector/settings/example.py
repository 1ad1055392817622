"""A settings file to begin with: every section, every key, with what it means."""

import textwrap
from collections.abc import Iterator, Mapping

from pydantic.fields import FieldInfo

from connector.settings.keys import section_model
from connector.settings.kinds import default, kind
from connector.settings.model import Document
from connector.settings.section import USUAL, Section
from connector.settings.toml_text import toml_key, toml_value

_WIDTH = 96
_HEAD = """\
# Settings of the connector. Lines that begin with a bare # can be taken into use.
# Each secret can stand in a file of its own: client_secret_file = "/run/secrets/genesys".
# Each key but those of [mapping] and [lists] can come from the environment:
# CONNECTOR_KAFKA__BOOTSTRAP_SERVERS="...", lists as JSON.
"""
_ENTRIES = {"lists": "lists.default"}
_LEFT_OUT = frozenset({"sources"})
_ABSENT = frozenset({"registry"})
"""Sections that change what the connector does by being there: written as comments."""


def example() -> str:
    """Write a commented settings file that loads as it is."""
    parts = [_HEAD]
    for name in Document.model_fields:
        if name not in _LEFT_OUT:
            lines = _section(_ENTRIES.get(name, name), section_model(name), absent=name in _ABSENT)
            parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _section(header: str, model: type[Section], *, absent: bool) -> Iterator[str]:
    yield from _comment(model.__doc__ or "")
    yield _off(f"[{header}]", absent=absent)
    tables: dict[str, FieldInfo] = {}
    for key, field in model.model_fields.items():
        if kind(field) == "table" and field.default is not None:
            tables[key] = field
            continue
        yield from _comment(field.description or "")
        yield _key(key, field, absent=absent)
    for key, field in tables.items():
        for path, table in _tables((header, key), field):
            yield ""
            yield from _comment(field.description or "")
            yield from _table(path, table, absent=_is_deep(field))


def _key(key: str, field: FieldInfo, *, absent: bool) -> str:
    """Write a key: its default, or an example; commented where leaving it out is the default."""
    value = default(field)
    optional = value is None and not field.is_required() and field.json_schema_extra != USUAL
    if value is None:
        value = field.examples[0] if field.examples else "..."
    return _off(f"{key} = {toml_value(value)}", absent=absent or optional)


def _tables(path: tuple[str, ...], field: FieldInfo) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Give the tables below a section that an example is known of, by their headers."""
    for shown in field.examples or ():
        if _is_deep(field):
            for name, table in shown.items():
                yield ".".join((*path, toml_key(name))), table
        else:
            yield ".".join(path), shown


def _is_deep(field: FieldInfo) -> bool:
    """Tell whether a table holds tables; such a one is for few, and written as a comment."""
    return all(isinstance(each, dict) for shown in field.examples or () for each in shown.values())


def _table(path: str, table: Mapping[str, object], *, absent: bool) -> Iterator[str]:
    yield _off(f"[{path}]", absent=absent)
    for key, value in table.items():
        yield _off(f"{toml_key(key)} = {toml_value(value)}", absent=absent)


def _comment(text: str) -> Iterator[str]:
    plain = " ".join(text.split())
    for line in textwrap.wrap(plain, _WIDTH, break_on_hyphens=False):
        yield f"# {line}"


def _off(line: str, *, absent: bool) -> str:
    return f"#{line}" if absent else line
