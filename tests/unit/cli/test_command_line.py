"""The command line without an environment: usage, settings, forms of output, exit codes."""

import json
import tomllib
from pathlib import Path

import pytest

from connector import __version__
from connector.cli.main import main
from connector.settings.example import example
from connector.settings.reference import reference
from tests.support.settings_files import MINIMAL, SECRET


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Work in an empty directory without variables of ours."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CONNECTOR_CONFIG", raising=False)


def settings_file(text: str = MINIMAL) -> str:
    """Write a settings file; give its name."""
    Path("my.toml").write_text(text)
    return "my.toml"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["bogus"], "No such command 'bogus'. (see connector --help)"),
        (["run", "--bogus"], "No such option: --bogus (see connector --help)"),
        (["topics", "destroy"], "No such command 'destroy'. (see connector --help)"),
        (["run", "--config"], "Option '--config' requires an argument. (see connector --help)"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(
    words: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person sees what is wrong, a script sees 2, and nothing is on standard output."""
    assert main(words) == 2
    said = capsys.readouterr()
    assert said.err.splitlines() == [line]
    assert said.out == ""


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Every command of this issue stands in it."""
    assert main([]) == 2
    help_text = capsys.readouterr().err
    assert main(["--help"]) == 0
    assert capsys.readouterr().out.strip() == help_text.strip()
    for name in ("demo", "check", "run", "topics", "schema", "simulator", "config"):
        assert f"\n  {name} " in help_text


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """`connector --version` needs no file."""
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"connector {__version__}\n"


@pytest.mark.parametrize("words", [["run"], ["check"], ["topics", "create"], ["config", "show"]])
def test_every_problem_of_the_settings_is_a_line(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Three mistakes are three lines with their paths, whatever the command; none shows a value."""
    text = MINIMAL.replace("client_id", "client_ids").replace('"flat"', '"fat"')
    text = text.replace('dnc_list = "dnc-1"', "")
    assert main([*words, "--config", settings_file(text)]) == 2
    said = capsys.readouterr()
    paths = [line.split(":")[0] for line in said.err.splitlines()]
    assert paths == ["source.envelope", "genesys.client_ids", "lists.default.dnc_list"]
    assert SECRET not in said.err + said.out
    assert said.out == ""


def test_a_check_tells_unusable_settings_as_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    """One document on standard output, the lines on standard error, exit 2."""
    name = settings_file(MINIMAL.replace('client_id = "client"', "wrong = 1"))
    assert main(["check", "--json", "--config", name]) == 2
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    assert {each["name"] for each in told["checks"]} == {"settings"}
    assert [each["level"] for each in told["checks"]] == ["fail", "fail"]
    assert any("genesys.client_id: " in each["detail"] for each in told["checks"])


def test_a_file_that_is_missing_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a file the line says which one was looked for, and what to do."""
    assert main(["check"]) == 2
    assert capsys.readouterr().err.startswith("connector.toml: no such file")


@pytest.mark.parametrize(
    "words",
    [
        ["--config", "my.toml", "--json", "config", "show"],
        ["config", "--config", "my.toml", "--json", "show"],
        ["config", "show", "--config", "my.toml", "--json"],
        ["--config", "other.toml", "config", "show", "--json", "--config", "my.toml"],
    ],
)
def test_options_stand_before_or_behind_the_command(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """`--config` and `--json` are the same everywhere; the one nearest to the end wins."""
    settings_file()
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["genesys"]["client_id"] == "client"
    assert SECRET not in str(told)


def test_the_settings_in_force_are_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As TOML, with what the environment says, secrets masked; the file by its variable."""
    monkeypatch.setenv("CONNECTOR_CONFIG", settings_file())
    monkeypatch.setenv("CONNECTOR_APPLY__BATCH_SIZE", "77")
    assert main(["config", "show"]) == 0
    text = capsys.readouterr().out
    assert tomllib.loads(text)["apply"]["batch_size"] == 77
    assert SECRET not in text


@pytest.mark.parametrize(
    ("name", "form", "written"),
    [("example", "toml", example()), ("reference", "markdown", reference())],
)
def test_the_example_and_the_reference_need_no_file(
    name: str, form: str, written: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both are written as they are, or as one document."""
    assert main(["config", name]) == 0
    assert capsys.readouterr().out.strip() == written.strip()
    assert main(["config", name, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {form: written}


def test_a_bad_seed_of_the_simulator_is_told_line_by_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own file, not `$CONNECTOR_CONFIG`; every problem, exit 2."""
    monkeypatch.setenv("CONNECTOR_CONFIG", settings_file())
    Path("seed.toml").write_text('[[clients]]\nclient_id = "x"\nsecret = "y"\n')
    assert main(["simulator", "--port", "0", "--config", "seed.toml"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert all(line.startswith("clients.0.") for line in said)
    assert main(["simulator", "--config", "nowhere.toml"]) == 2
    assert "nowhere.toml: cannot be read" in capsys.readouterr().err


def test_a_bug_ends_with_1_and_a_traceback_in_the_log(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody expected is told whole, without what looks personal."""

    def broken(*_: object) -> object:
        raise ZeroDivisionError("for +15555550100")

    monkeypatch.setattr("connector.cli.options.load", broken)
    assert main(["config", "show"]) == 1
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert "ZeroDivisionError: for <number>" in said


def test_an_interrupted_command_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C is no failure."""

    def interrupted(*_: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr("connector.cli.options.load", interrupted)
    assert main(["config", "show"]) == 130
