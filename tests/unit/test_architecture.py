"""What the linters cannot say about the code: sizes, docstrings, clocks, names."""

import ast
import re
import statistics
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "connector"
MODULES = sorted(PACKAGE.rglob("*.py"))
PURE = [path for path in MODULES if path.parts[len(PACKAGE.parts)] in {"domain", "planning"}]
LARGEST = 400
MEDIAN = 150
# design.md, section 1: words that hide what a thing is.
AVOIDED = re.compile(r"(^|_)(utils?|helpers?|common|base|managers?|handlers?|process)(_|$)")
CLOCK_READINGS = {"now", "utcnow", "today", "monotonic", "perf_counter"}
BARE_ESCAPE = re.compile(r"#\s*(type:\s*ignore(?!\[)|noqa(?!:\s*[A-Z]))")


def name(path: Path) -> str:
    """Name a file from the root."""
    return str(path.relative_to(ROOT))


def lines_of(path: Path) -> int:
    """Count the lines of a file."""
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_file_is_large() -> None:
    """A file that has grown beyond 400 lines is two files."""
    large = {name(path): lines_of(path) for path in MODULES if lines_of(path) > LARGEST}
    assert not large


def test_most_files_are_small() -> None:
    """Half of the files, empty packages aside, have at most 150 lines."""
    sizes = [lines_of(path) for path in MODULES if path.name != "__init__.py"]
    assert statistics.median(sizes) <= MEDIAN


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_says_what_it_is(path: Path) -> None:
    """Every module has a docstring; a room's `__init__` has nothing else."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    if path.name == "__init__.py" and path.parent != PACKAGE:
        assert len(tree.body) == 1


def test_names_are_words_of_the_field() -> None:
    """No file is named for what is in every file."""
    stems = (path.stem for path in MODULES if path.name != "__init__.py")
    folders = (path.parent.name for path in MODULES)
    assert not sorted({each for each in (*stems, *folders) if AVOIDED.search(each)})


@pytest.mark.parametrize("path", PURE, ids=name)
def test_decisions_read_no_clock(path: Path) -> None:
    """In `domain` and `planning` the time is an argument."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    readings = [
        f"{name(path)}:{node.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCK_READINGS
    ]
    assert not readings


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_no_check_is_switched_off_without_a_code(path: Path) -> None:
    """A `type: ignore` or `noqa` names what it silences."""
    bare = [
        f"{name(path)}:{number}"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if BARE_ESCAPE.search(line)
    ]
    assert not bare


@pytest.mark.parametrize("path", PURE, ids=name)
def test_decisions_are_typed_without_escape(path: Path) -> None:
    """Neither `Any` nor `cast` stands in `domain` and `planning`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    escapes = [
        f"{name(path)}:{node.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id in {"Any", "cast"}
    ]
    assert not escapes
