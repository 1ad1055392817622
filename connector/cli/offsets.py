"""Commands about the group's offsets: `offsets show` and `offsets reset`."""

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli import output
from connector.cli.exits import CommandFailed, ExitCode
from connector.cli.options import ConfigOption, JsonOption, given
from connector.cli.ranges import FromOption, SinceOption, TopicOption, selected
from connector.cli.refusals import refusing
from connector.ops.ranges import RangeWords, UnusableRangeError
from connector.settings.environment import ACTOR

if TYPE_CHECKING:
    from connector.ops.offsets import Position

app = typer.Typer(help="Where the group stands in its topics.", no_args_is_help=True)

By = Annotated[
    str | None, typer.Option(metavar="WHO", envvar=ACTOR, help="Who does it.", show_default=False)
]
Earliest = Annotated[
    bool, typer.Option("--earliest", help="To the first record that there is.", show_default=False)
]
Latest = Annotated[
    bool, typer.Option("--latest", help="Behind the last record: skips.", show_default=False)
]


@app.callback()
def offsets(
    context: typer.Context, *, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """See where the group stands, and put it elsewhere while no worker runs."""
    context.obj = given(context, config, as_json=as_json)


@app.command()
def show(
    context: typer.Context,
    *,
    topic: TopicOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Show what the group has committed in each partition of the sources, and what lies behind."""
    asked = given(context, config, as_json=as_json)
    settings = asked.settings()
    from connector.ops import offsets as ops  # noqa: PLC0415 - loads the broker's client

    names = settings.topics
    known = (*settings.source_topics, names.lead_changes, names.opt_outs)
    _demand_known(topic or (), known)
    found = refusing(lambda: ops.positions(settings, tuple(topic or settings.source_topics)))
    _tell(found, as_json=asked.as_json)
    return ExitCode.DONE


@app.command()
def reset(  # noqa: PLR0913 - its options
    context: typer.Context,
    *,
    earliest: Earliest = False,
    latest: Latest = False,
    since: SinceOption = None,
    from_: FromOption = None,
    topic: TopicOption = None,
    by: By = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Let the workers read the sources from elsewhere; refused while one runs."""
    asked = given(context, config, as_json=as_json)
    settings = asked.settings()
    from connector.ops import offsets as ops  # noqa: PLC0415 - loads the broker's client

    if sum((earliest, latest, since is not None, bool(from_))) != 1:
        raise CommandFailed(
            ExitCode.USAGE, ["give one of --earliest, --latest, --since and --from"]
        )
    _demand_known(topic or (), settings.source_topics)
    selection = selected(settings, RangeWords(topics=topic or (), since=since, starts=from_ or ()))
    way = ops.Way.EARLIEST if earliest else ops.Way.LATEST if latest else ops.Way.GIVEN
    now_ms = round(time.time() * 1000)
    try:
        found = refusing(lambda: asyncio.run(ops.reset(settings, way, selection, by, now_ms)))
    except UnusableRangeError as unusable:
        raise CommandFailed(ExitCode.USAGE, unusable.problems) from unusable
    except ops.WorkersRunError:
        raise CommandFailed(
            ExitCode.UNSAFE,
            [
                f"workers of {settings.kafka.application_id} run; nothing was moved",
                "stop them all, wait for kafka.session_timeout, then run the same again",
            ],
        ) from None
    _tell(found, as_json=asked.as_json)
    return ExitCode.DONE


def _demand_known(topics: Sequence[str], known: Sequence[str]) -> None:
    unknown = [
        f"--topic: {each} is none that can be named here; those are {', '.join(known)}"
        for each in topics
        if each not in known
    ]
    if unknown:
        raise CommandFailed(ExitCode.USAGE, unknown)


def _tell(found: "Sequence[Position]", *, as_json: bool) -> None:
    if as_json:
        output.document([each.document() for each in found])
        return
    rows = [
        (
            f"{each.place.topic}/{each.place.partition}",
            "none" if each.committed is None else each.committed,
            each.held.end,
            each.lag,
        )
        for each in found
    ]
    width = max((len(name) for name, *_ in rows), default=0)
    output.lines(
        f"{name:<{width}}  committed {at:>12}  end {end:>12}  lag {lag:>12}"
        for name, at, end, lag in rows
    )
    output.lines([f"{sum(each.lag for each in found)} offsets lie before the workers"])
