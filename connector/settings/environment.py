"""Settings from the environment: `CONNECTOR_<SECTION>__<KEY>`."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource

from connector.settings.keys import section_model, spellings
from connector.settings.model import ENV_DELIMITER, ENV_PREFIX, Document
from connector.settings.problems import Problem

CONFIG = "CONNECTOR_CONFIG"
ACTOR = "CONNECTOR_ACTOR"
FILE_ONLY = ("mapping", "lists")


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the environment says, by section, and what is wrong with it."""

    sections: Mapping[str, Mapping[str, object]]
    variables: Mapping[tuple[str, ...], str]
    """Which variable set a path."""
    problems: tuple[Problem, ...]


class _Variables(EnvSettingsSource):
    """pydantic-settings' reading of variables, from a mapping that is handed in."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        super().__init__(Document)
        self.env_vars = {name.lower(): value for name, value in variables.items()}

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: str) -> object:
        """Read a list as JSON. What is not JSON stays a text, which its section refuses."""
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            return value


def read_environment(environ: Mapping[str, str], source_names: Iterable[str]) -> Overrides:
    """Read every `CONNECTOR_` variable.

    Args:
        environ: the environment.
        source_names: the `[sources.NAME]` of the file; a variable can override their keys, in
            capitals and with `_` for what a variable's name cannot hold.
    """
    paths = dict(_paths(source_names))
    known: dict[str, str] = {}
    variables: dict[tuple[str, ...], str] = {}
    problems: list[Problem] = []
    for name, value in sorted(environ.items()):
        if not name.startswith(ENV_PREFIX) or name in {CONFIG, ACTOR}:
            continue
        if name in paths:
            known[name] = value
            variables[paths[name]] = name
        else:
            problems.append(Problem(name, _unknown(name, paths)))
    sections: dict[str, Mapping[str, object]] = _Variables(known)()
    return Overrides(_with_names(sections, source_names), variables, tuple(problems))


def variable(*path: str) -> str:
    """Name the variable of a key."""
    return ENV_PREFIX + ENV_DELIMITER.join(_capitals(step) for step in path)


def _capitals(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", text.upper())


def _paths(source_names: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give every variable that there can be, with the path that it sets."""
    for section in Document.model_fields:
        if section in FILE_ONLY:
            continue
        places = (
            [(section, name) for name in source_names] if section == "sources" else [(section,)]
        )
        for place in places:
            for key in spellings(section_model(section)):
                if key not in FILE_ONLY:
                    yield variable(*place, key), (*place, key)


def _unknown(name: str, known: Mapping[str, object]) -> str:
    section = name.removeprefix(ENV_PREFIX).split(ENV_DELIMITER)[0].lower()
    if section in FILE_ONLY:
        return f"[{section}] can only be set in the file"
    near = difflib.get_close_matches(name, tuple(known), n=1)
    if near:
        return f"unknown variable; did you mean {near[0]}?"
    return f"unknown variable; they are named {ENV_PREFIX}<SECTION>{ENV_DELIMITER}<KEY>"


def _with_names(
    sections: Mapping[str, Mapping[str, object]], source_names: Iterable[str]
) -> dict[str, Mapping[str, object]]:
    """Give sources their names of the file back; variables know them in capitals only."""
    names = {_capitals(name).lower(): name for name in source_names}
    return {
        section: {names[key]: value for key, value in table.items()}
        if section == "sources"
        else table
        for section, table in sections.items()
    }
