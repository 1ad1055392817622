"""The file by which opt-outs move: what it holds, and what is refused of it."""

from dataclasses import replace

import orjson
import pytest
from hypothesis import given

from connector.domain.belief import Belief
from connector.domain.ids import LeadId, PhoneNumber
from connector.ops.opt_out_file import OptOutFile, UnusableFileError, read, written
from connector.planning.digest import Digests
from connector.planning.moved import moved
from tests.support.stored_values import beliefs

SIGN = Digests(b"secret").sign


def _bytes(leads: dict[LeadId, Belief]) -> bytes:
    return b"".join(written(OptOutFile("a", SIGN, leads)))


@given(beliefs)
def test_what_is_written_is_read(belief: Belief) -> None:
    """Every opt-out and lift that can move, and the same bytes each time."""
    known = moved(_digested(belief), lambda _: "crm")
    leads = {LeadId("2"): known, LeadId("1"): Belief()}
    file = read(_bytes(leads), "f")
    assert (file.application, file.secret, file.leads) == ("a", SIGN, leads)
    assert _bytes(dict(reversed(leads.items()))) == _bytes(leads)


def _digested(belief: Belief) -> Belief:
    """Return *belief* with digests in place of any text."""
    opt_out = belief.opt_out
    if opt_out is None:
        return belief
    digests = Digests(b"secret")
    made = {(dnc, digests.number(dnc, PhoneNumber(text))) for dnc, text in opt_out.blocked}
    return replace(belief, opt_out=replace(opt_out, blocked=frozenset(made)))


def _refused(data: bytes) -> tuple[str, ...]:
    with pytest.raises(UnusableFileError) as unusable:
        read(data, "f")
    return unusable.value.problems


HEAD = orjson.loads(_bytes({}))
LINE = {
    "lead": "1",
    "opt_out": {"since": 1, "by": "crm/0/1", "marks": [], "blocked": {"d": ["a" * 20]}},
    "lift": {"at": 2, "covers": []},
}


def _lines(*lines: object) -> bytes:
    return b"\n".join(orjson.dumps(each) for each in lines)


@pytest.mark.parametrize("data", [b"", b"\xff", b"[]", b"{}", b"4711,+12025550101", b'{"kind":1}'])
def test_another_file_is_none_of_ours(data: bytes) -> None:
    """Its content is not repeated."""
    assert _refused(data) == ("f: is no file of `connector opt-outs export`",)


def test_another_version_says_so() -> None:
    """The text says what to do."""
    (told,) = _refused(_lines(HEAD | {"version": 2}))
    assert told.startswith("f: is in form 2; this version reads 1: use the version")


def test_a_file_that_was_cut_short_is_no_file() -> None:
    """Neither within a line nor between two."""
    whole = _lines(HEAD | {"leads": 2}, LINE, LINE | {"lead": "2"})
    assert len(read(whole, "f").leads) == 2
    (told,) = _refused(_lines(HEAD | {"leads": 2}, LINE))
    assert told == "f: has 1 leads, its first line says 2: export anew"
    assert _refused(whole[:-5]) == ("f: line 3 is damaged",)
    assert _refused(_lines(HEAD | {"leads": 2}, LINE, LINE)) == (
        "f: line 3 has a lead of an earlier line",
    )


@pytest.mark.parametrize(
    "change",
    [
        {"lead": ""},
        {"lead": 1},
        {"opt_out": {}},
        {"opt_out": []},
        {"opt_out": LINE["opt_out"] | {"since": "1"}},  # type: ignore[operator]
        {"opt_out": LINE["opt_out"] | {"since": True}},  # type: ignore[operator]
        {"opt_out": LINE["opt_out"] | {"blocked": {"d": ["+12025550101"]}}},  # type: ignore[operator]
        {"opt_out": LINE["opt_out"] | {"marks": [{"topic": "t"}]}},  # type: ignore[operator]
        {"lift": {"at": 1, "covers": 7}},
    ],
)
def test_a_damaged_line_is_named(change: dict[str, object]) -> None:
    """All of them at once, twenty at most; a number in the place of a digest is damage too."""
    assert _refused(_lines(HEAD | {"leads": 1}, LINE | change)) == ("f: line 2 is damaged",)


def test_many_damaged_lines_are_counted() -> None:
    """A person sees enough."""
    told = _refused(_lines(HEAD | {"leads": 30}, *[{}] * 30))
    assert (len(told), told[-1]) == (21, "and 10 more")
