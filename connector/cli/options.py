"""Hold the options that every command takes, before its name or behind it."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from connector.settings.loading import load
from connector.settings.model import Settings

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="Settings file; default $CONNECTOR_CONFIG, else connector.toml.",
        show_default=False,
    ),
]
JsonOption = Annotated[
    bool,
    typer.Option(
        "--json",
        help="Write one JSON document to standard output; all else goes to standard error.",
        show_default=False,
    ),
]


@dataclass(frozen=True, slots=True)
class Given:
    """What was given: the settings file, None where it was not named, and the form of output."""

    config: Path | None
    as_json: bool

    def settings(self) -> Settings:
        """Load the settings.

        Raises:
            SettingsError: they cannot be used; `main` prints a line for each problem.
        """
        return load(self.config, os.environ)


def given(context: typer.Context, config: Path | None, *, as_json: bool) -> Given:
    """Join what stood before the command's name with what stood behind it; the latter wins."""
    before = context.obj if isinstance(context.obj, Given) else Given(None, as_json=False)
    return Given(config or before.config, as_json or before.as_json)
