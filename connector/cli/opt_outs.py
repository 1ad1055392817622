"""Commands about opt-outs: `opt-outs add`, `lift`, `show` and `list`."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli import output
from connector.cli.exits import CommandFailed, ExitCode
from connector.cli.options import ConfigOption, JsonOption, given
from connector.settings.environment import ACTOR
from connector.settings.model import Settings

if TYPE_CHECKING:
    from connector.ops.opt_out_lines import Line
    from connector.ops.person import Ended

app = typer.Typer(
    help="Opt-outs: what a person says of them, and what is known.", no_args_is_help=True
)

STANDARD_INPUT = "-"

Lead = Annotated[str | None, typer.Option(help="The lead.", show_default=False)]
File = Annotated[
    str | None,
    typer.Option(
        metavar="FILE", help="Lines of lead_id,number; - is standard input.", show_default=False
    ),
]
By = Annotated[
    str | None,
    typer.Option(metavar="WHO", envvar=ACTOR, help="Who says so.", show_default=False),
]
Why = Annotated[str | None, typer.Option(metavar="TEXT", help="Why.", show_default=False)]
Yes = Annotated[bool, typer.Option("--yes", help="Do it.", show_default=False)]


@app.callback()
def opt_outs(
    context: typer.Context, *, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Enter an opt-out, lift one, and look at what is known."""
    context.obj = given(context, config, as_json=as_json)


@app.command()
def add(  # noqa: PLR0913 - its options
    context: typer.Context,
    *,
    lead: Lead = None,
    file: File = None,
    by: By = None,
    reason: Why = None,
    yes: Yes = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Enter opt-outs that reached the company by letter or e-mail, or stood in a gap."""
    asked = given(context, config, as_json=as_json)
    settings = asked.settings()
    who, why = _attributed(by, reason)
    from connector.ops import opt_outs as ops  # noqa: PLC0415 - loads the broker's client

    lines = _lines(settings, lead, file)
    _agreed(yes=yes, what=f"{len(lines)} opt-outs would be entered for good")
    ended = _run(lambda: ops.add(settings, lines, who, why, _progress))
    return _tell(ended, as_json=asked.as_json)


def _lines(settings: Settings, lead: str | None, file: str | None) -> Sequence["Line"]:
    from connector.cdc.phones import PhoneReader  # noqa: PLC0415 - only here
    from connector.ops.opt_out_lines import (  # noqa: PLC0415 - only here
        UnusableLinesError,
        one_lead,
        read_lines,
    )

    if (lead is None) == (file is None):
        raise CommandFailed(ExitCode.USAGE, ["give one of the lead and --file"])
    try:
        if lead is not None:
            return one_lead(lead)
        return read_lines(*_bytes(file or ""), PhoneReader(settings.mapping.default_region).read)
    except UnusableLinesError as unusable:
        raise CommandFailed(ExitCode.USAGE, unusable.problems) from unusable


def _bytes(file: str) -> tuple[bytes, str]:
    if file == STANDARD_INPUT:
        return sys.stdin.buffer.read(), "standard input"
    try:
        return Path(file).read_bytes(), file
    except OSError as unread:
        raise CommandFailed(ExitCode.USAGE, [f"{file}: {unread.strerror}"]) from unread


def _attributed(by: str | None, reason: str | None) -> tuple[str, str]:
    missing = [
        f"{option}: missing; {what}"
        for option, value, what in (
            ("--by", by, f"say who decides (or ${ACTOR})"),
            ("--reason", reason, "say why"),
        )
        if not (value or "").strip()
    ]
    if missing:
        raise CommandFailed(ExitCode.USAGE, missing)
    return (by or "").strip(), (reason or "").strip()


def _agreed(*, yes: bool, what: str) -> None:
    if not yes:
        raise CommandFailed(ExitCode.UNSAFE, [f"{what}; nothing was done: give --yes"])


def _run(work: "Callable[[], Coroutine[Any, Any, Ended]]") -> "Ended":
    from connector.registry.access import (  # noqa: PLC0415 - loads the registry's client
        RegistryAwayError,
        RegistryRefusedError,
    )
    from connector.stream.producer import SendFailedError  # noqa: PLC0415 - the broker's client
    from connector.stream.reading import ReadFailedError  # noqa: PLC0415 - the same
    from connector.stream.topics import TopicsUnavailableError  # noqa: PLC0415 - the same

    away = (
        ReadFailedError,
        SendFailedError,
        TopicsUnavailableError,
        RegistryAwayError,
        RegistryRefusedError,
    )
    try:
        return asyncio.run(work())
    except away as failure:
        told = [
            str(failure),
            "see to it and run the same again: what is there already does no harm",
        ]
        raise CommandFailed(ExitCode.REFUSED, told) from failure


def _progress(line: str) -> None:
    output.complain([line])


def _tell(ended: "Ended", *, as_json: bool) -> int:
    for at in ended.refused:
        _progress(f"line {at}: its number can be nobody's, and it names no lead: not sent")
    if ended.open and not ended.working:
        _progress(
            f"{ended.open} not settled: no worker runs. They are durable, and are carried out "
            "first when one does; start it, and run this again to see how they ended"
        )
    elif ended.open:
        _progress(
            f"{ended.open} not settled yet: the workers go on with them. /health/ready says what "
            "keeps them; look there, and run this again to see how they ended"
        )
    if as_json:
        output.document(ended.document())
    else:
        output.lines([f"{ended.sent} sent"])
        output.lines(f"{count} {verdict}" for verdict, count in sorted(ended.verdicts.items()))
    return ExitCode.DONE if ended.well else ExitCode.REFUSED
