"""Write what commands say: results to standard output, everything else to standard error."""

import json
import sys
from collections.abc import Iterable

from rich.console import Console
from rich.text import Text


def document(value: object) -> None:
    """Write the one JSON document of a command with `--json`."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def text(written: str) -> None:
    """Write a text as it is, one newline at its end."""
    sys.stdout.write(written.rstrip("\n") + "\n")


def lines(said: Iterable[str]) -> None:
    """Write lines for people, unwrapped."""
    for line in said:
        sys.stdout.write(line + "\n")


def complain(said: Iterable[str]) -> None:
    """Write lines about what is wrong to standard error."""
    for line in said:
        sys.stderr.write(line + "\n")


def coloured(said: Iterable[tuple[str, str, str]]) -> None:
    """Write lines of a mark, its style on terminals, and a text."""
    console = Console(highlight=False, soft_wrap=True, markup=False)
    for mark, style, rest in said:
        console.print(Text.assemble((mark, style), rest))


def flush() -> None:
    """Let a reader at the other end of a pipe see what was written."""
    sys.stdout.flush()
