"""Commands about our schemas: `schema check` and `schema register`."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import typer

from connector.cli import output
from connector.cli.exits import CommandFailed, ExitCode
from connector.cli.options import ConfigOption, Given, JsonOption, given
from connector.settings.model import Settings

if TYPE_CHECKING:
    from connector.registry.subjects import Standing

app = typer.Typer(help="Our schemas in the registry.", no_args_is_help=True)


@app.callback()
def schema(
    context: typer.Context, *, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Look after our schemas in the registry."""
    context.obj = given(context, config, as_json=as_json)


@app.command()
def check(
    context: typer.Context, *, config: ConfigOption = None, as_json: JsonOption = False
) -> int:
    """Say whether our schemas are registered or could be; change nothing."""
    from connector.ops import schemas  # noqa: PLC0415 - loads the registry's client

    return _tell(given(context, config, as_json=as_json), schemas.standings)


@app.command()
def register(
    context: typer.Context, *, config: ConfigOption = None, as_json: JsonOption = False
) -> int:
    """Register our schemas where they can follow what is there, under the rule BACKWARD."""
    from connector.ops import schemas  # noqa: PLC0415 - as above

    return _tell(given(context, config, as_json=as_json), schemas.register)


def _tell(asked: Given, ask: Callable[[Settings], Sequence["Standing"]]) -> int:
    from connector.ops.schemas import told  # noqa: PLC0415 - as above
    from connector.registry.access import (  # noqa: PLC0415 - as above
        RegistryAwayError,
        RegistryRefusedError,
    )

    try:
        standings = ask(asked.settings())
    except (RegistryAwayError, RegistryRefusedError) as failure:
        raise CommandFailed(ExitCode.REFUSED, [str(failure)]) from failure
    findings = [told(each) for each in standings]
    if asked.as_json:
        output.document([each.document() for each in standings])
    else:
        output.lines(f"{each.name}: {each.detail}" for each in findings)
    return ExitCode.DONE if all(each.well for each in findings) else ExitCode.REFUSED
