"""Write `docs/signals.md` from the catalogue: `python -m connector.telemetry.signals_page`."""

import sys

from connector.telemetry.catalogue import CATALOGUE
from connector.telemetry.signal import Label, Signal

_HEAD = """# Signals

Generated from `connector/telemetry/catalogue.py`; do not edit. Written anew by
`python -m connector.telemetry.signals_page > docs/signals.md`.

A worker serves these at `GET /metrics` in the form of Prometheus. Names begin `connector_` and end
in the unit. Labels are closed sets; a value outside its set is counted as `other`. No metric holds
a lead, a number or a name from outside the settings. The worker's own CPU, memory and files are
there as `connector_process_…`.
"""

_LOGS = """
## Log lines

One line each on standard error, as text or JSON (`ops.log_format`). `event` is `noun.verb`; the
fields `lead`, `source` (`topic/partition/offset`), `batch_id`, `list` and `correlation_id` mean
the same everywhere. A lead's id may stand in a line; numbers, e-mail addresses and names never do,
and what looks like one of the first two is masked before it is written.
"""


def page() -> str:
    """Return the page."""
    return "\n".join((_HEAD, *(_section(signal) for signal in CATALOGUE))) + _LOGS


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
