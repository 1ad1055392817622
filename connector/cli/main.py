"""Read the command line, run a command, and end with an exit code that scripts rely on."""

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import structlog
import typer

from connector import __version__
from connector.cli import (
    brakes,
    config,
    demo,
    moving,
    offsets,
    opt_outs,
    output,
    report,
    schema,
    simulator,
    topics,
    worker,
)
from connector.cli.exits import CommandFailed, ExitCode
from connector.cli.options import ConfigOption, JsonOption, given
from connector.settings.problems import SettingsError
from connector.telemetry.logs import set_up

log = structlog.get_logger("connector")

_NAME = "connector"

app = typer.Typer(
    name=_NAME,
    help="Streams CRM lead changes from Kafka into Genesys Cloud Outbound, opt-outs first.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _tell_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        output.lines([f"{_NAME} {__version__}"])
        raise typer.Exit


Version = Annotated[
    bool,
    typer.Option("--version", help="Say the version.", callback=_tell_version, is_eager=True),
]


@app.callback()
def options(
    context: typer.Context,
    *,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    version: Version = False,  # noqa: ARG001 - its callback has done it all
) -> None:
    """Stream CRM lead changes from Kafka into Genesys Cloud Outbound, opt-outs first."""
    context.obj = given(context, config, as_json=as_json)


app.command()(demo.demo)
app.command()(worker.check)
app.command()(worker.run)
app.add_typer(topics.app, name="topics")
app.command()(simulator.simulator)
app.add_typer(offsets.app, name="offsets")
opt_outs.app.command()(moving.export)
opt_outs.app.command(name="import")(moving.import_)
app.add_typer(opt_outs.app, name="opt-outs")
app.add_typer(brakes.app, name="brakes")
app.add_typer(report.app, name="report")
app.add_typer(schema.app, name="schema")
app.add_typer(config.app, name="config")


def main(words: Sequence[str] | None = None) -> int:
    """Run the command that *words* (default: the process's own) name; return the exit code."""
    set_up("text", "warning")
    try:
        return _run(words)
    except typer.TyperException as misuse:
        output.complain([_told(misuse.format_message())])
        return misuse.exit_code
    except SettingsError as unusable:
        output.complain(str(problem) for problem in unusable.problems)
        return ExitCode.USAGE
    except CommandFailed as failed:
        output.complain(failed.lines)
        return failed.code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # Who read our output has gone; Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.UNEXPECTED
    except Exception:
        log.exception("command.failed")
        return ExitCode.UNEXPECTED


def _told(message: str) -> str:
    """Return a mistake in one line; what has several is the help itself."""
    return message if "\n" in message else f"{message} (see {_NAME} --help)"


def _run(words: Sequence[str] | None) -> int:
    command = typer.main.get_command(app)
    given_words = None if words is None else list(words)
    code: object = command.main(given_words, prog_name=_NAME, standalone_mode=False)
    return code if isinstance(code, int) else ExitCode.DONE
