"""Commands about a worker: `run`, and `check` before it."""

import asyncio

import typer

from connector.cli import output
from connector.cli.exits import ExitCode
from connector.cli.options import ConfigOption, JsonOption, given
from connector.settings.problems import SettingsError
from connector.telemetry.logs import set_up

_MARKS = {"ok": ("ok  ", "green"), "warn": ("warn", "yellow"), "fail": ("FAIL", "bold red")}


def run(
    context: typer.Context, *, config: ConfigOption = None, as_json: JsonOption = False
) -> int:
    """Run one worker until SIGTERM."""
    asked = given(context, config, as_json=as_json)
    settings = asked.settings()
    set_up(settings.ops.log_format, settings.ops.log_level)
    from connector.stream import worker  # noqa: PLC0415 - Faust loads slowly, others do without

    def last_word(code: int) -> None:
        if asked.as_json:
            output.document({"exit_code": code})

    code = worker.run(settings, last_word)
    last_word(code)
    return code


def check(
    context: typer.Context, *, config: ConfigOption = None, as_json: JsonOption = False
) -> int:
    """Check settings, broker, topics, registry, credentials, lists and columns; change nothing."""
    asked = given(context, config, as_json=as_json)
    try:
        settings = asked.settings()
    except SettingsError as unusable:
        if asked.as_json:
            output.document(_unusable(unusable))
        raise
    from connector.ops.check import check as look  # noqa: PLC0415 - loads the platform's client

    report = asyncio.run(look(settings, lambda line: output.complain([line])))
    if asked.as_json:
        output.document(report.document())
    else:
        output.coloured(
            (*_MARKS[each.level], f"  {each.name}: {each.detail}") for each in report.findings
        )
    return ExitCode.DONE if report.well else ExitCode.REFUSED


def _unusable(unusable: SettingsError) -> dict[str, object]:
    checks = [
        {"name": "settings", "ok": False, "level": "fail", "detail": str(problem)}
        for problem in unusable.problems
    ]
    return {"ok": False, "checks": checks}
