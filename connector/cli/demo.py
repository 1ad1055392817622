"""The command `demo`."""

import typer

from connector.cli.options import JsonOption, given


def demo(context: typer.Context, *, as_json: JsonOption = False) -> int:
    """Play a day of CRM changes through broker, worker and simulator, and prove the result."""
    asked = given(context, None, as_json=as_json)
    from connector.demo import run  # noqa: PLC0415 - loads a broker, others do without

    return run.demo(as_json=asked.as_json)
