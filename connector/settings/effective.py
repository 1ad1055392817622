"""The settings in force, to be shown: environment and defaults in them, secrets masked."""

from connector.settings.model import Settings
from connector.settings.toml_text import toml_document


def show(settings: Settings) -> dict[str, object]:
    """Give the effective settings as one document of JSON's types, secrets masked.

    It has the sections of the file; the one source of `[source]` stands under `sources` as
    `default`, and each source has its effective mapping. Keys without a value are null.
    """
    return settings.model_dump(mode="json")


def show_text(settings: Settings) -> str:
    """Write the effective settings as TOML, secrets masked, keys without a value left out."""
    return toml_document(show(settings))
