"""Hold the options that select records, the same for every command (contract.md section 7)."""

import time
from typing import Annotated

import typer

from connector.cli.exits import CommandFailed, ExitCode
from connector.ops.ranges import RangeWords, Selection, UnusableRangeError, select
from connector.settings.model import Settings

TopicOption = Annotated[
    list[str] | None,
    typer.Option(
        "--topic",
        metavar="NAME",
        help="Only records of this topic; repeatable.",
        show_default=False,
    ),
]
SinceOption = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="WHEN",
        help="From this time on: RFC 3339, or a span back from now such as 2h.",
        show_default=False,
    ),
]
UntilOption = Annotated[
    str | None,
    typer.Option(
        "--until", metavar="WHEN", help="Before this time, written likewise.", show_default=False
    ),
]
FromOption = Annotated[
    list[str] | None,
    typer.Option(
        "--from",
        metavar="TOPIC/PARTITION/OFFSET",
        help="From this record on; leaves out partitions that are not named; repeatable.",
        show_default=False,
    ),
]
ToOption = Annotated[
    list[str] | None,
    typer.Option(
        "--to",
        metavar="TOPIC/PARTITION/OFFSET",
        help="Before this record, likewise.",
        show_default=False,
    ),
]
LeadOption = Annotated[
    list[str] | None,
    typer.Option(
        "--lead", metavar="ID", help="Only records of this lead; repeatable.", show_default=False
    ),
]


def selected(settings: Settings, words: RangeWords) -> Selection:
    """Return what *words* select, now."""
    from connector.ops.opt_out_lines import by_record_id, read_lead  # noqa: PLC0415 - only here

    short = by_record_id(settings)
    try:
        return select(
            words, round(time.time() * 1000), lambda text: read_lead(text, salesforce=short)
        )
    except UnusableRangeError as unusable:
        raise CommandFailed(ExitCode.USAGE, unusable.problems) from unusable
