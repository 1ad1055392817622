"""The command `simulator`."""

from pathlib import Path
from typing import Annotated

import typer

from connector.cli import output
from connector.cli.exits import CommandFailed, ExitCode
from connector.cli.options import JsonOption, given

DEFAULT_FILE = Path("simulator.toml")

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[
    int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")
]
SeedFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="What the simulator's books begin with; default simulator.toml where there is one.",
        show_default=False,
    ),
]


def simulator(
    context: typer.Context,
    *,
    host: Host = "127.0.0.1",
    port: Port = 8090,
    config: SeedFile = None,
    as_json: JsonOption = False,
) -> int:
    """Serve the Genesys Cloud simulator until it is told to stop."""
    asked = given(context, config, as_json=as_json)
    from connector.simulator.seed import Seed, SeedError, load  # noqa: PLC0415 - see below
    from connector.simulator.serve import CannotListenError, serve  # noqa: PLC0415 - loads uvicorn

    def say(address: str) -> None:
        if asked.as_json:
            output.document({"address": address})
        else:
            output.lines([address])
        output.flush()

    try:
        file = asked.config or (DEFAULT_FILE if DEFAULT_FILE.exists() else None)
        seed = Seed() if file is None else load(file)
        return serve(host, port, seed, say)
    except SeedError as wrong:
        raise CommandFailed(ExitCode.USAGE, wrong.problems) from wrong
    except CannotListenError as taken:
        raise CommandFailed(ExitCode.REFUSED, [str(taken)]) from taken
