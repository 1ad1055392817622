"""Laws of the settings' texts: spans and TOML read back to what was written."""

import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from connector.settings.problems import Problem, SettingsError
from connector.settings.toml_text import toml_document, toml_value
from connector.settings.values import parse_span, span_text
from tests.support.settings_files import MINIMAL, loaded

UNITS = st.sampled_from(["ms", "s", "m", "h", "d"])
SCALARS = st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8"))
TABLES = st.recursive(
    st.dictionaries(st.text(st.characters(codec="utf-8")), SCALARS | st.lists(SCALARS)),
    lambda inner: st.dictionaries(st.text(st.characters(codec="utf-8")), SCALARS | inner),
    max_leaves=8,
)


@given(st.integers(0, 10**6), UNITS)
def test_a_span_reads_back_from_how_it_is_written(count: int, unit: str) -> None:
    """Whatever unit a span was given in, its text means the same number of seconds."""
    seconds = parse_span(f"{count}{unit}")
    assert abs(parse_span(span_text(seconds)) - seconds) < 1e-6 * max(1, seconds)


@given(st.text() | st.none() | st.floats() | st.integers() | st.booleans() | st.lists(st.text()))
def test_anything_else_than_a_span_is_refused_by_the_one_error(value: object) -> None:
    """A span is finite and not negative, or it is refused."""
    try:
        seconds = parse_span(value)
    except PydanticCustomError:
        return
    assert 0 <= seconds < float("inf")


@given(
    SCALARS | st.lists(SCALARS) | st.dictionaries(st.text(st.characters(codec="utf-8")), SCALARS)
)
def test_a_value_reads_back_from_its_toml(value: object) -> None:
    """Python's own reader understands what we write."""
    assert tomllib.loads(f"v = {toml_value(value)}")["v"] == value


@given(TABLES)
def test_a_document_reads_back_from_its_toml(document: dict[str, object]) -> None:
    """Tables in tables, odd names and all."""
    assert tomllib.loads(toml_document(document)) == document


@given(
    st.sampled_from(MINIMAL.strip().splitlines()),
    st.sampled_from(["", "x = 1", "[kafka]", "[[source]]", "mapping = 3", "state = []", "= ="]),
)
def test_any_broken_file_is_refused_by_the_one_error(line: str, instead: str) -> None:
    """A line lost or replaced ends in settings or in problems, never in a traceback."""
    with TemporaryDirectory() as directory:
        try:
            loaded(Path(directory), MINIMAL.replace(line, instead))
        except SettingsError as error:
            refused: tuple[Problem, ...] | None = error.problems
        else:
            refused = None
    assert refused is None or refused
    assert all("\n" not in str(problem) for problem in refused or ())
