"""`connector schema check` and `register`, against a registry over a socket."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.cli.main import main
from connector.registry.own_schemas import OUTCOME, schema_text
from tests.support.schema_registry import SchemaRegistry, schema_registry
from tests.support.settings_files import MINIMAL

SUBJECT = "lead-connector.outcomes-value"
OURS = schema_text(OUTCOME)
OTHER = OURS.replace('"name":"attempts","type":"int"', '"name":"attempts","type":"string"')


@pytest.fixture
def registry() -> Iterator[SchemaRegistry]:
    """A registry with empty books."""
    with schema_registry() as running:
        yield running


@pytest.fixture
def words(tmp_path: Path, registry: SchemaRegistry) -> list[str]:
    """Options that name a settings file with that registry."""
    path = tmp_path / "connector.toml"
    path.write_text(MINIMAL + f'[registry]\nurl = "{registry.url}"\n')
    return ["--config", str(path)]


def _documents(capsys: pytest.CaptureFixture[str]) -> object:
    said = capsys.readouterr()
    assert said.err == ""
    documents: object = json.loads(said.out)
    return documents


def test_check_register_check(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Missing is a note and exit 0; registered is version 1; a second time changes nothing."""
    missing = {"subject": SUBJECT, "version": None, "compatible": True, "registered": False}
    registered = {"subject": SUBJECT, "version": 1, "compatible": True, "registered": True}
    assert main(["schema", "check", "--json", *words]) == 0
    assert _documents(capsys) == [missing]
    for command in ("register", "register", "check"):
        assert main(["schema", command, "--json", *words]) == 0
        assert _documents(capsys) == [registered]


def test_people_read_what_to_do(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each schema, with the next command where one is needed."""
    assert main(["schema", "check", *words]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"schema {SUBJECT}: not registered yet; ")
    assert "`connector schema register`" in line


def test_incompatible_is_exit_3(
    registry: SchemaRegistry, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """`check` says so in its document, `register` in a line; neither registers."""
    registry.books.register(SUBJECT, OTHER)
    assert main(["schema", "check", "--json", *words]) == 3
    found = {"subject": SUBJECT, "version": None, "compatible": False, "registered": False}
    assert _documents(capsys) == [found]
    assert main(["schema", "register", *words]) == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert SUBJECT in said.err
    assert len(registry.books.versions[SUBJECT]) == 1


def test_a_registry_that_is_away_is_exit_3(
    registry: SchemaRegistry, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """One line that names its address."""
    registry.stop()
    assert main(["schema", "check", *words]) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(registry.url)


def test_without_a_registry_there_is_nothing_to_ask(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The settings lack a section: exit 2 and its path."""
    path = tmp_path / "connector.toml"
    path.write_text(MINIMAL)
    assert main(["schema", "register", "--config", str(path)]) == 2
    assert capsys.readouterr().err == "registry: missing; schemas are kept in a registry\n"
