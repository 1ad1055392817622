"""Commands that move opt-outs to a new application: `opt-outs export` and `opt-outs import`."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli import output
from connector.cli.exits import CommandFailed, ExitCode
from connector.cli.opt_outs import STANDARD_INPUT, By, Yes, bytes_of, run
from connector.cli.options import ConfigOption, JsonOption, given
from connector.settings.model import Settings

if TYPE_CHECKING:
    from connector.ops.opt_out_file import OptOutFile

STANDARD_OUTPUT = STANDARD_INPUT

To = Annotated[
    str, typer.Option("--file", metavar="FILE", help="Where to write; - is standard output.")
]
From = Annotated[
    str, typer.Option("--file", metavar="FILE", help="What to read; - is standard input.")
]


def export(
    context: typer.Context,
    *,
    file: To = STANDARD_OUTPUT,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Write the digests of all opt-outs and lifts as JSON lines, for a new application."""
    asked = given(context, config, as_json=as_json)
    settings = asked.settings()
    if asked.as_json and file == STANDARD_OUTPUT:
        text = "--json: its document would stand among the lines; name a file: --file FILE"
        raise CommandFailed(ExitCode.USAGE, [text])
    from connector.ops import moving, opt_out_file  # noqa: PLC0415 - loads the broker's client

    found = run(moving.export(settings, _progress))
    _write(file, opt_out_file.written(found))
    told = moving.counts(found.leads)
    if asked.as_json:
        output.document({"leads": len(found.leads), **told, "file": file})
    else:
        _progress(f"{len(found.leads)} exported: {_listed(told)}.")
    return ExitCode.DONE


def import_(
    context: typer.Context,
    *,
    file: From = STANDARD_INPUT,
    by: By = None,
    yes: Yes = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Take over what another application knew of opt-outs; it only adds. No worker may run."""
    asked = given(context, config, as_json=as_json)
    settings = asked.settings()
    del yes  # it only adds, so nothing is asked
    from connector.ops import moving  # noqa: PLC0415 - loads the broker's client
    from connector.ops.person import now_ms  # noqa: PLC0415 - as above

    brought = _read(settings, file)
    try:
        done = run(
            moving.import_(settings, brought, (by or "").strip() or None, now_ms(), _progress)
        )
    except moving.WorkersRunError as running:
        raise CommandFailed(ExitCode.UNSAFE, [str(running)]) from running
    told = moving.counts(brought.leads)
    if asked.as_json:
        document = {"leads": done.leads, **told, "unchanged": done.unchanged, "rows": done.rows}
        output.document(document)
    else:
        output.lines([f"{done.leads} read: {_listed(told)}"])
        output.lines([f"{done.unchanged} were known already; {done.rows} rows written"])
    return ExitCode.DONE


def _read(settings: Settings, file: str) -> "OptOutFile":
    """Return the file, whose digests must be of the same secret: else nobody is recognised."""
    from connector.ops.opt_out_file import UnusableFileError, read  # noqa: PLC0415 - only here
    from connector.stream.composition import digests  # noqa: PLC0415 - loads the broker's client

    try:
        brought = read(*bytes_of(file))
    except UnusableFileError as unusable:
        raise CommandFailed(ExitCode.USAGE, unusable.problems) from unusable
    if not digests(settings).knows(brought.secret):
        text = (
            f"state.secret: is not that of {brought.application}, from which the opt-outs come: "
            "their digests would recognise nobody; give this application the same"
        )
        raise CommandFailed(ExitCode.USAGE, [text])
    return brought


def _write(file: str, lines: Iterator[bytes]) -> None:
    """Write *lines*; a file appears whole or not at all."""
    if file == STANDARD_OUTPUT:
        sys.stdout.buffer.writelines(lines)
        sys.stdout.flush()
        return
    half = Path(f"{file}.part")
    try:
        with half.open("wb") as opened:
            opened.writelines(lines)
            opened.flush()
            os.fsync(opened.fileno())
        half.replace(file)
    except OSError as unwritten:
        half.unlink(missing_ok=True)
        raise CommandFailed(ExitCode.REFUSED, [f"{file}: {unwritten.strerror}"]) from unwritten


def _listed(told: dict[str, int]) -> str:
    return (
        f"{told['opted_out']} leads opted out, {told['lifted']} lifted, "
        f"{told['numbers']} numbers without a lead"
    )


def _progress(line: str) -> None:
    output.complain([line])
