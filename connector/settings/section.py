"""The model that every section of the settings file is made from."""

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, JsonValue

USUAL: dict[str, JsonValue] = {"usual": True}
"""Marks a key without default that nearly everyone gives: `config example` has it in use."""


class UnjudgedError(AttributeError):
    """Raised on reading a key whose value was refused; `checks` then leaves its question open."""


class Section(BaseModel):
    """One section: frozen, no unknown keys, no value of its own in a message.

    The docstring under each field is its user documentation: `config example` and
    `config reference` print it.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            """Refuse a key that `reading` left out because its value is bad."""
            if name in type(self).model_fields:
                raise UnjudgedError(name)
            return super().__getattr__(name)
