"""What people see of the demo where there is no terminal."""

import json

import pytest

from connector.demo.run import Report
from connector.demo.screen import Screen
from connector.demo.settlement_table import Line
from connector.demo.watching import Tally, Watch


def test_the_proof_is_a_table_that_says_what_disagrees(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Both figures of each line, and whether they agree."""
    lines = [
        Line("contacts inserted", 1_234, 1_234, agree=True),
        Line("numbers", 5, 4, agree=False),
    ]
    Screen(to_errors=False).table(lines)
    rows = [line for line in capsys.readouterr().out.splitlines() if "│" in line]
    assert [[cell.strip() for cell in row.split("│")[1:-1]] for row in rows] == [
        ["contacts inserted", "1,234", "1,234", "yes"],
        ["numbers", "5", "4", "NO"],
    ]


def test_progress_is_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    """Not one for each outcome; the last state is always told."""
    with Screen(to_errors=True).meter() as meter:
        for settled in range(1, 5):
            meter.show(Tally((settled, 4), (1, 1), (0, 0)))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "settled: new leads of the morning 1/4, opt-outs 1/1",
        "settled: new leads of the morning 4/4, opt-outs 1/1",
    ]


def test_the_document_says_as_much_as_the_screen() -> None:
    """It holds the lines, the sum and what an opt-out overtook."""
    lines = (Line("contacts inserted", 1, 1, agree=True), Line("numbers", 5, 4, agree=False))
    told = json.loads(json.dumps(Report(lines, Watch(), 17, 3.14).document()))
    assert told["agree"] is False
    assert told["rows"][1] == {"what": "numbers", "outcomes": 5, "books": 4, "agree": False}
    assert (told["requests"], told["seconds"], told["records"]) == (17, 3.1, 0)
