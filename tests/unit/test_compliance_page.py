"""Every test and command that `docs/compliance.md` names is there, and every promise has one."""

import ast
import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "compliance.md").read_text(encoding="utf-8")
_NAMED = re.findall(r"`([^`\n]+)`", PAGE)
TESTS = sorted({each for each in _NAMED if each.startswith("tests/")})
COMMANDS = sorted({each for each in _NAMED if each.startswith(("make ", "python -m "))})
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and "---" not in line]


@pytest.mark.parametrize("named", TESTS)
def test_a_test_that_is_named_is_there(named: str) -> None:
    """Its file, and the test of that name in it."""
    file, _, name = named.partition("::")
    path = ROOT / file
    assert path.exists()
    if name:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        defined = {getattr(node, "name", None) for node in tree.body}
        assert name in defined
    elif path.is_file():
        assert path.name.startswith("test_")


@pytest.mark.parametrize("named", COMMANDS)
def test_a_command_that_is_named_is_there(named: str) -> None:
    """A recipe of the Makefile, or a module that knows the options given."""
    words = shlex.split(named)
    if words[0] == "make":
        recipes = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert set(words[1:]) <= set(recipes)
        return
    module = ROOT.joinpath(*words[2].split(".")).with_suffix(".py")
    text = module.read_text(encoding="utf-8")
    assert [each for each in words[3:] if each.startswith("--") and f'"{each}"' not in text] == []


def test_every_promise_says_how_it_is_seen() -> None:
    """The last cell of each row names a test or a command."""
    promises = [row for row in ROWS if not row.startswith("| promise |")]
    last = [row.rstrip("| ").rsplit("|", 1)[-1] for row in promises]
    assert len(promises) > 10
    assert [each for each in last if not re.search(r"`(tests/|make |python -m )", each)] == []


def test_every_table_is_of_promises() -> None:
    """No row escapes the test above under another heading."""
    heads = re.findall(r"^(\|[^\n]+)\n\| ---", PAGE, re.MULTILINE)
    assert heads
    assert [head for head in heads if not re.fullmatch(r"\| promise .*\| seen by \|", head)] == []
