"""Commands about our topics: `topics create`."""

from typing import Annotated

import typer

from connector.cli import output
from connector.cli.exits import CommandFailed, ExitCode
from connector.cli.options import ConfigOption, JsonOption, given

app = typer.Typer(help="Our topics on the broker.", no_args_is_help=True)

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be made.")]


@app.callback()
def topics(
    context: typer.Context, *, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Look after our topics on the broker."""
    context.obj = given(context, config, as_json=as_json)


@app.command()
def create(
    context: typer.Context,
    *,
    dry_run: DryRun = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Create missing topics with the right partitions and settings; never alter one."""
    asked = given(context, config, as_json=as_json)
    settings = asked.settings()
    from connector.ops import own_topics  # noqa: PLC0415 - loads the broker's client
    from connector.stream.topics import TopicsUnavailableError  # noqa: PLC0415 - the same

    trouble: list[str] = []
    admin = own_topics.admin_client(settings, lambda error: trouble.append(error.str()))
    try:
        wanted = own_topics.wanted(admin, settings)
        made = () if dry_run else own_topics.create(admin, wanted)
    except TopicsUnavailableError as unavailable:
        admin.poll(0)
        raise CommandFailed(ExitCode.REFUSED, [str(unavailable), *trouble[:1]]) from unavailable
    if asked.as_json:
        output.document([each.document() for each in wanted])
        return ExitCode.DONE
    output.lines(
        f"{_word(exists=each.exists, dry_run=dry_run)} {each.spec.name}: "
        f"{each.spec.partitions} partitions, replication factor {each.spec.replication_factor}, "
        + ", ".join(f"{key}={value}" for key, value in each.spec.config.items())
        for each in wanted
    )
    if not dry_run:
        output.lines([f"{len(made)} created, {len(wanted) - len(made)} were there."])
    return ExitCode.DONE


def _word(*, exists: bool, dry_run: bool) -> str:
    if exists:
        return "exists      "
    return "would create" if dry_run else "created     "
