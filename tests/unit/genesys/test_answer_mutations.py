"""Every line of the classifier is held by a case: break one in memory, and the cases see it.

The cases stand in a file of their own and know nothing of the lines.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from connector.genesys import answers
from connector.genesys.answers import TABLE, Line, classify
from tests.support.answer_cases import MEANINGS, AnswerCase, answer_cases

Mutant = tuple[Line, ...]

LINES = range(len(TABLE))


@cache
def _cases() -> tuple[AnswerCase, ...]:
    return answer_cases()


def _seen(mutant: Mutant, monkeypatch: pytest.MonkeyPatch, *touched: Line) -> bool:
    """Say whether the table of cases goes red; those that a *touched* line takes come first."""
    monkeypatch.setattr(answers, "TABLE", mutant)
    near = [case for case in _cases() if any(_takes(line, case) for line in touched)]
    return any(_differs(case) for case in near)


def _takes(line: Line, case: AnswerCase) -> bool:
    return line.matches(case.call, case.status, case.code, readable=case.readable)


def _differs(case: AnswerCase) -> bool:
    try:
        found = classify(case.call, case.status, case.code, case.after, readable=case.readable)
    except ValueError:
        return True
    return found != case.means


def _with(at: int, *lines: Line) -> Mutant:
    return (*TABLE[:at], *lines, *TABLE[at + 1 :])


def _other_meanings(line: Line) -> Iterator[tuple[str, Line]]:
    """Yield *line* with each meaning that is not its own."""
    for word, means in MEANINGS.items():
        if means("code", 7.0) != line.means("code", 7.0):
            yield word, replace(line, means=means)


def test_the_cases_are_green_before_anything_is_broken() -> None:
    """Else a mutation would be seen by an error that was there before."""
    assert not [case for case in _cases() if _differs(case)]


@pytest.mark.parametrize("at", LINES)
def test_another_class_in_a_line_is_seen(at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line with each other class, and an environment with each other reason."""
    mutants = list(_other_meanings(TABLE[at]))
    assert len(mutants) == len(MEANINGS) - 1
    unseen = [word for word, line in mutants if not _seen(_with(at, line), monkeypatch, TABLE[at])]
    assert not unseen, TABLE[at]


@pytest.mark.parametrize("at", LINES)
def test_a_line_that_is_missing_is_seen(at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """No line can go without a case that tells."""
    assert _seen(_with(at), monkeypatch, TABLE[at]), TABLE[at]


@pytest.mark.parametrize("at", LINES)
def test_a_call_or_a_code_that_a_line_lost_is_seen(
    at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line narrowed by one call or by one of its codes."""
    line = TABLE[at]
    narrower = [replace(line, calls=line.calls - {call}) for call in line.calls]
    if len(line.codes) > 1:
        narrower += [
            replace(line, codes=tuple(each for each in line.codes if each != lost))
            for lost in line.codes
        ]
    unseen = [each for each in narrower if not _seen(_with(at, each), monkeypatch, line)]
    assert not unseen


def test_a_line_before_its_neighbour_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where two neighbours take the same answer, their order matters and is held by a case.

    Two that share no answer of the cases may stand in any order.
    """
    held = []
    for at in LINES[:-1]:
        first, second = TABLE[at : at + 2]
        swapped = (*TABLE[:at], second, first, *TABLE[at + 2 :])
        if _overlap(first, second):
            assert _seen(swapped, monkeypatch, first, second), (first, second)
            held.append(at)
        else:
            assert not _seen(swapped, monkeypatch, first, second)
    assert held


def _overlap(first: Line, second: Line) -> bool:
    """Say whether some answer is taken by both lines and means another thing by each."""
    return (
        bool(first.calls & second.calls)
        and max(first.first, second.first) <= min(first.last, second.last)
        and (None in (first.readable, second.readable) or first.readable == second.readable)
        and (not first.codes or not second.codes or bool(set(first.codes) & set(second.codes)))
        and first.means("code", 7.0) != second.means("code", 7.0)
    )
