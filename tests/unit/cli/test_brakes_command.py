"""`connector brakes` refuses before it speaks to anybody: unknown names, nobody who decides."""

from pathlib import Path

import pytest

from connector.cli.main import main
from tests.support.settings_files import MINIMAL

INES = ("--by", "Ines")


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Work in a directory with settings, without variables of ours."""
    monkeypatch.chdir(tmp_path)
    for name in ("CONNECTOR_CONFIG", "CONNECTOR_ACTOR"):
        monkeypatch.delenv(name, raising=False)
    Path("connector.toml").write_text(MINIMAL)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("pull", "insert", *INES), "there is no brake insert; did you mean inserts?"),
        (
            ("pull", "everything", *INES),
            "there is no brake everything; known are inserts, updates, deletes, writes",
        ),
        (
            ("pull", "dead_letters", *INES),
            "there is no brake dead_letters; known are inserts, updates, deletes, writes",
        ),
        (
            ("pull", "writes", "--list", "defaults", *INES),
            "there is no list defaults; did you mean default?",
        ),
        (
            ("release", "dead_leters", *INES),
            "there is no brake dead_leters; did you mean dead_letters?",
        ),
        (("release", "--scope", "al", *INES), "there is no scope al; did you mean all?"),
    ],
)
def test_what_cannot_be_meant_is_one_line_and_exit_2(
    words: tuple[str, ...], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the nearest right name, and nothing on standard output."""
    assert main(["brakes", *words]) == 2
    said = capsys.readouterr()
    assert said.err.splitlines() == [line]
    assert said.out == ""


def test_nothing_to_pull_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """A brake must be named: `pull` alone stops nothing."""
    assert main(["brakes", "pull", *INES]) == 2
    assert "BRAKE" in capsys.readouterr().err
