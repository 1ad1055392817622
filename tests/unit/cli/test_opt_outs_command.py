"""`connector opt-outs` refuses before it speaks to anybody: usage first, then a missing --yes."""

from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest

from connector.cli.main import main
from tests.support.settings_files import MINIMAL

LETTER = ("--by", "Ines", "--reason", "letter")
NUMBER = "+12025550101"


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Work in a directory with settings and a file of lines, without variables of ours."""
    monkeypatch.chdir(tmp_path)
    for name in ("CONNECTOR_CONFIG", "CONNECTOR_ACTOR"):
        monkeypatch.delenv(name, raising=False)
    Path("connector.toml").write_text(MINIMAL)
    Path("lines.csv").write_text(f"7,{NUMBER}\n")


def _said(capsys: pytest.CaptureFixture[str], code: int, *words: str) -> list[str]:
    assert main(["opt-outs", *words]) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert NUMBER not in said.err
    return said.err.splitlines()


@pytest.mark.parametrize("words", [("add", "--lead", "7"), ("lift", "7")])
def test_a_person_answers_for_it(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Without --by or --reason, or with empty ones: exit 2, all that is missing at once."""
    by, reason = _said(capsys, 2, *words, "--yes")
    assert by == "--by: missing; say who decides (or $CONNECTOR_ACTOR)"
    assert reason == "--reason: missing; say why"
    assert _said(capsys, 2, *words, "--by", " ", "--reason", "x", "--yes") == [by]
    assert _said(capsys, 2, *words, "--by", "Ines", "--yes") == [reason]


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("add", "--lead", "7"), "1 opt-outs would be entered for good"),
        (("add", "--file", "lines.csv"), "1 opt-outs would be entered for good"),
        (("lift", "7"), "the opt-outs of 1 leads would be lifted"),
    ],
)
def test_without_yes_nothing_is_done(
    words: list[str],
    what: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Exit 4 and what it would do; the variable stands for --by."""
    told = [f"{what}; nothing was done: give --yes"]
    assert _said(capsys, 4, *words, *LETTER) == told
    monkeypatch.setenv("CONNECTOR_ACTOR", "Ines")
    assert _said(capsys, 4, *words, "--reason", "letter") == told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("add", *LETTER), "give one of the lead and --file"),
        (("add", "--lead", "7", "--file", "lines.csv", *LETTER), "give one of the lead and --file"),
        (("add", "--lead", " ", *LETTER), "the lead id is none that a lead can have"),
        (("add", "--file", "none.csv", *LETTER), "none.csv: No such file or directory"),
        (("lift", *LETTER), "give one of the lead and --file"),
        (("lift", "--file", "lines.csv", *LETTER), "a lift is of leads: a line names one, and no number"),
        (("show",), "give one of --lead ID and --number -"),
        (("show", "--number", NUMBER), "a number comes on standard input: `--number -`, never in the words"),
    ],
)  # fmt: skip
def test_wrong_usage(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2, one line, no content."""
    assert _said(capsys, 2, *words) == [told]


def test_lines_on_standard_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`-` reads them there; what is wrong is named by its line."""
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(f"7,{NUMBER}\na,b,c\n".encode())))
    told = _said(capsys, 2, "add", "--file", "-", *LETTER, "--yes")
    assert told == ["standard input: line 2 has 3 cells; lead_id,number are two"]


def test_a_number_that_is_none(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stood on standard input is not repeated."""
    monkeypatch.setattr("sys.stdin", StringIO("12\n"))
    told = _said(capsys, 2, "show", "--number", "-")
    assert told == ["standard input: is no number that can be dialled"]
