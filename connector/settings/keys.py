"""What the models know of their keys: which are secret, and which name was meant."""

import difflib
from collections.abc import Iterable
from typing import get_args

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from connector.settings.model import Document
from connector.settings.section import Section

FILE_SUFFIX = "_file"
LIKELY = 0.75
"""From this likeness on (0 to 1, difflib) an unknown key is taken for a slip of the pen."""
_POSSIBLE = 0.5


def is_secret(field: FieldInfo) -> bool:
    """Tell whether a key's value is masked and may stand in a file of its own."""
    kinds = (field.annotation, *get_args(field.annotation))
    return any(SecretStr in (kind, *get_args(kind)) for kind in kinds)


def secret_keys(model: type[BaseModel]) -> tuple[str, ...]:
    """List the secrets of a section."""
    return tuple(key for key, field in model.model_fields.items() if is_secret(field))


def section_model(name: str) -> type[Section]:
    """Give the model of a section; of `sources` and `lists` that of one entry.

    Raises:
        KeyError: there is no such section.
    """
    annotation = Document.model_fields[name].annotation
    for kind in (annotation, *get_args(annotation)):
        if isinstance(kind, type) and issubclass(kind, Section):
            return kind
    raise KeyError(name)


def spellings(model: type[BaseModel]) -> tuple[str, ...]:
    """List every key that may be written in a section, `<key>_file` of secrets too."""
    files = (key + FILE_SUFFIX for key in secret_keys(model))
    return (*model.model_fields, *files)


def nearest(name: str, known: Iterable[str], likeness: float = _POSSIBLE) -> str | None:
    """Find the known name most like *name*, or None if none is like it at all."""
    near = difflib.get_close_matches(name.lower(), tuple(known), n=1, cutoff=likeness)
    return near[0] if near else None


def meant(key: str, model: type[BaseModel]) -> str:
    """Say which key was meant in place of an unknown one: here, or in another section."""
    known = spellings(model)
    if (near := nearest(key, known, LIKELY)) is not None:
        return f"did you mean {near}?"
    for section in Document.model_fields:
        if key in spellings(section_model(section)):
            return f"did you mean {_place(section)}.{key}?"
    if (near := nearest(key, known)) is not None:
        return f"did you mean {near}?"
    return f"known here: {', '.join(sorted(model.model_fields))}"


def meant_section(name: str) -> str:
    """Say which section was meant in place of an unknown one."""
    if (near := nearest(name, Document.model_fields, LIKELY)) is not None:
        return f"did you mean [{near}]?"
    for section in Document.model_fields:
        if name in spellings(section_model(section)):
            return f"did you mean {_place(section)}.{name}?"
    near = nearest(name, Document.model_fields)
    known = ", ".join(f"[{each}]" for each in Document.model_fields)
    return f"did you mean [{near}]?" if near else f"known are {known}"


def _place(section: str) -> str:
    return f"{section}.NAME" if section in {"sources", "lists"} else section
