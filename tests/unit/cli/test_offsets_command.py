"""`connector offsets` refuses wrong usage before it speaks to anybody."""

from pathlib import Path

import pytest

from connector.cli.main import main
from tests.support.settings_files import MINIMAL

ONE_WAY = "give one of --earliest, --latest, --since and --from"


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Work in a directory with settings, without variables of ours."""
    monkeypatch.chdir(tmp_path)
    for name in ("CONNECTOR_CONFIG", "CONNECTOR_ACTOR"):
        monkeypatch.delenv(name, raising=False)
    Path("connector.toml").write_text(MINIMAL)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["reset"], ONE_WAY),
        (["reset", "--earliest", "--latest"], ONE_WAY),
        (["reset", "--since", "1h", "--from", "crm.leads/0/1"], ONE_WAY),
        (["reset", "--since", "noon"], "--since: must be RFC 3339 with a zone, such as 2026-01-31T12:00:00Z, or a span such as 2h"),
        (["reset", "--from", "0/1"], "--from: must be TOPIC/PARTITION/OFFSET, such as crm.leads/0/1500"),
        (["reset", "--latest", "--topic", "x"], "--topic: x is none that can be named here; those are crm.leads"),
        (["reset", "--latest", "--topic", "lead-connector.opt-outs"], "--topic: lead-connector.opt-outs is none that can be named here; those are crm.leads"),
        (["show", "--topic", "x"], "--topic: x is none that can be named here; those are crm.leads, lead-connector.lead-changes, lead-connector.opt-outs"),
    ],
)  # fmt: skip
def test_wrong_usage(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2, one line that says what to write."""
    assert main(["offsets", *words]) == 2
    said = capsys.readouterr()
    assert said.err.splitlines() == [told]
    assert said.out == ""
