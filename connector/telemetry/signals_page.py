"""Write `docs/signals.md` from the catalogues: `python -m connector.telemetry.signals_page`."""

import sys

from connector.telemetry.catalogue import CATALOGUE
from connector.telemetry.log_lines import LOG_LINES
from connector.telemetry.signal import Label, Signal

_HEAD = """# Signals

Generated from `catalogue.py` and `log_lines.py` in `connector/telemetry`; do not edit. Written
anew by `python -m connector.telemetry.signals_page > docs/signals.md`.

A worker serves these at `GET /metrics` in the form of Prometheus. Names begin `connector_` and end
in the unit. Labels are closed sets; a value outside its set is counted as `other`. No metric holds
a lead, a number or a name from outside the settings. The worker's own CPU, memory and files are
there as `connector_process_…`.
"""

_LOGS = """
## Log lines

One line each on standard error, as text or JSON (`ops.log_format`). `event` is `noun.verb`; the
fields `lead`, `list`, `correlation_id`, `seconds` and `detail` mean the same everywhere. A lead's
id may stand in a line; numbers, e-mail addresses and names never do, and what looks like one of
the first two is masked before it is written.

| event | level | meaning |
| --- | --- | --- |
"""


def page() -> str:
    """Return the page."""
    lines = (f"| `{each.event}` | {each.level} | {each.meaning} |\n" for each in LOG_LINES)
    return "\n".join((_HEAD, *(_section(signal) for signal in CATALOGUE))) + _LOGS + "".join(lines)


def _section(signal: Signal) -> str:
    lines = [f"## `{signal.name}`", "", f"{signal.kind.capitalize()}. {signal.meaning}."]
    lines += [f"- {_label(label)}" for label in signal.labels]
    if signal.labels:
        lines.insert(3, "")
    return "\n".join((*lines, "", f"*{signal.act}*", ""))


def _label(label: Label) -> str:
    known = "" if label.values is None else ": " + ", ".join(f"`{each}`" for each in label.values)
    return f"`{label.name}` ({label.meaning}){known}"


if __name__ == "__main__":
    sys.stdout.write(page())
