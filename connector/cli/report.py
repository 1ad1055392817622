"""Commands about what the outcomes say: `report` and `report compliance`."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector import __version__
from connector.cli import output
from connector.cli.exits import CommandFailed, ExitCode
from connector.cli.options import ConfigOption, JsonOption, given
from connector.cli.progress import progress
from connector.cli.ranges import (
    FromOption,
    LeadOption,
    SinceOption,
    ToOption,
    TopicOption,
    UntilOption,
    selected,
)
from connector.cli.refusals import refusing
from connector.ops.ranges import RangeWords
from connector.settings.model import Settings

if TYPE_CHECKING:
    from connector.ops.compliance_report import ComplianceReport
    from connector.ops.outcome_log import Unreadable
    from connector.ops.report import Report
    from connector.ops.told_outcome import ToldOutcome

app = typer.Typer(help="What the outcomes say.", invoke_without_command=True)

EvidenceOption = Annotated[
    Path | None,
    typer.Option(
        "--evidence",
        metavar="FILE",
        help="Write a JSON line for each opt-out, and FILE.sha256 beside it.",
        show_default=False,
    ),
]


HtmlOption = Annotated[
    Path | None,
    typer.Option(
        "--html",
        metavar="FILE",
        help="Write it as one page, to print and to file.",
        show_default=False,
    ),
]


@app.callback()
def report(  # noqa: PLR0913 - its options
    context: typer.Context,
    *,
    html: HtmlOption = None,
    topic: TopicOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    from_: FromOption = None,
    to: ToOption = None,
    lead: LeadOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Count verdicts, reasons, latencies and requests by the outcome topic."""
    asked = given(context, config, as_json=as_json)
    if context.invoked_subcommand is not None:
        if html or topic or since or until or from_ or to or lead:
            name = context.invoked_subcommand
            raise CommandFailed(ExitCode.USAGE, [f"write the options behind `report {name}`"])
        context.obj = asked
        return ExitCode.DONE
    settings = asked.settings()
    words = RangeWords(topic or (), since, until, from_ or (), to or (), lead or ())
    selection = selected(settings, words)
    from connector.ops.report import Report  # noqa: PLC0415 - only here
    from connector.ops.report_pages import report_page  # noqa: PLC0415 - only here

    counted = Report(selection, settings.genesys.requests_per_minute)
    _complain(_read(settings, counted.take))
    if html is not None:
        _write(html, report_page(counted, _about(settings, words)))
    if asked.as_json:
        output.document(counted.document())
    else:
        output.lines(_people(counted))
    return ExitCode.DONE


