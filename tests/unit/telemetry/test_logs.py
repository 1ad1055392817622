"""Log lines: one form for ours and the libraries', quiet ones quiet, nothing personal."""

import ast
import io
import json
import logging
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from connector.telemetry.log_lines import LOG_LINES
from connector.telemetry.logs import set_up

ROOT = Path(__file__).parents[3]
NUMBER = "+15555550100"


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    """Read JSON lines back."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_json_lines_have_the_same_fields_for_ours_and_theirs() -> None:
    """Time, level and event stand in every line; a library's names it."""
    stream = io.StringIO()
    set_up("json", "info", stream)
    structlog.get_logger().info("batch.delivered", size=50)
    logging.getLogger("some.library").warning("lost %s", "it")
    ours, theirs = lines(stream)
    assert (ours["event"], ours["level"], ours["size"]) == ("batch.delivered", "info", 50)
    assert (theirs["event"], theirs["level"]) == ("lost it", "warning")
    assert theirs["logger"] == "some.library"
    assert str(ours["timestamp"]).endswith("Z")


def refuse(first: str) -> str:
    """Fail with personal data in a local variable and a number in the text."""
    name = f"{first} Castroviejo"
    if name:
        raise ValueError(f"refused {NUMBER}")
    return name


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_traceback_shows_neither_numbers_nor_local_variables(log_format: str) -> None:
    """What an exception carries is masked, and the values around it are not printed."""
    stream = io.StringIO()
    set_up("json" if log_format == "json" else "text", "info", stream)
    try:
        refuse("Brunhild")
    except ValueError:
        structlog.get_logger().exception("change.failed")
        logging.getLogger("library").exception("failed for %s", NUMBER)
    assert "ValueError" in stream.getvalue()
    assert stream.getvalue().count("<number>") == 3
    assert NUMBER[2:] not in stream.getvalue()
    assert "Brunhild Castroviejo" not in stream.getvalue()


@pytest.mark.parametrize(
    "library",
    ["faust", "aiokafka.cluster", "httpx", "uvicorn.error", "connector.stream.app"],
)
def test_talkative_libraries_are_heard_from_warnings_on(library: str) -> None:
    """Each request and each rebalance would be a line otherwise."""
    stream = io.StringIO()
    set_up("json", "debug", stream)
    logging.getLogger(library).info("GET https://host/path")
    logging.getLogger(library).warning("trouble")
    assert [line["event"] for line in lines(stream)] == ["trouble"]


def test_what_a_library_set_up_for_itself_is_undone() -> None:
    """A level or a handler of its own, such as a server brings along, would go past the log."""
    below, own = logging.getLogger("uvicorn.error"), io.StringIO()
    handler = logging.StreamHandler(own)
    below.addHandler(handler)
    below.setLevel(logging.ERROR)
    below.propagate = False
    stream = io.StringIO()
    set_up("json", "debug", stream)
    below.warning("trouble")
    assert [line["event"] for line in lines(stream)] == ["trouble"]
    assert own.getvalue() == ""


def test_lines_below_the_level_are_not_written() -> None:
    """At `warning` neither ours nor the libraries' `info` is there."""
    stream = io.StringIO()
    set_up("text", "warning", stream)
    structlog.get_logger().info("batch.delivered")
    logging.getLogger("library").info("hello")
    assert not stream.getvalue()


def test_warnings_become_lines() -> None:
    """A deprecation of a library is a line of the log, not loose text."""
    stream = io.StringIO()
    set_up("json", "info", stream)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("old ways", DeprecationWarning, stacklevel=1)
        logging.captureWarnings(capture=False)
    assert "old ways" in stream.getvalue()


LEVELS = {"exception": "error", "warning": "warning", "error": "error", "info": "info"}


def written_events() -> Iterator[tuple[str, str]]:
    """Find each line that the code writes: event and level."""
    for path in (ROOT / "connector").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name("log"), attr=level),
                    args=[ast.Constant(str(event)), *_],
                ):
                    yield event, LEVELS[level]
                case _:
                    continue


def test_every_line_is_documented_and_every_documented_line_is_written() -> None:
    """`docs/signals.md` lists what an operator may read, at its level.

    `platform.throttled` picks its level as it goes.
    """
    documented = {(line.event, line.level) for line in LOG_LINES}
    assert len({event for event, _ in documented}) == len(LOG_LINES)
    assert set(written_events()) == documented - {("platform.throttled", "warning")}
    assert all(re.fullmatch(r"[a-z_]+\.[a-z_]+", line.event) for line in LOG_LINES)
    assert all(line.meaning.endswith(".") for line in LOG_LINES)
