"""The file, with the environment laid over it and secrets fetched from their files."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from connector.settings.environment import Overrides
from connector.settings.keys import FILE_SUFFIX, secret_keys, section_model
from connector.settings.model import Document
from connector.settings.problems import Problem, SettingsError, dotted

Table = dict[str, object]
_ADDRESSES = ("api_url", "login_url")


def read_file(path: Path) -> Table:
    """Read the settings file.

    Raises:
        SettingsError: it is not there, or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        text = "no such file; `connector config example` prints one to begin with"
    except OSError as error:
        text = f"cannot be read: {error.strerror}"
    except UnicodeDecodeError:
        text = "is not UTF-8 text"
    except tomllib.TOMLDecodeError as error:
        text = f"is not TOML: {error}"
    raise SettingsError([Problem(str(path), text)]) from None


def source_names(document: Mapping[str, object]) -> tuple[str, ...]:
    """List the names of `[sources.NAME]` in the file."""
    sources = document.get("sources")
    return tuple(sources) if isinstance(sources, dict) else ()


def overlay(document: Table, overrides: Overrides) -> None:
    """Lay what the environment says over what the file says, in place."""
    for section, table in overrides.sections.items():
        if section == "sources":
            held = document[section]
            for name, keys in table.items():
                if isinstance(held, dict) and isinstance(held[name], dict):
                    _override(held[name], keys)
        elif isinstance(own := document.setdefault(section, {}), dict):
            _override(own, table)


def _override(own: Table, keys: object) -> None:
    """Set *keys*, and drop the file's alternatives to them: a secret or its file, for one."""
    if not isinstance(keys, Mapping):
        return
    for key in keys:
        own.pop(key + FILE_SUFFIX, None)
        own.pop(key.removesuffix(FILE_SUFFIX), None)
        if key in _ADDRESSES:
            own.pop("region", None)
        if key == "region":
            for address in _ADDRESSES:
                own.pop(address, None)
    own.update(keys)


def fetch_secrets(document: Mapping[str, object]) -> list[Problem]:
    """Replace every `<key>_file` by the secret that stands in that file, in place.

    Returns:
        What was wrong; a secret never is part of it.
    """
    problems: list[Problem] = []
    for section in Document.model_fields:
        if isinstance(table := document.get(section), dict):
            for key in secret_keys(section_model(section)):
                if key + FILE_SUFFIX in table:
                    problems += _fetch(table, key, section)
    return problems


def _fetch(table: Table, key: str, section: str) -> list[Problem]:
    name = table.pop(key + FILE_SUFFIX)
    where = dotted((section, key + FILE_SUFFIX))
    if key in table:
        return [Problem(where, f"give {key} or {key}{FILE_SUFFIX}, not both")]
    if not isinstance(name, str):
        return [Problem(where, "must be a path in quotes")]
    try:
        secret = Path(name).read_text(encoding="utf-8").strip()
    except OSError as error:
        text = f"the file cannot be read: {error.strerror}"
    except UnicodeDecodeError:
        text = "the file is not UTF-8 text"
    else:
        table[key] = secret
        return [] if secret else [Problem(where, "the file is empty")]
    return [Problem(where, text)]