@app.command()
def compliance(  # noqa: PLR0913 - its options
    context: typer.Context,
    *,
    evidence: EvidenceOption = None,
    html: HtmlOption = None,
    topic: TopicOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    from_: FromOption = None,
    to: ToOption = None,
    lead: LeadOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Say what became of every opt-out, how long it took, and which are open."""
    asked = given(context, config, as_json=as_json)
    settings = asked.settings()
    words = RangeWords(topic or (), since, until, from_ or (), to or (), lead or ())
    selection = selected(settings, words)
    from connector.ops.compliance_report import ComplianceReport  # noqa: PLC0415 - only here
    from connector.ops.evidence import evidence_to  # noqa: PLC0415 - only here
    from connector.ops.report_pages import compliance_page  # noqa: PLC0415 - only here
    from connector.ops.waiting_opt_outs import waiting_opt_outs  # noqa: PLC0415 - the broker's

    try:
        with evidence_to(evidence) as filed:
            waiting = refusing(lambda: waiting_opt_outs(settings, selection))
            counted = ComplianceReport(waiting, selection)
            if filed is not None:
                counted.keep = filed.write
            _complain(_read(settings, counted.take))
            for line in counted.open_lines() if filed is not None else ():
                counted.keep(line)
    except OSError as unwritten:
        raise CommandFailed(
            ExitCode.USAGE, [f"--evidence: {evidence}: {unwritten.strerror}"]
        ) from unwritten
    if html is not None:
        _write(html, compliance_page(counted, _about(settings, words)))
    if asked.as_json:
        output.document(counted.document())
    else:
        output.lines(_opt_outs(counted))
    return ExitCode.DONE


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as unwritten:
        raise CommandFailed(
            ExitCode.USAGE, [f"--html: {path}: {unwritten.strerror}"]
        ) from unwritten


def _about(settings: Settings, words: RangeWords) -> Iterator[str]:
    """Yield what a page is about: whose outcomes, which of them, and as of when."""
    yield f"Outcomes of {settings.kafka.application_id}, {words.told}"
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    yield f"As of {now}, by connector {__version__}"


def _read(settings: Settings, take: "Callable[[ToldOutcome], None]") -> "Unreadable":
    from connector.ops.outcome_log import read_outcomes  # noqa: PLC0415 - the broker's client

    with progress("outcomes read") as tell:
        return refusing(lambda: read_outcomes(settings, take, tell))


def _complain(unreadable: "Unreadable") -> None:
    if unreadable.records:
        told = f"{unreadable.records} records are no outcomes and were left out, the first at"
        output.complain([f"{told} {unreadable.first}: find out who else writes there"])


def _people(counted: "Report") -> Iterator[str]:
    told = counted.document()
    yield f"{counted.records:,} records"
    yield from _rows(counted.verdicts.most_common(), counted.records)
    if counted.reasons:
        yield "reasons"
        yield from _rows(counted.reasons.most_common(), counted.records)
    yield f"{counted.requests:,} requests, {told['requests_per_1000']} for 1,000 records"
    for name, hour in counted.busiest:
        share = counted.share(hour)
        part = "" if share is None else f", {share:.1%} of the allowance"
        yield f"  {name[:16]}Z  {hour.requests:>8,} requests{part}, {hour.records:,} records"
    yield f"{'latency in ms':<22} {'p50':>12} {'p99':>12} {'max':>12}"
    from connector.ops.told_outcome import STEPS  # noqa: PLC0415 - only here

    for step, distribution in zip(STEPS, counted.latencies, strict=True):
        yield f"  {step:<20} {_three(distribution.document())}"
    if counted.replays:
        yield f"{counted.replays.total():,} outcomes more of what was sent again"
        yield from _rows(counted.replays.most_common(), counted.replays.total())
    if counted.repeats:
        yield f"{counted.repeats:,} outcomes were told twice and count once"


def _opt_outs(counted: "ComplianceReport") -> Iterator[str]:
    yield f"{counted.opt_outs:,} opt-outs"
    yield f"  {counted.honoured:>10,} honoured"
    yield f"  {counted.without_number:>10,} of them without a number to block"
    yield f"  {counted.verified:>10,} of them read back: no contact can be called"
    yield f"  {counted.open:>10,} OPEN" if counted.open else f"  {0:>10} open"
    yield from (f"  {count:>10,}   {reason}" for reason, count in counted.exceptions.items())
    yield "from the append in Kafka to the acceptance by the last DNC list, in ms"
    yield f"  {'p50':>12} {'p99':>12} {'max':>12}"
    yield f"  {_three(counted.latency.document())}"
    if counted.worst:
        yield "longest"
    for outcome, took in counted.worst:
        who = "numbers alone" if outcome.lead_id is None else f"lead {outcome.lead_id}"
        yield f"  {took:>10,} ms  {outcome.record}  {who}"


def _rows(counts: list[tuple[str, int]], whole: int) -> Iterator[str]:
    for name, count in counts:
        yield f"  {count:>10,} {count / whole:>7.1%}  {name}"


def _three(percentiles: dict[str, int | None]) -> str:
    told = ("-" if each is None else f"{each:,}" for each in percentiles.values())
    return " ".join(f"{each:>12}" for each in told)
