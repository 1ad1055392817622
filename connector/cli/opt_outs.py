"""Commands about opt-outs: `opt-outs add`, `lift`, `show` and `list`."""

import asyncio
import sys
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from connector.cli import output
from connector.cli.exits import CommandFailed, ExitCode
from connector.cli.options import ConfigOption, JsonOption, given
from connector.cli.refusals import refusing
from connector.domain.ids import PhoneNumber
from connector.settings.environment import ACTOR
from connector.settings.model import Settings

if TYPE_CHECKING:
    from connector.ops.opt_out_lines import Line
    from connector.ops.person import Ended

app = typer.Typer(
    help="Opt-outs: what a person says of them, and what is known.", no_args_is_help=True
)

T = TypeVar("T")

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
    agreed(yes=yes, what=f"{len(lines)} opt-outs would be entered for good")
    ended = run(ops.add(settings, lines, who, why, _progress))
    return _tell(ended, as_json=asked.as_json)


@app.command()
def lift(  # noqa: PLR0913 - its options
    context: typer.Context,
    *,
    lead: Annotated[str | None, typer.Argument(metavar="LEAD", show_default=False)] = None,
    file: File = None,
    by: By = None,
    reason: Why = None,
    yes: Yes = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Decide that a lead may be called again: no number leaves a DNC list by it."""
    asked = given(context, config, as_json=as_json)
    settings = asked.settings()
    who, why = _attributed(by, reason)
    from connector.ops import opt_outs as ops  # noqa: PLC0415 - loads the broker's client

    lines = _lines(settings, lead, file)
    leads = list(dict.fromkeys(line.lead for line in lines if line.lead is not None))
    if any(line.lead is None or line.number is not None or line.bad for line in lines):
        raise CommandFailed(
            ExitCode.USAGE, ["a lift is of leads: a line names one, and no number"]
        )
    agreed(yes=yes, what=f"the opt-outs of {len(leads)} leads would be lifted")
    ended, left_to_do = run(ops.lift(settings, leads, who, why, _progress))
    code = _tell(ended, as_json=asked.as_json)
    (output.complain if asked.as_json else output.lines)(left_to_do)
    return code


@app.command()
def show(
    context: typer.Context,
    *,
    lead: Lead = None,
    number: Annotated[
        str | None, typer.Option(metavar="-", help="The number, on standard input.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Show since when a lead or a number is opted out, by which record, and who lifted it."""
    asked = given(context, config, as_json=as_json)
    settings = asked.settings()
    from connector.ops import opt_out_state  # noqa: PLC0415 - loads the broker's client

    if (lead is None) == (number is None):
        raise CommandFailed(ExitCode.USAGE, ["give one of --lead ID and --number -"])
    if lead is not None:
        leads = [line.lead for line in _lines(settings, lead, None) if line.lead is not None]
        (state,) = run(opt_out_state.of_leads(settings, leads))
        shown = state.document()
    else:
        shown = run(opt_out_state.of_number(settings, _number(settings, number)))
    if asked.as_json:
        output.document(shown)
    else:
        output.lines(_people(shown))
    return ExitCode.DONE


@app.command(name="list")
def list_(
    context: typer.Context,
    *,
    reconsent: Annotated[
        bool,
        typer.Option("--reconsent", help="Only where the CRM says that they may be called again."),
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """List every opt-out, lifted ones too; --reconsent: those that a person should look at."""
    asked = given(context, config, as_json=as_json)
    settings = asked.settings()
    from connector.ops import opt_out_state  # noqa: PLC0415 - loads the broker's client

    states = run(opt_out_state.of_all(settings))
    shown = [each.document() for each in states if not reconsent or each.reconsent is not None]
    if asked.as_json:
        output.document(shown)
    else:
        output.lines(line for each in shown for line in _people(each)[:1])
    return ExitCode.DONE


def _number(settings: Settings, source: str | None) -> PhoneNumber:
    """Read a number from standard input: others of the machine can see what is in the words."""
    from connector.cdc.phones import PhoneReader  # noqa: PLC0415 - only here

    if source != STANDARD_INPUT:
        raise CommandFailed(
            ExitCode.USAGE, ["a number comes on standard input: `--number -`, never in the words"]
        )
    text = sys.stdin.read().strip()
    number = PhoneReader(settings.mapping.default_region).read(text)
    if number is None:
        raise CommandFailed(ExitCode.USAGE, ["standard input: is no number that can be dialled"])
    return number


def _people(shown: Mapping[str, Any]) -> list[str]:
    """Return a document of `show` as lines, the first of which says the most."""
    who = "the number" if shown["lead_id"] is None else f"lead {shown['lead_id']}"
    if shown["since"] is None:
        return [f"{who}: no opt-out is known"]
    state = "opted out" if shown["opted_out"] else "not opted out any more"
    lifted = shown["lifted"]
    by = f", last lifted {lifted['at']} by {lifted['by'] or 'unknown'}" if lifted else ""
    lists = ", ".join(shown["dnc_lists"]) or "none"
    return [
        f"{who}: {state}, since {shown['since']} by {shown['source']}{by}",
        f"  DNC lists that took its numbers: {lists}",
        *([f"  why it was lifted: {lifted['reason']}"] if lifted and lifted["reason"] else []),
        *(f"  {line}" for each in shown.get("leads", ()) for line in _people(each)),
    ]


def _lines(settings: Settings, lead: str | None, file: str | None) -> Sequence["Line"]:
    from connector.cdc.phones import PhoneReader  # noqa: PLC0415 - only here
    from connector.ops.opt_out_lines import (  # noqa: PLC0415 - only here
        UnusableLinesError,
        by_record_id,
        one_lead,
        read_lines,
    )

    if (lead is None) == (file is None):
        raise CommandFailed(ExitCode.USAGE, ["give one of the lead and --file"])
    try:
        short = by_record_id(settings)
        if lead is not None:
            return one_lead(lead, salesforce=short)
        read_number = PhoneReader(settings.mapping.default_region).read
        return read_lines(*bytes_of(file or ""), read_number, salesforce=short)
    except UnusableLinesError as unusable:
        raise CommandFailed(ExitCode.USAGE, unusable.problems) from unusable


def bytes_of(file: str) -> tuple[bytes, str]:
    """Return what a file or standard input holds, and what to call it."""
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


def agreed(*, yes: bool, what: str) -> None:
    """Do nothing that cannot be undone before --yes is given."""
    if not yes:
        raise CommandFailed(ExitCode.UNSAFE, [f"{what}; nothing was done: give --yes"])


def run(work: Coroutine[Any, Any, T]) -> T:
    """Carry *work* out; what the environment refuses ends the command with 3."""
    again = "see to it, then run the same again: what was done already does no harm"
    return refusing(lambda: asyncio.run(work), again)


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
