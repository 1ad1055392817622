"""Commands about brakes: `brakes show`, `pull` and `release`."""

import getpass
import os
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli import output
from connector.cli.exits import CommandFailed, ExitCode
from connector.cli.opt_outs import By, run
from connector.cli.options import ConfigOption, JsonOption, given
from connector.planning.brakes import Brake
from connector.planning.gates import EVERYWHERE
from connector.settings.keys import LIKELY, nearest
from connector.settings.model import Settings

if TYPE_CHECKING:
    from connector.ops.brakes import Shown

app = typer.Typer(
    help="Brakes: what is stopped for safety, until a person lets it go on.", no_args_is_help=True
)

_BY_HAND = tuple(each for each in Brake if each.stop is not None)
_PARTITION = re.compile(r".+/\d+")

Why = Annotated[str, typer.Option(metavar="TEXT", help="Why.", show_default=False)]


@app.callback()
def brakes(
    context: typer.Context, *, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Show what is stopped for safety, stop by hand, and let it go on."""
    context.obj = given(context, config, as_json=as_json)


@app.command()
def show(
    context: typer.Context, *, config: ConfigOption = None, as_json: JsonOption = False
) -> int:
    """Show which brakes are pulled, since when, by whom and why."""
    asked = given(context, config, as_json=as_json)
    settings = asked.settings()
    from connector.ops import brakes as ops  # noqa: PLC0415 - loads the broker's client

    return _tell(run(ops.show(settings)), as_json=asked.as_json)


@app.command()
def pull(  # noqa: PLR0913 - its options
    context: typer.Context,
    brake: Annotated[
        str, typer.Argument(metavar="BRAKE", help=f"{', '.join(_BY_HAND[:-1])} or {_BY_HAND[-1]}.")
    ],
    *,
    list_name: Annotated[
        str | None,
        typer.Option(
            "--list", metavar="NAME", help="Only on this list of the settings.", show_default=False
        ),
    ] = None,
    by: By = None,
    reason: Why = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Stop writes of a kind by hand; opt-outs and disqualifications go on."""
    asked = given(context, config, as_json=as_json)
    settings = asked.settings()
    wanted = Brake(_known("brake", brake, _BY_HAND))
    scope = EVERYWHERE if list_name is None else _known("list", list_name, settings.lists)
    who = _who(by)
    from connector.ops import brakes as ops  # noqa: PLC0415 - loads the broker's client

    shown = run(ops.pull(settings, wanted, scope, who, reason.strip()))
    return _tell(shown, as_json=asked.as_json)


@app.command()
def release(  # noqa: PLR0913 - its options
    context: typer.Context,
    brake: Annotated[
        str | None,
        typer.Argument(metavar="BRAKE", help="Which; absent: all.", show_default=False),
    ] = None,
    *,
    scope: Annotated[
        str | None,
        typer.Option(
            metavar="SCOPE",
            help="all, a list of the settings, or TOPIC/PARTITION; absent: any.",
            show_default=False,
        ),
    ] = None,
    by: By = None,
    reason: Why = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Let go on what was stopped; what counts towards a limit counts anew."""
    asked = given(context, config, as_json=as_json)
    settings = asked.settings()
    wanted = None if brake is None else Brake(_known("brake", brake, Brake))
    where = None if scope is None else _scope(settings, scope)
    who = _who(by)
    from connector.ops import brakes as ops  # noqa: PLC0415 - loads the broker's client

    released, left = run(ops.release(settings, wanted, where, who, reason.strip()))
    output.complain(f"{each.name}: released" for each in released)
    if not released:
        output.complain(["nothing was released: no such brake is pulled"])
    return _tell(left, as_json=asked.as_json)


def _scope(settings: Settings, scope: str) -> str:
    if _PARTITION.fullmatch(scope):
        return scope
    return _known("scope", scope, (EVERYWHERE, *settings.lists))


def _known(what: str, name: str, known: Iterable[str]) -> str:
    names = [str(each) for each in known]
    if name in names:
        return name
    near = nearest(name, names, LIKELY)
    advice = f"did you mean {near}?" if near else f"known are {', '.join(names)}"
    raise CommandFailed(ExitCode.USAGE, [f"there is no {what} {name}; {advice}"])


def _who(by: str | None) -> str:
    """Return who says so: a brake must not wait for a name, but somebody answers for it."""
    if who := (by or "").strip():
        return who
    try:
        return f"login {getpass.getuser()}"
    except (OSError, KeyError):  # a container's user often has no name
        return f"login {os.getuid()}"


def _tell(shown: "Sequence[Shown]", *, as_json: bool) -> int:
    if as_json:
        output.document([each.document() for each in shown])
    elif shown:
        output.lines(line for each in shown for line in _people(each))
    else:
        output.lines(["no brake is pulled"])
    return ExitCode.DONE


def _people(shown: "Shown") -> list[str]:
    from connector.stream.brake_news import advice  # noqa: PLC0415 - not for --help
    from connector.stream.moments import rfc3339  # noqa: PLC0415 - the same

    pulled = shown.pulled
    held = (
        "no worker tells how many writes wait"
        if shown.held is None
        else (f"{shown.held} writes wait in the workers")
    )
    return [
        f"{pulled.name}: pulled since {rfc3339(pulled.since)} by {pulled.by}; {held}",
        f"  {pulled.detail}",
        f"  {advice(pulled)}",
    ]
