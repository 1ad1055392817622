"""The one table of answers: every call, status and code (design.md section 6)."""

from typing import get_args

import pytest

from connector.genesys.answer import Answer, Environment, Unavailable, Unclear
from connector.genesys.answers import classify, classify_broken
from connector.genesys.answers_page import WORDS, page
from connector.genesys.call import Call
from connector.planning.gates import GateReason
from tests.support.answer_cases import MEANINGS, answer_cases, rows
from tests.unit.test_architecture import ROOT


def test_every_answer_means_what_the_table_of_cases_says() -> None:
    """Each combination of call, status, code and `Retry-After`, one by one."""
    wrong = {
        (case.call, case.status, case.code, case.after, case.readable): (found, case.means)
        for case in answer_cases()
        if (
            found := classify(
                case.call, case.status, case.code, case.after, readable=case.readable
            )
        )
        != case.means
    }
    assert not wrong


def test_the_table_of_cases_has_a_cell_for_every_call() -> None:
    """A new call is not there until each of its answers was thought of."""
    (_status, _code, *calls), *body = rows()
    assert calls == [str(call) for call in Call]
    assert {len(row) for row in body} == {2 + len(calls)}
    named = [row[:2] for row in body]
    assert len(named) == len(set(named))


def test_the_table_of_cases_reaches_every_class_and_every_reason() -> None:
    """No member of the closed union goes untested, and no word of the table is unused."""
    reached = [case.means for case in answer_cases()]
    assert {type(answer) for answer in reached} == set(get_args(Answer)) == set(WORDS)
    reasons = {answer.reason for answer in reached if isinstance(answer, Environment)}
    assert reasons == set(GateReason)
    used = {word for row in list(rows())[1:] for word in row[2:]} | {"applied"}
    assert used == set(MEANINGS)


@pytest.mark.parametrize("status", [-1, 1000])
def test_what_is_no_status_is_a_bug(status: int) -> None:
    """The client hands in three digits; anything else must not pass for an outage."""
    with pytest.raises(ValueError, match="three digits"):
        classify(Call.LIST, status, None, None, readable=False)


def test_a_broken_connection_is_in_doubt_only_after_sending() -> None:
    """What never left was not done."""
    assert classify_broken(sent=False) == Unavailable()
    assert classify_broken(sent=True) == Unclear()


def test_the_page_is_fresh() -> None:
    """`docs/answers.md` is what the table says today; the page says how to write it."""
    assert (ROOT / "docs" / "answers.md").read_text(encoding="utf-8") == page()
