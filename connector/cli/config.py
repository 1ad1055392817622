"""Commands about the settings: `config show`, `example`, `reference`."""

import typer

from connector.cli import output
from connector.cli.exits import ExitCode
from connector.cli.options import ConfigOption, JsonOption, given

app = typer.Typer(help="The settings.", no_args_is_help=True)


@app.callback()
def config_group(
    context: typer.Context, *, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Look at the settings: what is in force, an example, the reference."""
    context.obj = given(context, config, as_json=as_json)


@app.command()
def show(
    context: typer.Context, *, config: ConfigOption = None, as_json: JsonOption = False
) -> int:
    """Show the settings in force, environment and defaults in them, secrets masked."""
    from connector.settings import effective  # noqa: PLC0415 - only here

    asked = given(context, config, as_json=as_json)
    settings = asked.settings()
    if asked.as_json:
        output.document(effective.show(settings))
    else:
        output.text(effective.show_text(settings))
    return ExitCode.DONE


@app.command()
def example(
    context: typer.Context, *, config: ConfigOption = None, as_json: JsonOption = False
) -> int:
    """Write a commented settings file to begin with."""
    from connector.settings.example import example as written  # noqa: PLC0415 - only here

    return _write("toml", written(), as_json=given(context, config, as_json=as_json).as_json)


@app.command()
def reference(
    context: typer.Context, *, config: ConfigOption = None, as_json: JsonOption = False
) -> int:
    """Write the reference of all settings, as Markdown."""
    from connector.settings.reference import reference as written  # noqa: PLC0415 - only here

    return _write("markdown", written(), as_json=given(context, config, as_json=as_json).as_json)


def _write(form: str, written: str, *, as_json: bool) -> int:
    if as_json:
        output.document({form: written})
    else:
        output.text(written)
    return ExitCode.DONE
