"""`opt-outs export` and `import` refuse before they speak to anybody."""

from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from connector.cli.main import main
from connector.domain.belief import Belief, OptOutBelief
from connector.domain.ids import LeadId, OutcomeId
from connector.ops.opt_out_file import OptOutFile, written
from connector.planning.digest import Digests
from tests.support.settings_files import MINIMAL, SECRET

KNOWN = {LeadId("7"): Belief(opt_out=OptOutBelief(1, OutcomeId("crm/0/1")))}


def _file(secret: str) -> bytes:
    return b"".join(written(OptOutFile("old", Digests(secret.encode()).sign, KNOWN)))


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Work in a directory with settings and two exports, without variables of ours."""
    monkeypatch.chdir(tmp_path)
    for name in ("CONNECTOR_CONFIG", "CONNECTOR_ACTOR"):
        monkeypatch.delenv(name, raising=False)
    Path("connector.toml").write_text(MINIMAL)
    Path("mine.jsonl").write_bytes(_file(SECRET))
    Path("other.jsonl").write_bytes(_file("another secret"))
    Path("none.jsonl").write_text("7,+12025550101\n")


def _said(capsys: pytest.CaptureFixture[str], code: int, *words: str) -> list[str]:
    assert main(["opt-outs", *words]) == code
    said = capsys.readouterr()
    assert said.out == ""
    return said.err.splitlines()


def test_digests_of_another_secret_recognise_nobody(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 2, and which setting it is."""
    (told,) = _said(capsys, 2, "import", "--file", "other.jsonl")
    assert told.startswith("state.secret: is not that of old, from which the opt-outs come")
    assert SECRET not in told
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(_file("another secret"))))
    assert _said(capsys, 2, "import") == [told]


def test_the_secret_before_will_do_while_it_is_being_changed() -> None:
    """And no other."""
    both = Digests(SECRET.encode(), b"the one before")
    assert both.knows(Digests(b"the one before").sign)
    assert both.knows(Digests(SECRET.encode()).sign)
    assert not both.knows(Digests(b"another secret").sign)


def test_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2, one line, nothing of the content."""
    assert _said(capsys, 2, "import", "--file", "none.jsonl") == [
        "none.jsonl: is no file of `connector opt-outs export`"
    ]
    assert _said(capsys, 2, "import", "--file", "gone.jsonl") == [
        "gone.jsonl: No such file or directory"
    ]
    (told,) = _said(capsys, 2, "export", "--json")
    assert told.startswith("--json: its document would stand among the lines")
