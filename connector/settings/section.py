"""The model that every section of the settings file is made from."""

from pydantic import BaseModel, ConfigDict


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
