"""`connector report` refuses wrong usage before it speaks to anybody."""

from pathlib import Path

import pytest

from connector.cli.main import main
from tests.support.settings_files import MINIMAL


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Work in a directory with settings, without variables of ours."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CONNECTOR_CONFIG", raising=False)
    Path("connector.toml").write_text(MINIMAL)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--since", "1h", "--until", "2h"], "--until: must be later than --since"),
        (["--since", "1h", "compliance"], "write the options behind `report compliance`"),
        (["compliance", "--lead", " "], "--lead: is none that a lead can have"),
        (["compliance", "--evidence", "nowhere/file"], "--evidence: nowhere/file: No such file or directory"),
    ],
)  # fmt: skip
def test_wrong_usage(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2, one line that says what to write."""
    assert main(["report", *words]) == 2
    said = capsys.readouterr()
    assert said.err.splitlines() == [told]
    assert said.out == ""
